"""Follow-up questions -> questions that can be understood without the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.questions.alike import Likeness, replace_alike, replace_modifier
from rag.questions.parse import (
    MAX_CHARACTERS,
    Question,
    find_content_words,
    guess_language,
    parse_question,
)
from rag.questions.predicates import put_predicate
from rag.questions.replacement import (
    OPENERS,
    find_fragment,
    opens_with_preposition,
    replace_entity,
)
from rag.questions.vocabulary import CAPITALISED
from rag.questions.years import name_years
from rag.types import Answer, Turn

_REFERS = {
    "en": (
        r"\b(?:he|she|it|they|him|her|them|his|its|their|hers|theirs|former|latter"
        r"|first one|second one|third one|last one|other one|one of (?:these|those|them))\b"
        r"|\b(?:this|that|these|those|one|ones|then|instead|else|more|too|anyway)\W*$"
        r"|\b(?:this|that|these|those|such an?) (?!\w+ing\b)\w+"
        r"|\b(?:of|for|in|by) (?:these|those)\b|\bthe \w+ ones?\b"
        r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b"
    ),
    "de": (
        r"\b(?:er|sie|es|ihn|ihm|ihr|ihre[mnrs]?|ihnen|seine?[mnrs]?|davon|damit|daran|darüber|dann"
        r"|dafür|dabei|dort|dessen|deren|dies(?:e[mnrs]?)?|erstere[rs]?|letztere[rs]?)\b"
    ),
    "fr": (
        r"\b(?:il|elle|ils|elles|lui|leurs?|son|sa|ses|celui-ci|celle-ci|ceux-ci|cela|ça|eux)\b"
        r"|\b(?:l'|d'entre )(?=\w)"
    ),
    "es": r"\b(?:él|ella|ello|ellos|ellas|sus?|lo|los|éste|ésta|éstos|eso|esto|aquello)\b",
}
_ABOUT_A_PERSON = {
    "en": r"\b(?:he|she|him|her|his|hers)\b",
    "de": r"\b(?:er|ihn|ihm|seine?[mnrs]?|sie|ihr|ihre[mnrs]?)\b",
    "fr": r"\b(?:il|elle|lui|son|sa|ses)\b",
    "es": r"\b(?:él|ella|sus?|le)\b",
}
_BARE = {
    "en": (
        r"^\W*(?:why|how|when|where|who|whom|which|what)(?: (?:not|so|come|else|exactly|then"
        r"|now|next|more|of them|one|ones))?\W*$|^\W*(?:and )?(?:then|more|tell me more|go on)\W*$"
    ),
    "de": (
        r"^\W*(?:warum|wieso|wie|wann|wo|wer|wen|welche[rs]?|was)(?: (?:nicht|genau|noch))?\W*$"
        r"|^\W*(?:und )?(?:dann|weiter|mehr|was noch)\W*$"
    ),
    "fr": (
        r"^\W*(?:pourquoi|comment|quand|où|qui|lequel|laquelle|quoi)(?: (?:pas|encore))?\W*$"
        r"|^\W*(?:et )?(?:ensuite|après|encore)\W*$"
    ),
    "es": (
        r"^\W*(?:por qué|cómo|cuándo|dónde|quién|cuál|qué)(?: (?:no|más))?\W*$"
        r"|^\W*(?:y )?(?:después|luego|más)\W*$"
    ),
}
_GOES_ON = {
    "en": r"\b(?:then|next|else|more|go on)\W*$",
    "de": r"\b(?:dann|weiter|sonst noch|noch|mehr)\W*$",
    "fr": r"\b(?:ensuite|après|encore|plus)\W*$",
    "es": r"\b(?:después|luego|más)\W*$",
}
_ORDINALS = {
    "en": (r"(?:the )?{} (?:one|item|point)\b", ("first", "second", "third", "fourth", "fifth")),
    "de": (r"(?:der|die|das|dem|den) {}n?\b", ("erste", "zweite", "dritte", "vierte", "fünfte")),
    "fr": (r"(?:le|la) {}\b", ("premi(?:er|ère)", "deuxième", "troisième", "quatrième")),
    "es": (r"(?:el|la|lo) {}\b", ("primer[oa]", "segund[oa]", "tercer[oa]", "cuart[oa]")),
}
_CONTINUES = {language: rf"^¿?(?:{opens})\b" for language, opens in OPENERS.items()}
_CONDITION = {
    "en": (
        r"^(?:and|but|or|so|what)? ?(?P<when>(?:if|while|unless|when (?!will|is|are|was|were|do"
        r"|does|did|can|could|must|should|has|have|may)) .+)"
    ),
    "de": r"^(?:und|aber|oder|was ist)?,? ?(?P<when>(?:wenn|falls|sobald) .+)",
    "fr": r"^(?:et|mais|ou)? ?(?P<when>(?:si|lorsque) .+)",
    "es": r"^¿?(?:y|pero|o)? ?(?P<when>(?:si|cuando) .+)",
}
_OLD_CONDITION = {  # at the end of the previous question, where the new one takes its place
    "en": r",? (?:if|unless) [^,?]+\W*$",
    "de": r",? (?:wenn|falls) [^,?]+\W*$",
    "fr": r",? si [^,?]+\W*$",
    "es": r",? si [^,?]+\W*$",
}
_FEW_WORDS = 3  # that carry meaning, of a question that surely leaves something out
_SHORT = 4  # … of one that may do so, though nothing in it points back
_MOST_WORDS = 5  # … of one that points back
_ITEM_WORDS = 12  # of an item of a list that a follow-up asks about


def resolve_question(
    question: Question, history: Sequence[Turn], likeness: Likeness | None = None
) -> Question:
    """Return a question that can be searched for without the conversation.

    "That year" is written as the year that it means. A follow-up that only replaces a year, a name,
    a phrase or a thing of the same kind ("and in Norway?") becomes the previous question with that
    part replaced. One that has few content words and refers back with a pronoun or starts with a
    word like "and", or a bare "why?", is appended to the previous question. If it is about the
    person that the previous answer named, it is appended to that name instead. Any other question
    keeps its text.

    The result has `readings`, itself first, where words do not say for sure what is meant: a short
    question may also be complete. A question that is appended is searched for `beside` itself
    without the previous one.
    """
    if not history:
        return question
    before = history[-1]
    told = name_years(question.text, before, _find_language(question.text, before))
    question = question if told == question.text else parse_question(told)
    joined = f"{_close(before.standalone)} {question.text}"
    found = find_readings(question.text, joined, before, likeness)
    texts = [text for text in dict.fromkeys(found) if len(text) <= MAX_CHARACTERS]
    readings = [
        _put_beside(question, joined, before) if text == joined else parse_question(text)
        for text in texts or (question.text,)
    ]
    return replace(readings[0], readings=tuple(readings)) if len(readings) > 1 else readings[0]


def find_readings(text: str, joined: str, before: Turn, likeness: Likeness | None) -> Iterator[str]:
    """Yield the questions that a follow-up may stand for, likeliest by its words first.

    `joined` is the follow-up with the previous question in front. Yields nothing for a question
    that is complete in itself.
    """
    language = _find_language(text, before)
    if _has(_BARE, language, text):
        yield joined
        return
    picked = _pick_item(text, before, language)
    if picked is not None:
        yield picked
        return
    completed = put_predicate(before.standalone, text, language) or _complete(
        text, before.standalone, language, likeness
    )
    if completed is not None:
        yield from (completed, joined)
        return
    words = len(find_content_words(text, language))
    points_back = any(_has(words_of, language, text) for words_of in (_REFERS, _CONTINUES))
    if words > (_MOST_WORDS if points_back else _SHORT):
        return
    if not points_back and _is_complete(text):
        return
    person = _find_person(before.answer, before.standalone)
    if person and _has(_ABOUT_A_PERSON, language, text):
        yield f"{person}. {text}"
        return
    if words > _FEW_WORDS or not points_back:
        yield text
    yield joined


def _is_complete(text: str) -> bool:
    """Whether a short question says what it is about: it names it, or asks what something is."""
    question = parse_question(text)
    named = question.language not in CAPITALISED and bool(question.names)
    return question.kind == "definition" or named


def _pick_item(text: str, before: Turn, language: str) -> str | None:
    """Return a question about "the second one" of what was listed, with the item in its place."""
    pattern, ordinals = _ORDINALS[language]
    for position, ordinal in enumerate(ordinals):
        match = re.search(rf"\b{pattern.format(ordinal)}", text, re.IGNORECASE)
        items = before.answer.citations
        if match is not None and position < len(items) > 1:
            item = " ".join(items[position].sentence.split()[:_ITEM_WORDS]).strip("-*•. ")
            picked = f"{text[: match.start()]}{item}{text[match.end() :]}"
            alone = find_fragment(text, language) is not None
            return f"{_close(before.standalone)} {picked}" if alone else picked
    return None


def _put_beside(question: Question, joined: str, before: Turn) -> Question:
    """Return the joined question, to be searched for beside the follow-up alone if that says much.

    The documents that the previous answer quotes count a little more. What it quotes is left out of
    the answer to "and then?", and of that to "why?" where it gives no reason.
    """
    language = _find_language(question.text, before)
    bare = _has(_BARE, language, question.text)
    quoted = before.answer.citations
    other = bare and (question.kind == "reason" or _has(_GOES_ON, language, question.text))
    return replace(
        parse_question(joined),
        beside=None if bare else question,
        near=tuple(dict.fromkeys(citation.document for citation in quoted)),
        told=tuple((citation.document, citation.start) for citation in quoted) if other else (),
    )


def _complete(text: str, before: str, language: str, likeness: Likeness | None) -> str | None:
    """Return the previous question with what a follow-up replaces in it, or adds to it.

    None if it is neither a fragment ("and for guests?") nor a condition ("and if I am a guest?").
    """
    condition = re.match(_CONDITION[language], text, re.IGNORECASE)
    if condition is not None:
        unconditional = re.sub(_OLD_CONDITION[language], "", before, flags=re.IGNORECASE)
        return _append(unconditional, condition["when"])
    fragment = find_fragment(text, language)
    if fragment is None:
        return None
    replaced = replace_modifier(before, fragment, language, likeness) or replace_entity(
        before, text, language
    )
    if replaced is not None:
        return replaced
    if opens_with_preposition(fragment, language):
        return _append(before, fragment)
    return replace_alike(before, fragment, language, likeness)


def _close(question: str) -> str:
    """Return a question with a mark at its end, so that another can follow."""
    return question if question.rstrip()[-1:] in (*"?.!",) else f"{question}?"


def _append(question: str, phrase: str) -> str:
    return f"{question.rstrip(' ?.!')} {phrase.rstrip(' ?.!')}?"


def _find_language(text: str, before: Turn) -> str:
    """Return the language of a follow-up. A bare "qui?" has the previous question's language."""
    if any(re.search(pattern, text, re.IGNORECASE) for pattern in (_BARE["en"], _REFERS["en"])):
        return guess_language(text)
    return guess_language(f"{text} {before.question}")


def _find_person(answer: Answer, standalone: str) -> str | None:
    """Return the name in an answer to a question about a person."""
    if answer.refused or not answer.emphasis or parse_question(standalone).kind != "person":
        return None
    start, end = answer.emphasis[0]
    return answer.text[start:end]


def _has(patterns: dict[str, str], language: str, text: str) -> bool:
    return bool(re.search(patterns[language], text, re.IGNORECASE))
