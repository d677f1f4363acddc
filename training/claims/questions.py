"""Questions with short answers -> claims: "Who built it?", "Lind" -> "Lind built it."."""

from __future__ import annotations

import re

_VERB = (
    r"(?:is|was|are|were|has|have|had|can|could|will|would|did not|does not|\w+ed|\w{3,}s"
    r"|won|led|made|wrote|took|gave|became|began|built|held|lost|found|ran|met|sold|bought"
    r"|sent|set|put|left|told|brought|fought|taught|caught|grew|drew|knew|flew|threw|rose"
    r"|fell|came|went|said)"
)
_SUBJECT = re.compile(
    rf"^(?:[Ww]ho|[Ww]hat)(?: all)? ((?:also |first |originally )?{_VERB}\b .+)\?$"
)
_COUNTED = re.compile(
    rf"^[Hh]ow many ([\w ]{{3,30}}?) ((?:{_VERB}|died|live|lived|work|speak|use)\b .*)\?$"
)
_KIND = re.compile(rf"^(?:[Ww]hat|[Ww]hich) (?:[\w-]+ ){{1,3}}?((?:{_VERB})\b .+)\?$")
_WHEN = re.compile(
    r"^(?:[Ww]hen|[Ii]n (?:what|which) year|[Oo]n what date) (was|were|is|are) ((?:the "
    r"|a )?[\w' ]+?) (\w+(?:ed|en|ade|uilt|old|orn|eld|ought|aught))( .*)?\?$"
)
_DID = re.compile(
    r"^(?:[Ww]hen|[Ii]n (?:what|which) year|[Ww]here|[Ii]n (?:what|which) (?:city|country"
    r"|state)) did (.+?)\?$"
)


def make_claim(question: str, answer: str, sentence: str) -> str | None:
    """Return the claim that an answer makes of a question; None if the form is not understood."""
    question = " ".join(question.split())
    short = answer.strip(" .,;")
    if not short or len(short.split()) > 8:
        return None
    if match := _COUNTED.match(question):
        return (
            _tidy(f"{short} {match[1]} {match[2]}")
            if short.split()[0][0].isdigit() and " " not in short
            else None
        )
    if match := _SUBJECT.match(question) or _KIND.match(question):
        said = match[1]
        if re.search(r"\b(?:did|does|do)\b(?! not)", said):
            return None
        if not re.match(_VERB, said.removeprefix("also ").removeprefix("first ")):
            return None
        return _tidy(f"{short} {said}")
    if match := _WHEN.match(question):
        joint = (
            "" if re.match(r"(?:in|on|at|since|during|from|by|after|before)\b", short) else "in "
        )
        return _tidy(f"{match[2]} {match[1]} {match[3]}{match[4] or ''} {joint}{short}")
    if match := _DID.match(question):
        return _past(match[1], short, sentence)
    return None


def _past(said: str, short: str, sentence: str) -> str | None:
    """Return a statement in the past tense, if the source has one of its words in that tense."""
    words = said.split()
    there = set(re.findall(r"[a-z]+", sentence))
    for place, word in enumerate(words[1:], 1):
        forms = (f"{word}ed", f"{word}d", f"{word[:-1]}ied" if word.endswith("y") else "")
        past = next((form for form in forms if form and form in there), None)
        if past:
            joint = (
                ""
                if re.match(r"(?:in|on|at|since|during|from|by|after|before|to)\b", short)
                else "in "
            )
            return _tidy(f"{' '.join([*words[:place], past, *words[place + 1 :]])} {joint}{short}")
    return None


def _tidy(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip(' .')}."


def kind_of_answer(answer: str) -> str:
    """Return a rough type: a year, a number, a name or words."""
    if re.fullmatch(r"(?:in )?[12]\d{3}", answer):
        return "year"
    if re.search(r"\d", answer):
        return "number"
    return "name" if answer[:1].isupper() else "words"
