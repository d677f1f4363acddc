"""Questions about who was at a meeting, in the words that minutes use for it."""

from __future__ import annotations

import re

_MEETING = {
    "en": r"meeting|call|session|council|assembly|committee|hearing|workshop|conference|board",
    "de": r"\w*(?:sitzung|besprechung|versammlung|treffen|konferenz|tagung)|gespräch\w*",
}
_ASKS = {
    "en": (
        r"^\W*(?:and |so )?"
        r"(?:who(?: all| else)?|(?:list |name )?(?:everyone|everybody)(?: who)?"
        r"|how many (?:people|persons|members|participants))\s+"
        r"(?:(?:was|were|has been|have been)(?: present| there)? (?:at|in|on)"
        r"|attended|joined|came to|took part in|participated in|sat in on)\b"
    ),
    "de": (
        r"^\W*(?:und )?(?:wer|wie viele \w+)\s+"
        r"(?:(?:war|waren)(?: alles| alle)? (?:anwesend )?(?:bei|auf|in|an)\b"
        r"|(?:hat|haben|nahm|nahmen) an\b.*\bteil|(?:hat|haben) an\b.*\bteilgenommen)"
    ),
}
# Minutes list people under "Attendees" or "Participants", and under "Present".
_AS_IN_MINUTES = {
    "en": ("Who attended the meeting?", "Who was present?"),
    "de": ("Wer hat an der Sitzung teilgenommen?", "Wer war anwesend?"),
}


def ask_who_came(text: str, language: str) -> tuple[str, ...]:
    """Return the same question in the words of minutes; nothing for any other question."""
    if language not in _ASKS or not re.search(_ASKS[language], text, re.IGNORECASE):
        return ()
    met = re.search(rf"\b(?:{_MEETING[language]})\b", text, re.IGNORECASE)
    return _AS_IN_MINUTES[language] if met else ()
