"""Questions that name a document by a word of its path -> questions to these documents.

Of the by-laws of three towns, each in a file of its own, "What does a false alarm cost in
Montague?" is about one. The name stands in few sentences of it, and perhaps in those of another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from index import Snapshot, TermWeight, split_terms
from rag.questions.parse import Question, find_content_words, is_function_word, parse_reading
from rag.questions.vocabulary import CAPITALISED, FUNCTION_WORDS

_SHORTEST = 3  # letters of a name
_MOST_SHARE = 0.5  # of the documents: a name in more of the paths tells nothing apart
_LOOKED_AT = 20  # sentences, to see how a word is written
_WORD = re.compile(r"[^\W_]+")
# A name that only says where: "in Montague", not "the Montague noise rules" or "with URIs". With an
# article, a German noun is no name: "in der Satzung".
_BEFORE = (
    r"(?:,\s*|\b(?:in|at|of|from|within|von|aus|à|de|en|dans)\s+"
    r"(?:(?:the|la|le|el)\s+)?)"
)
# "At the University of Paris": the name goes on. "In Aldmoor and Brack": there is another one.
_GOES_ON = re.compile(
    r"\s+(?:of|de|von|and|or|und|oder|et|ou|y|o)\s+(?:the\s+)?[^\W\d_a-z]"
    r"|\s+(?:and|or|to|und|oder|et|ou|y|o)\b"
)


def ask_named(
    question: Question, snapshot: Snapshot, documents: Collection[str] | None
) -> Question:
    """Return a question with a reading that asks the documents whose paths hold its name.

    Only a name that says where counts, "in Montague", not "the Montague rules"; it is left out. The
    last reading is the question itself, asked also of the documents that have the name somewhere:
    it may be meant otherwise. A question without such a name, or with names of different
    documents, is unchanged. `documents` are the chosen ones.
    """
    if not any(_leave_out(name, question.text, question.language) for name in question.words):
        return question  # the words of all paths need not be looked at
    paths = (record.path for record in snapshot.documents)
    words = _find_words(tuple(path for path in paths if documents is None or path in documents))
    told = _find_told(question, words, snapshot)
    within = frozenset(words).intersection(*told.values())
    text = question.text
    places = []
    for name in told:
        shorter = _leave_out(name, text, question.language)
        if shorter is not None:
            text = shorter
            places.append(name)
    if not places or not within or not find_content_words(text, question.language):
        return question
    reading = replace(
        parse_reading(text, question),
        compared=question.compared,
        near=question.near,
        within=tuple(sorted(within)),
    )
    holding = _find_holding(places, snapshot, frozenset(words))
    wider = tuple(sorted(holding | within))
    others = (replace(question, within=wider),) if holding - within else ()
    return replace(reading, readings=(reading, *others))


def _find_told(
    question: Question, words: Mapping[str, Collection[str]], snapshot: Snapshot
) -> dict[str, frozenset[str]]:
    """Return the names of a question that stand in paths, each with these paths.

    Names in most of the paths are left out.
    """
    told = {}
    for name in question.words:
        if len(name) < _SHORTEST or not name.isalpha():
            continue
        held = frozenset(path for path, words_in in words.items() if name.casefold() in words_in)
        if 0 < len(held) <= _MOST_SHARE * len(words) and _is_name(name, question, snapshot):
            told[name] = held
    return told


def _find_holding(
    names: Sequence[str], snapshot: Snapshot, paths: Collection[str]
) -> frozenset[str]:
    """Return those of the documents that hold all names."""
    most = snapshot.count("sentences")
    found = frozenset(paths)
    for name in names:
        held: set[str] = set()
        for language in snapshot.languages:
            weights = [TermWeight(term, 1.0) for term in split_terms(name, language)]
            selection = snapshot.select(paths, language)
            rows = snapshot.match("sentences", weights, most, selection)
            held.update(snapshot.record(row).path for row in rows.tolist())
        found &= held
    return found


def _is_name(word: str, question: Question, snapshot: Snapshot) -> bool:
    """Whether a word of a question is a name.

    One that is typed in small letters is, if it says where and the documents give it a capital.
    """
    language = question.language
    if word in question.names:
        return True
    if language in CAPITALISED or _leave_out(word, question.text, language) is None:
        return False
    weights = [TermWeight(term, 1.0) for term in split_terms(word, language)]
    rows = snapshot.match("sentences", weights, _LOOKED_AT, snapshot.select(None, language))
    written = re.compile(rf"(?<=[\w,] )\b{re.escape(word)}\b", re.IGNORECASE)
    sentences = map(snapshot.sentence, rows.tolist()[:_LOOKED_AT])
    stated = (sentence.readable for sentence in sentences if sentence.role == "statement")
    found = [each for text in stated for each in written.findall(text)]
    return bool(found) and not any(each[0].islower() for each in found)


def _leave_out(name: str, text: str, language: str) -> str | None:
    """Return a question without a name that only says where; None if it does not."""
    place = re.search(rf"{_BEFORE}{re.escape(name)}(?![\w'’])", text)  # noqa: RUF001
    if place is None or _GOES_ON.match(text, place.end()):
        return None
    behind = re.match(r"\s*([^\W_]+)", text[place.end() :])
    if behind and not is_function_word(behind[1].casefold(), FUNCTION_WORDS[language]):
        return None
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
