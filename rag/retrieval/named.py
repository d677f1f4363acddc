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
# A name that only says where: "in Montague", not "the Montague noise rules" or "with URIs".
_BEFORE = (
    r"(?:,\s*|\b(?:in|at|of|for|from|within|von|im|bei|für|aus|à|de|en|dans|pour|para)\s+"
    r"(?:(?:the|der|dem|den|la|le|el)\s+)?)"
)


def ask_named(
    question: Question, snapshot: Snapshot, documents: Collection[str] | None
) -> Question:
    """Return a question with a reading that asks the documents whose paths hold its name.

    The last reading is the question itself: the name may be meant otherwise. A name that only says
    where is left out, and then only documents that have it somewhere may answer. A question
    without such a name, or with names of different documents, is unchanged. `documents` are the
    chosen ones.
    """
    names = [word for word in question.words if len(word) >= _SHORTEST and word.isalpha()]
    paths = (record.path for record in snapshot.documents)
    words = _find_words(tuple(path for path in paths if documents is None or path in documents))
    held = {
        name: {path for path, words_in in words.items() if name.casefold() in words_in}
        for name in names
    }
    told = {
        name: each
        for name, each in held.items()
        if 0 < len(each) <= _MOST_SHARE * len(words)
        and (name in question.names or _is_name(name, question, snapshot))
    }
    within = set[str].intersection(*told.values()) if told else set[str]()
    if not within:
        return question
    text = question.text
    places = []
    for name in told:
        shorter = _leave_out(name, text, question.language)
        places += [name] if shorter != text else []
        text = shorter
    parsed = parse_question(text) if find_content_words(text, question.language) else question
    reading = replace(
        parsed,
        language=question.language,
        label=question.label,
        compared=question.compared,
        parts=(),
        within=tuple(sorted(within)),
    )
    holding = _find_holding(places, question.language, snapshot, frozenset(words))
    others = (replace(question, within=holding),) if set(holding) > within else ()
    return replace(reading, readings=(reading, *(others if places else (question,))))


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


def _is_name(word: str, question: Question, snapshot: Snapshot) -> bool:
    """Whether a word that is typed in small letters says where: the documents give it a capital."""
    language = question.language
    if language in CAPITALISED or not re.search(rf"{_BEFORE}{re.escape(word)}\b", question.text):
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
    place = re.search(rf"{_BEFORE}{re.escape(name)}(?![\w'’-])", text)  # noqa: RUF001
    if place is None:
        return text
    behind = re.match(r"\s*([^\W_]+)", text[place.end() :])
    if behind is not None and not is_function_word(behind[1].casefold(), FUNCTION_WORDS[language]):
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
