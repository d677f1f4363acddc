"""Corrects the ends of sentences that a splitter finds: ``ASP.NET`` and ``No. 5`` have none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from index.text.superscripts import leading_mark

# Abbreviations that no sentence ends with, in the languages whose questions are understood.
_NEVER_LAST = frozenset(
    (
        "approx appx ca cf circa dr eds e.g eg esp i.e incl mr mrs ms mt prof resp rev st viz vs "
        "bspw bzgl bzw d.h einschl evtl gem ggf inkl insb lt sog u.a vgl z.b zzgl "
        "env m mme mlle p.ex aprox dña sr sra srta см т.е напр"  # noqa: RUF001
    ).split()
)
# Abbreviations that a number follows: in front of one they end no sentence.
_BEFORE_NUMBER = frozenset(
    (
        "abs anh anl anm app art arts bd ch chap cl col eq eqs est ex exp ext fig figs fn kap lfd "
        "lit max min n nos no nr nro num núm núms op p pag pág págs par para pars pg pos pp pt "
        "pts rd ref refs rn rdn rz s sec sect secs sect ss tab tabs tel tfno v ver vers vol vols z "
        "ziff §§ avg deg temp ок п пп рис ст стр табл гл № п.п т"
    ).split()
)
_CLOSING = re.compile(r"[*_~]{1,3}(?=[\s,;:)]|\Z)")  # the end of emphasis in Markdown
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]")
_NUMBER_LETTERS = re.compile("[IVXLCDM]{2,}|[B-HJ-Z]")
_LAST_WORD = re.compile(r"([^\s(\[„“\"']+)\.\Z")
_ORDINAL = re.compile(
    r"\b(?:am|beim|bis|das|dem|den|der|des|die|ein(?:e[mnrs]?)?|im|jede[mnrs]?|vom|zum|zur)"
    r"\s+\d{1,3}\.\Z",
    re.IGNORECASE,
)


def join_pieces(pieces: Iterable[str], language: str) -> Iterator[str]:
    """Yield the pieces of a text with those joined that a splitter parted in a sentence.

    The pieces together are the text, before and after.
    """
    whole = ""
    for found in pieces:
        mark = _find_mark(whole, found)
        whole, piece = whole + found[:mark], found[mark:]
        if whole and not _ends_sentence(whole, piece, language):
            whole += piece
            continue
        if whole:
            yield whole
        whole = piece
    if whole:
        yield whole


def _find_mark(before: str, after: str) -> int:
    """Return how many characters at the beginning of a piece belong to the sentence before it.

    They are a superscript ("… market.⁶ With …"), or they end the emphasis ("**Stop.** Then …").
    """
    if not before:
        return 0
    closing = None if before[-1].isspace() else _CLOSING.match(after)
    return closing.end() if closing else leading_mark(after)


def _ends_sentence(before: str, after: str, language: str) -> bool:
    ended = before.rstrip()
    following = after.lstrip()
    if not following or not ended:
        return True
    if ended == before and following == after:  # no white space: a name such as ASP.NET
        return not (following[0] in ",;:" or (ended[-1] in ".!?:" and following[0].isalnum()))
    if _ENUMERATOR.fullmatch(ended):
        return "\n" in before[len(ended) :]
    if not ended.endswith("."):
        return True
    if language == "de" and _ORDINAL.search(ended):
        return False
    last = _LAST_WORD.search(ended)
    word = last[1].casefold() if last else ""
    if word in _NEVER_LAST or (word in _BEFORE_NUMBER and _is_number(following)):
        return False
    # A sentence rarely begins with a small letter, and an abbreviation is short.
    return not (following[0].islower() and word[:1].isalpha() and (len(word) <= 4 or "." in word))


def _is_number(text: str) -> bool:
    word = text.split(maxsplit=1)[0].strip("()[]<>=≤≥~§,;.:")
    return bool(word) and (word[0].isdigit() or _NUMBER_LETTERS.fullmatch(word) is not None)
