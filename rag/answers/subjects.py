"""Whether sentences of two documents are about the same subject, as far as words tell.

The rule is strict: a difference that is shown wrongly is worse than one that is not shown. So the
words of both sentences must be the same, but for values and function words, and what stands above
them must not tell two subjects apart: two countries, members and guests, two products.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from index import distinct_terms, split_terms
from rag.answers.editions import write_dates_apart
from rag.answers.relations import compare_statements
from rag.answers.statements import Number, Statement, read_statement
from rag.questions.moments import Moment, find_moments
from rag.questions.parse import Question
from rag.questions.vocabulary import CAPITALISED
from rag.retrieval.values import find_years
from rag.types import Evidence

_LEAST_SHARED = 2  # words that both sentences have
_MOST_COVERED = 3  # words of one sentence that only stand around the other
_POINTS_BACK = re.compile(
    r"(?:It|He|She|They|This|These|Those|That|Its|His|Her|Their|Such|Both|Er|Sie|Es|Dies\w*|Sein\w*"
    r"|Ihr\w*|Beide)\b"
)
_PLACE = re.compile(r" \([^()]*\)$")  # a title's addition that names the file or folder
_MARKS = ".,:;()[]\"'"
_SECTION_NUMBER = re.compile(r"^\W*\d+(?:\.\d+)*[.)]?\s+")
_VERSION = re.compile(r"\b(?:v|ver|version|release|rev|revision|ed|edition)[\s._-]*\d[\d.]*", re.I)
_KINDS = frozenset(
    "handbook manual guide guideline minutes protocol notes note policy rule rules regulation "
    "report version edition issue draft final old new current corrected correction copy update "
    "updated revised revision archive annual yearly monthly release md txt pdf docx html "
    "handbuch protokoll leitfaden satzung ordnung richtlinie bericht fassung entwurf alt neu alte "
    "neue aktuell korrigiert korrektur kopie \u00fcberarbeitet ausgabe stand nachtrag "
    "jahresbericht".split()
)


def are_alike(
    question: Question, one: Evidence, other: Evidence, a: Statement, b: Statement
) -> bool:
    """Whether two sentences, which state `a` and `b`, are about the same subject."""
    said, mine, theirs = a.words & b.words, a.words - b.words, b.words - a.words
    if one.language != other.language or not _says_enough(question, said, one.language):
        return False
    if (mine and theirs) or len(mine | theirs) > _MOST_COVERED:
        return False
    if not mine <= _find_context(other) or not theirs <= _find_context(one):
        return False
    if not (_meets(question, one) and _meets(question, other)):
        return False
    if not (_point_back_alike(one, other) and _begin_alike(one, other)):
        return False
    return _shares_name(question, one, said) or (
        _tells_same(_find_title_words(one), _find_title_words(other), said)
        and _tells_same(_find_heading_words(one), _find_heading_words(other), said)
    )


def _says_enough(question: Question, said: frozenset[str], language: str) -> bool:
    """Whether the words of both sentences tell a subject; a single one, if it is what is asked."""
    return len(said) >= _LEAST_SHARED or bool(said and said <= {*question.terms_in(language)})


def _point_back_alike(one: Evidence, other: Evidence) -> bool:
    """Whether what a pronoun stands for is the same, as far as the sentences before tell it."""
    if not any(_POINTS_BACK.match(item.readable) for item in (one, other)):
        return True
    before = [_find_context(item) for item in (one, other)]
    return 2 * len(before[0] & before[1]) >= max(len(each) for each in before)


def _begin_alike(one: Evidence, other: Evidence) -> bool:
    """Whether two rows of tables have the same first cell, which tells what a row is about."""
    rows = [item.readable.partition(" | ") for item in (one, other)]
    if not rows[0][1] and not rows[1][1]:
        return True
    a, b = (read_statement(first, one.language) for first, *_ in rows)
    return a.words == b.words and compare_statements(a, b).kind == "same"


def _tells_same(one: frozenset[str], other: frozenset[str], said: frozenset[str]) -> bool:
    """Whether two titles tell no subjects apart: they have the same words beyond the sentence's."""
    return (one ^ other) <= said


def _shares_name(question: Question, item: Evidence, said: frozenset[str]) -> bool:
    """Whether the question has names, and both sentences have all of them.

    Then the sentences themselves say what they are about. Of languages that capitalise all nouns
    it is not known what a name is.
    """
    names = frozenset(split_terms(" ".join(question.names), item.language))
    return bool(names) and question.language not in CAPITALISED and names <= said


def _meets(question: Question, item: Evidence) -> bool:
    """Whether a sentence or what stands around it has the years and other names of the question."""
    texts = (item.document, item.title, *item.headings, *item.around)
    held = _list_terms(texts, item.language)
    names = question.names if question.language not in CAPITALISED else ()
    numbers = [word for word in question.words if word[0].isdigit()]
    needed = split_terms(" ".join((*names, *numbers, *find_years(question.text))), item.language)
    return held.issuperset(needed)


def _find_context(item: Evidence) -> frozenset[str]:
    """Return the terms of the title, the headings, and the sentence before."""
    before = item.around[max(item.position - 1, 0) : item.position]
    return _list_terms((item.title, *item.headings, *before), item.language)


def _list_terms(texts: Iterable[str], language: str) -> frozenset[str]:
    return frozenset[str]().union(*(distinct_terms(text, language) for text in texts))


def _find_title_words(item: Evidence) -> frozenset[str]:
    """Return the words of the title, without dates and versions: those tell editions apart."""
    title = _VERSION.sub(" ", write_dates_apart(_PLACE.sub("", item.title)))
    title = _erase_dates(title)
    return _find_words(title, item.language) - find_years(title)


def _erase_dates(text: str) -> str:
    for (start, end), _ in find_moments(text):
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _find_heading_words(item: Evidence) -> frozenset[str]:
    """Return the words of the headings below the title. Years and versions tell them apart."""
    below = [heading for heading in item.headings if not _repeats(heading, item)]
    return frozenset[str]().union(*(_find_words(heading, item.language) for heading in below))


def _repeats(heading: str, item: Evidence) -> bool:
    """Whether a heading is the title of its document."""
    return heading.casefold() in item.title.casefold()


@lru_cache(1024)
def _find_words(heading: str, language: str) -> frozenset[str]:
    """Return the words and numbers of a title or heading that tell what it is about."""
    text = _SECTION_NUMBER.sub("", heading)
    told = [word for word in text.split() if word.strip(_MARKS).casefold() not in _KINDS]
    stated = read_statement(" ".join(told), language)
    numbers = {each.value for value in stated.values for each in value if isinstance(each, Number)}
    dates = {str(each) for value in stated.values for each in value if isinstance(each, Moment)}
    return stated.words | {f"{number:g}" for number in numbers} | dates
