"""Follow-ups that name a thing, or a modifier, which replaces the one most like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.questions.replacement import find_phrases, put_between, strip_function_words

_LIKE = 0.4  # cosine from which two phrases are things of one kind, such as "rice" and "salad"
_NEARLY = 0.75  # of the best cosine: the longest phrase around that is as near is replaced
# A noun that the previous question names is left out behind its new modifier.
_LEFT_OUT = {
    "en": r"(?:(?:an?|the|some)\s+)?(?P<what>\S+(?: \S+)?) ones?",
    "de": r"(?:eine?[mnrs]?|der|die|das|den|dem)\s+(?P<what>[a-zäöüß]+)",  # nouns have capitals
}
_ARTICLE = re.compile(r"\b(?:an?|the|my|our|your|eine?[mnrs]?|der|die|das|den|dem)\s+\Z", re.I)
_INDEFINITE = re.compile(r"\ban?(?=\s+\Z)")
_WORD = re.compile(r"\S+")

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""Returns how near by meaning each of some texts is to a text: the cosines."""


def replace_alike(
    before: str, fragment: str, language: str, likeness: Likeness | None
) -> str | None:
    """Return the previous question with the thing replaced that is of the fragment's kind.

    "And wine?" replaces the beer of "How many beers does a German drink?".
    """
    thing = strip_function_words(fragment, language)
    spans = list(find_phrases(before, language))
    if likeness is None or not thing or not spans:
        return None
    near = likeness(thing, [before[start:end] for start, end in spans])
    best = max(near)
    if best < _LIKE:
        return None
    first, last = spans[near.index(best)]
    around = [
        (start, end)
        for (start, end), value in zip(spans, near, strict=True)
        if start <= first and last <= end and value >= _NEARLY * best
    ]
    start, end = max(around, key=lambda span: span[1] - span[0])
    return put_between(before[:start], thing, before[end:])


def replace_modifier(
    before: str, fragment: str, language: str, likeness: Likeness | None
) -> str | None:
    """Return the previous question with another modifier of a noun: "and a double one?".

    It replaces the one that is most like it: the single of "What does a single room cost?".
    Modifiers behind an article come first. None if the fragment leaves out no noun, or the previous
    question has no noun with a modifier.
    """
    left_out = re.fullmatch(_LEFT_OUT.get(language, r"(?!)"), fragment)
    spans = _find_modifiers(before, language)
    if left_out is None or likeness is None or not spans:
        return None
    what = left_out["what"]
    near = likeness(what, [before[start:end] for start, end in spans])
    start, end = spans[near.index(max(near))]
    article = re.match(r"an?\b", fragment)
    opening = _INDEFINITE.sub(article.group() if article else r"\g<0>", before[:start])
    return opening + what + before[end:]


def _find_modifiers(text: str, language: str) -> list[tuple[int, int]]:
    """Return the spans of the words before the last one of each phrase of several words."""
    spans = []
    for start, end in find_phrases(text, language):
        words = [word.end() for word in _WORD.finditer(text[start:end])]
        if len(words) > 1:
            spans.append((start, start + words[-2]))
    behind_article = [span for span in spans if _ARTICLE.search(text[: span[0]])]
    return behind_article or spans
