"""Question -> the calculation over a table's rows that it asks for, if its form is certain.

English and German only. What a table must hold for the calculation is checked by
`rag.answers.calculating`; here only the question is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.questions.conditions import COMPARATIVES, MEASURED_UNTIL, Condition, find_condition
from rag.questions.measures import (
    DEPTHS,
    HEIGHTS,
    LENGTHS,
    PRICES,
    SIZES,
    SPEEDS,
    WAGES,
    WEIGHTS,
)
from rag.questions.parse import Question

Operation = Literal[
    "highest", "lowest", "latest", "earliest", "count", "sum", "mean", "difference", "select"
]

_SUPERLATIVES: tuple[tuple[str, Operation, tuple[str, ...]], ...] = (
    (r"(?:best|highest)[- ]paid|bestbezahlte\w*", "highest", WAGES),
    (r"(?:worst|lowest)[- ]paid|schlechtestbezahlte\w*", "lowest", WAGES),
    (r"most expensive|dearest|teuerste\w*", "highest", PRICES),
    (r"least expensive|cheapest|billigste\w*|günstigste\w*", "lowest", PRICES),
    (r"most recent|latest|newest|neueste\w*|jüngste\w*", "latest", ()),
    (r"oldest|earliest|älteste\w*|früheste\w*", "earliest", ()),
    (r"longest|längste\w*", "highest", LENGTHS),
    (r"shortest|kürzeste\w*", "lowest", LENGTHS),
    (r"heaviest|schwerste\w*", "highest", WEIGHTS),
    (r"lightest|leichteste\w*", "lowest", WEIGHTS),
    (r"tallest|höchste\w*", "highest", HEIGHTS),
    (r"deepest|tiefste\w*", "highest", DEPTHS),
    (r"fastest|schnellste\w*", "highest", SPEEDS),
    (r"densest|dichteste\w*", "highest", ("density", "dichte")),
    (r"largest|biggest|größte\w*", "highest", SIZES),
    (r"smallest|kleinste\w*", "lowest", SIZES),
    (r"highest", "highest", HEIGHTS),
    (r"greatest|most|maximum|meisten?|maximal\w*", "highest", ()),
    (r"lowest|least|fewest|minimum|niedrigste\w*|geringste\w*|wenigsten?|minimal\w*", "lowest", ()),
)
_RANKED_BY = r"\b(?:by|nach) (?=[\w-]+(?: [\w-]+)?$)"  # "the largest country by area"
_QUANTITY = r"\b(?:most|fewest|meisten?|wenigsten)\b"
# "… and how heavy is it?": the value is stated with the row.
_ASKS_VALUE = (
    r",? (?:and|und) (?:(?:by )?how \w+|what|wie \w+)"
    r"(?: (?:is|was|are|were|does|did|ist|war|sind|waren))?"
    r"(?: (?:it|that|they|this|he|she|er|sie|es|das))?$"
)
# "Type, price and mileage of the dearest car": the row holds them all.
_LISTED = r"^[^.;]*\b(?:and|und) [\w-]+ of (?=the (?:most|least|best|[\w-]+est)\b)"
_COUNTED_WORDS = 3  # after "how many": "small red boats"
_COUNT = r"^(?:and |und )?(?:how many|what is the number of|count(?: the)?|wie ?viele)\b"
# Questions that a condition on a number turns into one for the rows that meet it.
_SELECTS = (
    r"^(?:and |und )?(?:which|what|list|show|name|give|find|who|all|every"
    r"|welche[mnrs]?|nenne|zeige?|liste|wer|alle)\b(?: me\b)?"
)
_SUM = r"\b(?:total|sum|in total|altogether|combined|summe|insgesamt|zusammen|gesamt\w*)\b"
_MEAN = (
    r"\b(?:average|the mean|mean of|on average|durchschnitt\w*|mittelwert|im (?:schnitt|mittel))\b"
)
_COMPARATIVES = "|".join(words for words, _, _ in COMPARATIVES)
_SIDES = (
    r"\b(?:difference|unterschied|differenz)\b.*?\b(?:between|zwischen)\b (?P<a>.+?) "
    r"(?:and|und) (?P<b>.+?)(?P<shared> (?:in|im) .+)?$",
    rf"\b(?:how much|wie ?viel|how many)\b.*?\b(?:{_COMPARATIVES})\b"
    r"(?P<a>.+?) (?:than|als) (?P<b>.+?)(?P<shared> (?:in|im) .+)?$",
)
_COMPARING = (
    rf"\b(?:{_COMPARATIVES}|difference|between|how much|than|unterschied|differenz"
    r"|zwischen|wie ?viel|als)\b"
)
# Words that limit the rows in ways that are not computed, and questions for several things.
_UNSUPPORTED = re.compile(
    r"\b(?:since|before|after|between|until|from(?= \d)|over|under|above|below|than|at least"
    r"|at most|except|excluding|without|not|no|never|per|each|every|by|or|and|both|why|how do"
    r"|second|third|top|common|seit|vor|nach|zwischen|bis|über|unter|mindestens|höchstens|außer|ohne|nicht|kein\w*"
    r"|pro|je|jede\w*|oder|und|beide\w*|warum|zweit\w*|dritt\w*|häufigste\w*)\b",
    re.IGNORECASE,
)
_NEUTRAL = (
    r"\b(?:there|among(?:st)?|total|overall|number|amount|value|figure|all|whole|entire|tables?|lists?|listed"
    r"|files?|rows?|data|dataset|samples?|ones?|records?|recorded|entr(?:y|ies)|found|exists?"
    r"|c[oa]mes?(?: out)?|located|anzahl|zahl|wert|tabelle|liste|datei|zeilen?|daten|einträge"
    r"|insgesamt|existieren|wie (?:hoch|groß|lang|schwer)|liegen|kommen)\b"
)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation over the rows of a table.

    `words` is the question without the words that name the calculation. A column may be named in
    it, or be one of the `implied` words: "cheapest" implies a price. `counted` are the words after
    "how many", of which one says what is counted. `sides` are the two sides of a difference.
    `measured` are the words right behind the one for the calculation: "win share" of "the highest
    win share in May". `quantity`: it asks for the most or fewest of something. `condition` is what
    the rows of "select" must meet.
    """

    operation: Operation
    words: str
    implied: tuple[str, ...] = ()
    counted: str = ""
    sides: tuple[str, str] | None = None
    measured: str = ""
    quantity: bool = False
    condition: Condition | None = None

    @property
    def timed(self) -> bool:
        """Whether it compares dates."""
        if self.condition is not None:
            return self.condition.timed
        return self.operation in ("latest", "earliest")


def find_calculation(question: Question) -> Calculation | None:
    """Return the calculation that a question asks for; None if its form is not certain."""
    if question.language not in ("en", "de"):
        return None
    text = question.text.rstrip(" ?.!")
    text = re.sub(_ASKS_VALUE, "", text, flags=re.IGNORECASE)
    listed = re.match(_LISTED, text, re.IGNORECASE)
    if listed is not None and not _names_operation(listed[0]):
        text = text[listed.end() :]
    difference = _find_difference(text)
    if difference is not None:
        return difference
    selection = _find_selection(text, question.language)
    if selection is not None:
        return selection
    ranked = re.sub(_RANKED_BY, "", text, flags=re.IGNORECASE)
    for pattern, operation, implied in () if _UNSUPPORTED.search(ranked) else _SUPERLATIVES:
        if re.search(rf"\b(?:{pattern})\b", ranked, re.IGNORECASE):
            words = _strip(ranked, rf"\b(?:{pattern})\b")
            return Calculation(
                operation,
                words,
                implied if ranked == text else (),
                measured=_find_measured(ranked, rf"\b(?:{pattern})\b"),
                quantity=bool(re.search(_QUANTITY, ranked, re.IGNORECASE)),
            )
    if _UNSUPPORTED.search(text):
        return None
    if re.search(_MEAN, text, re.IGNORECASE):
        return Calculation("mean", _strip(text, _MEAN), measured=_find_measured(text, _MEAN))
    counts = re.search(_COUNT, text, re.IGNORECASE)
    behind = drop_neutral(_strip(text, _COUNT)).split()
    counted = " ".join(behind[:_COUNTED_WORDS]) if counts else ""
    if re.search(_SUM, text, re.IGNORECASE):
        words, measured = _strip(_strip(text, _SUM), _COUNT), _find_measured(text, _SUM)
        return Calculation("sum", words, counted=counted, measured=measured)
    return Calculation("count", _strip(text, _COUNT), counted=counted) if counts else None


def _find_selection(text: str, language: str) -> Calculation | None:
    """Return the selection of the rows that meet a condition: "Which rooms have over 20 seats"."""
    asks = next((p for p in (_SELECTS, _COUNT) if re.search(p, text, re.IGNORECASE)), None)
    if asks is None:
        return None
    found = find_condition(text, language)
    if found is None:
        return None
    condition, rest = found
    words = _strip(rest, asks)
    if _UNSUPPORTED.search(words) or _names_operation(words):
        return None
    if find_condition(rest, language) is not None:  # of two conditions
        return None
    words = f"{words} {condition.measured}"
    return Calculation(
        "select", words, condition.implied, measured=condition.measured, condition=condition
    )


def _names_operation(text: str) -> bool:
    """Whether a text asks for a calculation itself: "the average price and mileage"."""
    patterns = (
        _MEAN,
        _SUM,
        _COUNT,
        _COMPARING,
        *(f"\\b(?:{each[0]})\\b" for each in _SUPERLATIVES),
    )
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _find_difference(text: str) -> Calculation | None:
    for pattern in _SIDES:
        found = re.search(pattern, text, re.IGNORECASE)
        if found is None:
            continue
        words = _strip(f"{text[: found.start('a')]} {text[found.end('b') :]}", _COMPARING)
        compared = (
            columns
            for words, _, columns in COMPARATIVES
            if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)
        )
        if not any(_UNSUPPORTED.search(part) for part in (words, found["a"], found["b"])):
            sides = (found["a"], found["b"])
            return Calculation("difference", words, next(compared, ()), sides=sides)
    return None


def _find_measured(text: str, pattern: str) -> str:
    """Return the words between the one for a calculation and the next preposition or verb."""
    behind = re.split(pattern, text, maxsplit=1, flags=re.IGNORECASE)[-1]
    behind = re.sub(r"^\s*(?:of|von)?\s*(?:the|all|der|des|die|aller?)?\s+", "", behind)
    return MEASURED_UNTIL.split(behind, maxsplit=1)[0].strip()


def _strip(text: str, pattern: str) -> str:
    return " ".join(re.sub(pattern, " ", text, flags=re.IGNORECASE).split())


def drop_neutral(text: str) -> str:
    """Return a text without words that limit nothing: "number of", "in the table", "there"."""
    return _strip(text, _NEUTRAL)
