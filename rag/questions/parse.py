"""Question -> what it asks for: the kind of answer, and the words that carry its meaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index import DEFAULT_LANGUAGE, split_terms
from rag.errors import QuestionError
from rag.questions.forms import Form, find_form
from rag.questions.parts import Part, split_question
from rag.questions.vocabulary import FUNCTION_WORDS, KINDS, Kind

MAX_CHARACTERS = 2000

_WORD = re.compile(r"\w+(?:['’-]\w+)*")  # noqa: RUF001
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu)['’](?=\w)", re.IGNORECASE)  # noqa: RUF001
_DEFINING = frozenset(("meaning", "definition", "bedeutung"))  # ask, and stand in no answer
_QUOTED = re.compile(r"[\"“„«]\s*([^\"“”„«»]{2,200}?)\s*[\"”“»]")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the kind of answer it asks for.

    `language` is guessed from its function words. `words` are those that carry its meaning, in
    order, each once; all its words, if it has no others. `terms` are the same as the lexical index
    writes them. `names` are those words that have a capital or a digit (but for the first of
    the question), `phrases` what it puts in quotation marks, casefolded. `form` says how much of
    the documents an answer takes. `parts` are the questions that it is made of, if it asks for
    several things; `label` is such a part as the user put it, and `compared` says that it is a side
    of a comparison. `readings` are the ways to complete it from what stands before it, as far as
    it leaves something out; which of them is meant, `rag.retrieval.readings` finds out. `beside` is
    a follow-up as it was asked, beside the question that has the one before in front; what answers
    has to answer both. `near` are the documents that the previous answer quotes, `told` the
    sentences (document and start) that are not to be quoted again. If it is `within` documents,
    only those are searched. `attendance`: it asks who was at a meeting.
    """

    text: str
    kind: Kind
    terms: tuple[str, ...]
    language: str = DEFAULT_LANGUAGE
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    form: Form = "other"
    parts: tuple[Question, ...] = ()
    label: str = ""
    compared: bool = False
    readings: tuple[Question, ...] = ()
    beside: Question | None = None
    near: tuple[str, ...] = ()
    told: tuple[tuple[str, int], ...] = ()
    within: tuple[str, ...] = ()
    attendance: bool = False

    @property
    def asks_for_all(self) -> bool:
        """Whether it asks for all things of a kind, or how many there are."""
        return self.form == "list" or self.kind == "number"

    def terms_in(self, language: str) -> tuple[str, ...]:
        """Return the terms as the index writes them for documents in a language."""
        if language == self.language:
            return self.terms
        return tuple(dict.fromkeys(split_terms(" ".join(self.words), language)))


def check_length(text: str) -> None:
    """Raise `QuestionError` for a text that is too long to be a question."""
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(text):,} characters",
            f"ask in at most {MAX_CHARACTERS:,}",
        )


@lru_cache(maxsize=256)
def parse_question(text: str) -> Question:
    """Check and analyse a question, and each of its parts.

    Raises `QuestionError` when it is empty or too long.
    """
    question = _analyse(text)
    parts = split_question(question.text, question.language)
    return replace(question, parts=tuple(_analyse_part(part, question.language) for part in parts))


def parse_reading(text: str, question: Question) -> Question:
    """Return a reading of a question in other words. What is not in its words stays as it was."""
    return replace(
        parse_question(text),
        language=question.language,
        label=question.label,
        told=question.told,
        parts=(),
    )


def set_parts(question: Question, texts: Sequence[str]) -> Question:
    """Return a question with other parts, given as questions.

    Raises `QuestionError` when one of them is empty or too long.
    """
    parts = (_analyse_part(Part(text, text), question.language) for text in texts)
    return replace(question, parts=tuple(parts))


def _analyse_part(part: Part, language: str) -> Question:
    question = _analyse(part.text)
    readings = [question]
    if part.otherwise:
        readings.append(_analyse(part.otherwise))
    if part.beside:
        joined, alone = map(_analyse, part.beside)
        joined = replace(joined, beside=alone)
        readings = [joined] if part.text == joined.text else [question, joined]
    named = [
        replace(each, label=part.label, compared=part.compared, language=language)
        for each in readings
    ]
    return replace(named[0], readings=tuple(named)) if len(named) > 1 else named[0]


def _analyse(text: str) -> Question:
    # Half of a surrogate pair is no text to the models. Where both are there, they are joined.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = " ".join(whole.split())
    if not any(map(str.isalnum, text)):
        raise QuestionError("the question is empty", "ask something about the documents")
    check_length(text)
    language = guess_language(text)
    words = find_content_words(text, language) or tuple(dict.fromkeys(_WORD.findall(text)))
    last = re.split(r"(?<=\?)\s+", text)[-1]  # a follow-up stands behind what it follows
    kind: Kind = next((kind for kind, asks in KINDS[language] if asks.search(last)), "other")
    if kind == "definition":
        words = tuple(word for word in words if word.casefold() not in _DEFINING) or words
    return Question(
        text,
        kind,
        tuple(dict.fromkeys(split_terms(" ".join(words), language))),
        language,
        words,
        _find_names(words, text),
        tuple(match.casefold() for match in _QUOTED.findall(text)),
        "list" if kind == "list" else find_form(last, language),
    )


def guess_language(text: str) -> str:
    """Return the language whose function words make up most of a question; English in doubt.

    A question is too short for the statistics that documents are judged by.
    """
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {
        language: sum(is_function_word(word, known) for word in words)
        for language, known in FUNCTION_WORDS.items()
    }
    return max(counts, key=lambda language: (counts[language], language == DEFAULT_LANGUAGE))


def find_content_words(text: str, language: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Return the words of a text that are not mere function words, in order, each once."""
    known = FUNCTION_WORDS[language]
    words = (_ELIDED.sub("", word) for word in _WORD.findall(text))
    return tuple(dict.fromkeys(w for w in words if not is_function_word(w.casefold(), known)))


def find_content_terms(text: str, language: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Return the same as `find_content_words`, as the lexical index writes them."""
    words = find_content_words(text, language)
    return tuple(dict.fromkeys(split_terms(" ".join(words), language)))


def _find_names(words: Collection[str], text: str) -> tuple[str, ...]:
    first = _WORD.search(text)
    return tuple(
        word
        for word in words
        if any(c.isdigit() for c in word)
        or (word[0].isupper() and (first is None or word != first.group()))
    )


def is_function_word(word: str, known: Collection[str]) -> bool:
    """Whether a casefolded word is among function words, as it is or without what is elided."""
    bare = re.sub(r"['’]s$", "", word)  # noqa: RUF001
    return bare in known or _ELIDED.sub("", bare) in known
