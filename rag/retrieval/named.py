"""Questions that name a document by a word of its path -> questions to these documents.

Of the by-laws of three towns, each in a file of its own, "What does a false alarm cost in
Montague?" is about one. The name stands in few sentences of it, and perhaps in those of another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from index import Snapshot, TermWeight, split_terms
from rag.questions.parse import Question, find_content_words, is_function_word, parse_question
from rag.questions.vocabulary import CAPITALISED, FUNCTION_WORDS

_SHORTEST = 3  # letters of a name
_MOST_SHARE = 0.5  # of the documents: a name in more of the paths tells nothing apart
_LOOKED_AT = 20  # sentences, to see how a word is written
_WORD = re.compile(r"[^\W_]+")
# A name that only says where: "in Montague", not "the Montague noise rules" or "with URIs". With an
# article, a German noun is no name: "in der Satzung".
_BEFORE = (
    r"(?:,\s*|\b(?:in|at|of|for|from|within|von|bei|für|aus|à|de|en|dans|pour|para)\s+"
    r"(?:(?:the|la|le|el)\s+)?)"
)
# "At the University of Paris": the name goes on.
_GOES_ON = re.compile(r"\s+(?:of|de|von)\s+(?:the\s+)?[^\W\d_a-z]")


def ask_named(
    question: Question, snapshot: Snapshot, documents: Collection[str] | None
) -> Question:
    """Return a question with a reading that asks the documents whose paths hold its name.

    Only a name that says where counts, "in Montague", not "the Montague rules"; it is left out. The
    last reading is the question itself, asked of all documents that have the name somewhere: it
    may be meant otherwise. A question without such a name, or with names of different documents,
    is unchanged. `documents` are the chosen ones.
    """
    paths = (record.path for record in snapshot.documents)
    words = _find_words(tuple(path for path in paths if documents is None or path in documents))
    within = frozenset(words)
    text = question.text
    places = []
    for name in question.words:
        shorter = _leave_out(name, text, question.language)
        if len(name) < _SHORTEST or not name.isalpha() or shorter == text:
            continue
        held = {path for path, words_in in words.items() if name.casefold() in words_in}
        is_name = name in question.names or _is_name(name, question.language, snapshot)
        if 0 < len(held) <= _MOST_SHARE * len(words) and is_name:
            within, text = within & held, shorter
            places.append(name)
    if not places or not within or not find_content_words(text, question.language):
        return question
    reading = replace(
        parse_question(text),
        language=question.language,
        label=question.label,
        compared=question.compared,
        parts=(),
        within=tuple(sorted(within)),
    )
    holding = _find_holding(places, question.language, snapshot, frozenset(words))
    others = (replace(question, within=holding),) if set(holding) > within else ()
    return replace(reading, readings=(reading, *others))


def _find_holding(
    names: Sequence[str], language: str, snapshot: Snapshot, paths: Collection[str]
) -> tuple[str, ...]:
    """Return those of the documents that hold all names."""
    most = snapshot.count("sentences")
    selection = snapshot.select(paths, language)
    found = set(paths)
    for name in names:
        weights = [TermWeight(term, 1.0) for term in split_terms(name, language)]
        rows = snapshot.match("sentences", weights, most, selection)
        found &= {snapshot.record(row).path for row in rows.tolist()}
    return tuple(sorted(found))


def _is_name(word: str, language: str, snapshot: Snapshot) -> bool:
    """Whether a word that is typed in small letters is a name: the documents give it a capital."""
    if language in CAPITALISED:
        return False
    weights = [TermWeight(term, 1.0) for term in split_terms(word, language)]
    rows = snapshot.match("sentences", weights, _LOOKED_AT, snapshot.select(None, language))
    written = re.compile(rf"(?<=[\w,] )\b{re.escape(word)}\b", re.IGNORECASE)
    found = [
        each
        for row in rows.tolist()[:_LOOKED_AT]
        if snapshot.sentence(row).role == "statement"
        for each in written.findall(snapshot.sentence(row).readable)
    ]
    return bool(found) and not any(each[0].islower() for each in found)


def _leave_out(name: str, text: str, language: str) -> str:
    """Return a question without a name that only says where something is so."""
    place = re.search(rf"{_BEFORE}{re.escape(name)}(?![\w'’])", text)  # noqa: RUF001
    if place is None or _GOES_ON.match(text, place.end()):
        return text
    behind = re.match(r"\s*([^\W_]+)", text[place.end() :])
    if behind and not is_function_word(behind[1].casefold(), FUNCTION_WORDS[language]):
        return text
    return " ".join((text[: place.start()] + text[place.end() :]).split())


@lru_cache(maxsize=8)
def _find_words(paths: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Return the words of each path, without the folders that all of them are in."""
    parts = {path: PurePosixPath(path).parts for path in paths}
    split = [*parts.values()]
    shared = 0
    while split and all(len(each) > shared + 1 for each in split):
        if len({each[shared] for each in split}) > 1:
            break
        shared += 1
    return {
        path: frozenset(
            word.casefold()
            for part in (*each[shared:-1], PurePosixPath(path).stem)
            for word in _WORD.findall(part)
        )
        for path, each in parts.items()
    }
