"""The form of the answer to a question: a whole list, a procedure, a comparison, or other.

The kind of a question (`rag.questions.vocabulary`) is the type of its short answer. Its form says
how much text the answer needs.
"""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["list", "procedure", "comparison", "other"]

# The first pattern that matches decides.
_FORMS: dict[str, tuple[tuple[Form, str], ...]] = {
    "en": (
        (
            "comparison",
            r"\bdifferences?\b|\bdiffers?\b|\bdifferent from\b|\bcompar\w+\b|\bversus\b|\bvs\b"
            r"|^(?:is|are|was|were|do|does|did)\b.*\b(?:more|less|fewer|\w{3,}er)\b.* (?:or|than) "
            r"|, (?:and|or) (?:what|how|who|when|where|which)\b|\bboth\b|\bwith and without\b"
            r"|\bhow (?:much|many|long|often|deep|old|far)\b.*\band (?:how|what|the|in|one|with)\b",
        ),
        (
            "procedure",
            r"\bhow (?:do|can|should|would|could|must|may|might) (?:i|you|we|one|they)\b"
            r"|\bhow to\b|\bwhat (?:are|is) (?:the |my |our )?(?:steps?|procedure|options)\b"
            r"|\bwhat (?:should|can|must|could|do|does|did) (?:i|you|we|one|they|\w+) "
            r"(?:\w+ )*?do\b|\bwhat steps\b",
        ),
        (
            "list",
            r"^(?:please )?(?:list|name|enumerate)\b|\bby what \w+s\b|\blist (?:all|every)\b"
            r"|\ball of (?:them|these|those)\b|^all (?:the|those) \w+s\b"
            r"|\bin (?:what|which) (?:cases|situations|circumstances|events)\b"
            r"|\b(?:what|which) (?:(?:all|other|different|own) )?"
            r"(?:kinds?|sorts?|types?|ways?|tools?|costs?|rules?|reasons?|options?|conditions?"
            r"|requirements?|documents?|changes?|steps?|things?|items?|topics?|services?|values?"
            r"|settings?|countries|cities|people|states|places|companies|books|members|parts"
            r"|weapons|sources|formats|languages|files|fields|events|tasks|duties|rights|papers)\b"
            r"|\b(?:what|which) (?:(?!(?:is|was|are|were|do|does|did|has|if|percentage|share"
            r"|number|amount)\b)[\w'-]+ ){0,3}?"
            r"[\w-]+(?<![sui])s (?:[\w-]+ ){0,2}?(?:are|were|do|did|can|could|may|must|should|will"
            r"|have|had|got|get|come|count|need|belong|apply)\b"
            r"|\bwho (?:all )?(?:was|were|is|are) (?:all )?(?:at|present|there|on the)\b"
            r"|\bwho (?:attended|sits on)\b|\b(?:what|which) (?:are|were) (?:all |some |the )"
            r"|\bwhat (?:must|has to|have to)\b.*\b(?:true|ready|have|include|contain)\b"
            r"|\bwhat (?:do|does) .*\b(?:need|have to|has to|consist|include|contain)\b"
            r"|\bwhat (?:must|should|can|do) (?:i|we|you|one|they) (?:\w+ )?(?:put|write|include"
            r"|state|mention|enclose|attach|submit|bring|pack|provide|supply|specify)\b",
        ),
    ),
    "de": (
        ("comparison", r"\bunterschied\w*\b|\bunterscheide\w*\b|\bvergl\w+\b|\bim gegensatz\b"),
        (
            "procedure",
            r"\bwie (?:kann|muss|soll|sollte|mache?|gehe?|bekomme?|beantrage?|melde?|richte?)\b"
            r"|\bwas (?:muss|soll|kann|mache?) (?:ich|man|wir) (?:\w+ )*?(?:tun|machen|mache)\b"
            r"|\bwelche schritte\b",
        ),
        (
            "list",
            r"^(?:nenne|liste|zähle)\b|\bwelchen? (?!\w+ (?:ist|war|hat)\b)\w+(?:en|er|e|n|s)\b"
            r"|\bwelche (?:\w+ )?\w+en \w+(?:en|er|e|n|s)\b|\bwas sind die \w+(?:en|er|e|n|s)\b"
            r"|\bw(?:as|er) (?:\w+ ){0,3}alles\b|\bbitte alle\b"
            r"|\balle (?:aufzählen|nennen|auflisten)\b"
            r"|\bwas (?:muss|soll|sollte|kann) (?:ich|man|wir) (?:\w+ ){0,4}?(?:angeben|mitbringen"
            r"|einreichen|beilegen|vorlegen|schreiben|nachweisen|mitnehmen|einpacken)\b",
        ),
    ),
    "fr": (
        ("comparison", r"\bdifférences?\b|\bdiffèrent?\b|\bcompar\w+\b|\bpar rapport à\b"),
        (
            "procedure",
            r"\bcomment (?:faire|puis|peut|dois|doit|faut|obtenir|je|on)\b|\bque faire\b",
        ),
        (
            "list",
            r"^(?:cite|nomme|liste|énumère)z?\b|\b(?:quels|quelles)\b"
            r"|\b(?:que|qu'est-ce que|quoi) .*?(?:dois|doit|faut).*?\b(?:joindre|fournir|indiquer"
            r"|apporter|mettre|présenter)\b",
        ),
    ),
    "es": (
        ("comparison", r"\bdiferencias?\b|\bdiferencian?\b|\bcompar\w+\b"),
        (
            "procedure",
            r"\bcómo (?:puedo|puede|debo|hago|se hace|se puede|pido|hay que)\b"
            r"|\bqué (?:tengo que|debo|hay que|puedo) hacer\b|\bqué pasos\b",
        ),
        (
            "list",
            r"^(?:nombra|enumera|lista)\b|\bcuáles (?:son|eran)\b"
            r"|\b(?:en )?qué (?!(?:es|son|días|años)\b)\w+s\b"
            r"|\bqué (?:debo|tengo que|hay que|se debe) (?:poner|presentar|incluir|adjuntar|llevar"
            r"|aportar|indicar)\b",
        ),
    ),
}
_PATTERNS = {
    language: [(form, re.compile(pattern, re.IGNORECASE)) for form, pattern in forms]
    for language, forms in _FORMS.items()
}


def find_form(text: str, language: str) -> Form:
    """Return the form of the answer that a question asks for."""
    return next((form for form, asks in _PATTERNS[language] if asks.search(text)), "other")
