"""Finds the sources that support a sentence of a chat model, whether it cites them or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.claims import SUPPORT, Likeness, Source, Verdict, check_claim, estimate_support
from rag.generation.context import Context

_TRIED = 3  # sources beside the cited ones that are checked


@dataclass(frozen=True, slots=True)
class Attribution:
    """The source numbers that support a claim, none if it is unsupported, and the verdict."""

    numbers: tuple[int, ...]
    verdict: Verdict


def attribute(
    claim: str,
    cited: Sequence[int],
    context: Context,
    likeness: Likeness,
    language: str,
    support: float = SUPPORT,
) -> Attribution:
    """Return the sources of a claim: the cited ones if they support it, else others that do.

    `support` is how strict the check is; see `check_claim`.
    The most similar sources are tried alone, items of a list before the sentence that announces it,
    and then the two best together.
    """
    sources = [
        Source(item.readable, context.before(number), item.title)
        for number, item in enumerate(context.sentences, 1)
    ]

    def check(numbers: Sequence[int]) -> Attribution:
        chosen = [sources[number - 1] for number in numbers]
        spoken = {context.sentences[number - 1].language for number in numbers} - {language}
        known = min(spoken) if spoken else language
        return Attribution(tuple(numbers), check_claim(claim, chosen, likeness, known, support))

    if not sources:
        return Attribution((), check_claim(claim, (), likeness, language, support))
    tried = [check(cited)] if cited else []
    if tried and tried[0].verdict.supported:
        return tried[0]
    ranked = sorted(
        range(1, len(sources) + 1),
        key=lambda number: -estimate_support(claim, sources[number - 1], likeness, language),
    )
    leads = frozenset(context.leads.values())
    # The sentence that announces a list has many words of a claim about one of its items.
    for number in sorted(ranked[:_TRIED], key=lambda n: sources[n - 1].sentence in leads):
        if [number] == list(cited):
            continue
        # Not the one with the highest logit: the sentence before a source is read with it.
        tried.append(check([number]))
        if tried[-1].verdict.supported:
            return tried[-1]
    if len(ranked) > 1:
        both = check(sorted(ranked[:2]))
        if both.verdict.supported:
            return both
    # Nothing supports the claim: return the verdict of the most similar source.
    closest = next((each for each in tried if each.numbers == (ranked[0],)), tried[0])
    return Attribution((), closest.verdict)
