"""A source in the words of a claim, where it is certain that both say the same.

The entailment model does not see that "two weeks" are "14 days", or that what is "closed" is "not
open". So it reads the source with the claim's own words. Only what rules can compare is restated;
whether the rest says the same is left to the model.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.claims.implied import find_implied
from rag.claims.lexicon import complements
from rag.claims.types import Source
from rag.claims.words import find_terms, split_words
from rag.quantities import find_quantities, find_unmatched, write_in_digits

_NOT = r"\b(?:(?:did |do |does )?not|never) ((?:\w+ ){0,2}?)"  # before what it denies
_SHORT_NOT = re.compile(r"\b(?:(can)(?:not|['\u2019]t)|(\w+)n['\u2019]t)\b", re.IGNORECASE)
_NO = re.compile(r"no\b", re.IGNORECASE)
# A sentence about all of some things: "Dogs are not allowed".
_DENIED_OF_ALL = re.compile(
    r"(?P<who>[A-Z][a-z]+s) (?P<verb>are|were|may|can|must|do|did|have) (?:not|never)\b"
)


def restate(source: Source, claim: str) -> Source:
    """Return a source that says the same in words of an English claim; itself if none differ."""
    sentence = source.sentence
    for rewrite in (_add_quantities, _exchange_opposites, _deny_all):
        sentence = rewrite(sentence, claim)
    return source if sentence == source.sentence else replace(source, sentence=sentence)


def _add_quantities(sentence: str, claim: str) -> str:
    """Add the claim's notation of a quantity: "24 months (2 years)", "half (50 percent)"."""
    asked = [each for each in find_quantities(claim) if each.unit]
    if not asked:
        return sentence
    written = find_quantities(sentence)
    added: dict[int, str] = {}
    for theirs in (*written, *find_implied(sentence)):
        for mine in asked:
            is_new = theirs not in written or (theirs.unit and theirs.plain != mine.plain)
            if is_new and theirs.unit == mine.unit and not find_unmatched([mine], [theirs]):
                added[theirs.span[1]] = write_in_digits(claim)[slice(*mine.span)]
    if not added:
        return sentence
    text = write_in_digits(sentence)
    for end, told in sorted(added.items(), reverse=True):
        text = f"{text[:end]} ({told}){text[end:]}"
    return text


def _exchange_opposites(sentence: str, claim: str) -> str:
    """Say by the claim's word what is said by its opposite, if one of both is denied.

    "Closed" becomes "not open", and "did not approve" becomes "rejected".
    """
    mine, theirs = _write_out(claim), _write_out(sentence)
    known = frozenset(split_words(sentence))
    for word in split_words(claim):
        for opposite in sorted(complements().get(word, frozenset()) & known):
            is_denied = re.search(rf"{_NOT}{word}\b", mine, re.IGNORECASE) is not None
            denied = re.search(rf"{_NOT}{opposite}\b", theirs, re.IGNORECASE)
            if is_denied and denied is None:
                return re.sub(rf"\b{opposite}\b", f"not {word}", sentence, flags=re.IGNORECASE)
            if denied is not None and not is_denied:
                return f"{theirs[: denied.start()]}{denied[1]}{word}{theirs[denied.end() :]}"
    return sentence


def _deny_all(sentence: str, claim: str) -> str:
    """Say "No dogs are allowed" for "Dogs are not allowed", if the claim begins with "no"."""
    if not _NO.match(claim):
        return sentence
    denied = _DENIED_OF_ALL.match(sentence)
    if denied is None or not find_terms(denied["who"]) <= find_terms(claim):
        return sentence  # also of a name that looks like a plural
    return f"No {denied['who'].lower()} {denied['verb']}{sentence[denied.end() :]}"


def _write_out(text: str) -> str:
    """Return a text with "does not" for "doesn't", and "can not" for "cannot"."""
    return _SHORT_NOT.sub(lambda found: f"{found[1] or found[2]} not", text)
