"""Precision and recall of the claim check: `python -m benchmarks.claims [FILE]`.

FILE has one JSON object per line: `source` (a sentence or a list of them), `claim`, `supported`
(true or false) and, if wanted, `before` (the sentence before the first source). The last line
printed is a JSON object: `caught` is the share of unsupported claims that the check finds
unsupported, `passed` the share of supported ones that it accepts. Without FILE, the pairs of this
benchmark are measured.

`claims.txt` was written for this benchmark. Each line has a source sentence and claims that follow
from it. In lines that start with ``~``, the claims are paraphrased freely. False claims are made
from each true claim in up to five ways: a number, a name or the first word is changed, the claim is
negated, or it cites another source. `adversarial.jsonl` has false claims of kinds that are hard to
catch, and honest paraphrases; `paraphrases.jsonl` has more of both, on other topics. The rules of
`rag.claims` were improved with these pairs, so the results describe the check on known data;
results on new data may be worse. Only the last 36 pairs of `paraphrases.jsonl` were written after
the rules.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import Encoder, load_encoder
from rag.claims import Source, check_claim
from rag.generation.writing import make_likeness

FILE = Path(__file__).with_name("claims.txt")
ADVERSARIAL = Path(__file__).with_name("adversarial.jsonl")
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")

_FREE = "~"
_NUMBER = re.compile(r"\d[\d,]*")
_NUMBER_WORDS = "two three four five seven eight nine eleven".split()
_VERB = re.compile(r"\b(?:was|were|is|are|has|have|had|can|could|would|will|may)\b")
_PAST = re.compile(r"\b(?:\w{3,}ed|led|won|lost|sold|bought|wrote|shot|lent|made|died|took|grew)\b")
_NAME = re.compile(r"\b[A-Z][a-z]+\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and the sentence that it cites.

    `kind` is "true", or says how the claim was made false. `free` marks a free paraphrase. `line`
    is the line in the file, from 0.
    """

    claim: str
    source: str
    kind: str
    free: bool
    line: int


def read_pairs(file: Path = FILE) -> list[Pair]:
    """Return the true pairs of a file, and the false pairs made from them."""
    lines = file.read_text("utf-8").splitlines()
    rows = [line.removeprefix(_FREE).split("|") for line in lines]
    pairs = []
    for number, (source, *told) in enumerate(rows):
        elsewhere = [row[0] for row in rows[number + 1 :] + rows[:number]]
        for which, claim in enumerate(told):
            made = [("true", claim, source), ("other source", claim, elsewhere[which])]
            made += [(kind, false, source) for kind, false in _corrupt(claim, source, elsewhere)]
            free = lines[number].startswith(_FREE)
            pairs += [Pair(said, cited, kind, free, number) for kind, said, cited in made]
    return pairs


def _corrupt(claim: str, source: str, elsewhere: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield false versions of a claim: what was changed, and the text."""
    if number := _NUMBER.search(claim):
        figure = int(number.group().rstrip(",").replace(",", ""))
        yield "number", claim.replace(number.group().rstrip(","), str(figure + 3), 1)
    elif word := re.search(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", claim):
        after = _NUMBER_WORDS[_NUMBER_WORDS.index(word.group()) - 1]
        yield "number", claim[: word.start()] + after + claim[word.end() :]
    names = {name for name in _NAME.findall(source[1:]) if name in claim}
    others = [name for text in elsewhere for name in _NAME.findall(text[1:])]
    if names:
        new = next(name for name in others if name not in source)
        yield "name", re.sub(rf"\b{max(names)}\b", new, claim)
    first, _, rest = claim.partition(" ")
    if first in source[1:] and first in names:
        other = next(name for name in others if name not in source)
        yield "first word", f"{other} {rest}"
    if verb := _VERB.search(claim):
        yield "negation", f"{claim[: verb.end()]} not{claim[verb.end() :]}"
    elif past := _PAST.search(claim):
        yield "negation", f"{claim[: past.start()]}never {claim[past.start() :]}"


def find_unsupported(pairs: Sequence[Pair], encoder: Encoder) -> list[bool]:
    """Return for each pair whether the check finds its claim unsupported."""
    likeness = make_likeness(encoder, list(dict.fromkeys(pair.source for pair in pairs)))
    return [not check_claim(p.claim, [Source(p.source)], likeness).supported for p in pairs]


def print_claims(encoder: Encoder) -> None:
    """Print how many claims of each kind are found unsupported, and the effect of the limit."""
    pairs = read_pairs()
    found = find_unsupported(pairs, encoder)
    print("claims found unsupported:")
    for kind, free in dict.fromkeys((pair.kind, pair.free) for pair in pairs):
        kin = [
            mark for p, mark in zip(pairs, found, strict=True) if (p.kind, p.free) == (kind, free)
        ]
        print(f"  {kind + (', paraphrased' if free else ''):32} {sum(kin)} of {len(kin)}")
    right = sum(mark and pair.kind != "true" for pair, mark in zip(pairs, found, strict=True))
    false = sum(pair.kind != "true" for pair in pairs)
    print(f"  precision {right / sum(found):.3f}, recall {right / false:.3f}")
    for file in (ADVERSARIAL, PARAPHRASES):
        _print_kinds(file, encoder)


def _print_kinds(file: Path, encoder: Encoder) -> None:
    """Print the same for the false claims and the honest paraphrases of a file, by kind."""
    pairs = read_labelled(file)
    print(f"{file.name}:")
    for supported, what in ((False, "false claims caught"), (True, "paraphrases passed")):
        mine = [pair for pair in pairs if pair.supported == supported]
        print(f"{what}:")
        for kind in [*dict.fromkeys(pair.kind for pair in mine), ""]:
            kin = [pair for pair in mine if kind in ("", pair.kind)]
            right = sum(is_accepted(pair, encoder) == supported for pair in kin)
            print(f"  {kind or 'all':32} {right} of {len(kin)}")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim of a file with its sources, and whether they support it."""

    claim: str
    sources: tuple[Source, ...]
    supported: bool
    kind: str = ""


def read_labelled(file: Path) -> list[Labelled]:
    """Read a file of JSON lines. Raises `ValueError`, which names the line, if one is malformed."""
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            told = fields["source"]
            sentences = [told] if isinstance(told, str) else list(told)
            before = [fields.get("before") or "", *[""] * len(sentences)]
            kind = str(fields.get("kind", ""))
            sources = tuple(map(Source, sentences, before))
            found.append(Labelled(str(fields["claim"]), sources, bool(fields["supported"]), kind))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{file}, line {number}: not an object with source, claim and supported ({error!r})"
            ) from error
    return found


def is_accepted(pair: Labelled, encoder: Encoder) -> bool:
    """Whether the check finds the claim of a pair supported."""
    likeness = make_likeness(encoder, [source.sentence for source in pair.sources])
    return check_claim(pair.claim, pair.sources, likeness).supported


def measure_labelled(pairs: Sequence[Labelled], encoder: Encoder) -> dict[str, float | None]:
    """Return the share of unsupported claims caught and of supported ones passed."""
    verdicts: dict[bool, list[bool]] = {True: [], False: []}
    for pair in pairs:
        verdicts[pair.supported].append(is_accepted(pair, encoder) == pair.supported)
    caught, passed = (
        round(sum(verdicts[label]) / len(verdicts[label]), 4) if verdicts[label] else None
        for label in (False, True)
    )
    return {"caught": caught, "passed": passed}


def main() -> None:
    """Measure the file of the command line, or the benchmark's own pairs."""
    if len(sys.argv) < 2:
        print_claims(load_encoder())
        return
    try:
        pairs = read_labelled(Path(sys.argv[1]))
    except (OSError, ValueError) as error:
        sys.exit(f"benchmarks.claims: {error}")
    print(json.dumps(measure_labelled(pairs, load_encoder())))


if __name__ == "__main__":
    main()
