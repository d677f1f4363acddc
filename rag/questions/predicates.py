"""Follow-ups that ask something else of the same things: "Which were rejected?"."""

from __future__ import annotations

import re

from rag.questions.replacement import YEAR

_AUXILIARIES = {
    "en": (
        r"was|were|is|are|have|has|had|do|does|did|can|could|may|might|must|should|shall|will|would"
        r"|need|got|get"
    ),
    "de": (
        r"wurden?|werden|wird|sind|ist|waren?|haben|hat|hatten?|können|kann|dürfen|darf|müssen"
        r"|muss|sollen|soll"
    ),
    "fr": r"sont|est|étaient|était|ont|a|avaient|avait|furent|fut|seront|peuvent|doivent",
    "es": (
        r"son|es|eran|era|fueron|fue|están|está|estaban|han|ha|habían|serán|pueden|deben|tienen"
        r"|tiene|se"
    ),
}
_COUNTS = {
    "en": r"how many",
    "de": r"wie ?viele",
    "fr": r"combien(?: de)?",
    "es": r"cuánt[oa]s",
}
_ASKS = {
    "en": r"which|what",
    "de": r"welche[nrs]?",
    "fr": r"lesquel(?:le)?s|lequel|laquelle|quel(?:le)?s?",
    "es": r"cuáles|cuál|qué",
}
_ALONE = {  # … without the things: "what is a member?" leaves nothing out
    "en": r"which",
    "de": r"welche[nrs]?",
    "fr": r"lesquel(?:le)?s|lequel|laquelle",
    "es": r"cuáles|cuál",
}
_WHICH = {"en": "which", "de": "welche", "fr": "quels", "es": "qué"}
# At the end of the previous question: it holds for the follow-up, too.
_TIME = (
    r"\s(?:in|during|since|im|seit|en|depuis|durante|desde)\s(?:\w+\s)?"
    rf"{YEAR.pattern}(?=\W*$)"
)
_OPENS = r"^\W*(?:(?:and|but|or|so|und|aber|oder|et|mais|ou|y|pero|o)\s+)?"
_OF_THEM = (
    r"(?:\s+(?:ones?|of (?:them|those|these)|davon|von (?:ihnen|denen)|d'entre eux|de ellos))?"
)
_MOST = 60  # characters of the things that were asked about


def put_predicate(before: str, question: str, language: str) -> str | None:
    """Return a follow-up with the things of the previous question that it leaves out.

    "And how many were rejected?" after "Which proposals were accepted?" is "how many proposals were
    rejected?". None if the follow-up names things itself, or the previous question asks for none.
    """
    auxiliaries, counts, asks = (each[language] for each in (_AUXILIARIES, _COUNTS, _ASKS))
    asked = re.match(
        rf"{_OPENS}(?P<word>{counts}|{_ALONE[language]}){_OF_THEM}\s+(?P<rest>(?:{auxiliaries})\b.*)",
        question,
        re.IGNORECASE,
    )
    things = re.match(
        rf"\W*(?P<word>{counts}|{asks})\s+(?!(?:{auxiliaries})\b)(?P<things>[^?,;]{{2,{_MOST}}}?)"
        rf"\s+(?:{auxiliaries})\b",
        before,
        re.IGNORECASE,
    )
    if asked is None or things is None:
        return None
    counted, counted_before = (
        re.fullmatch(counts, match["word"], re.IGNORECASE) for match in (asked, things)
    )
    word = asked["word"] if counted else _WHICH[language] if counted_before else things["word"]
    time = re.search(_TIME, before, re.IGNORECASE)
    rest = asked["rest"].rstrip(" ?.!")
    dated = time.group() if time and not re.search(r"\d", rest) else ""
    return f"{word} {things['things']} {rest}{dated}?"
