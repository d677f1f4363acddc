"""Recognises greetings and thanks by their words, in each supported language.

A text is small talk only if all its words are. A text with any other word is a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SmallTalkKind = Literal["greeting", "thanks"]

_WORD = re.compile(r"[^\W\d_]+")
_MOST = 14  # words
_NAMES = 1  # unknown words that may follow thanks, such as a name


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that greet or thank in a language, and the words that may accompany them."""

    first: frozenset[str]
    beside: frozenset[str]


def _words(first: str, beside: str) -> _Words:
    return _Words(frozenset(first.split()), frozenset(beside.split()))


_GREETINGS: Mapping[str, _Words] = {
    "en": _words(
        "hi hello hey greetings morning afternoon evening",
        "good day there all everyone everybody again dear footnote nice to meet you how are doing",
    ),
    "de": _words(
        "hallo hi hey moin servus grüezi morgen tag abend grüß grüss",
        "guten schönen gott dich euch ihnen zusammen alle alles miteinander nochmal liebe lieber "
        "footnote wie geht es dir s gut",
    ),
    "fr": _words(
        "bonjour bonsoir salut coucou",
        "à tous toutes tout le monde cher chère footnote comment ça va allez vous tu vas bien",
    ),
    "es": _words(
        "hola buenas buenos saludos",
        "días tardes noches día a todos todas footnote qué tal cómo estás está usted va",
    ),
}
_THANKS: Mapping[str, _Words] = {
    "en": _words(
        "thanks thank thx cheers",
        "you a lot very much so many million for the your this that it its s help helping helped "
        "helps helpful useful answer answers answering information info explanation explaining "
        "reply great perfect excellent nice wonderful awesome brilliant fantastic super cool fine "
        "good really was is were all now again indeed ok okay yes no got me us i we my and just "
        "exactly what needed wanted looking know understand clear quick fast kind again footnote "
        "have day bye goodbye everything clarifying appreciate appreciated too",
    ),
    "fr": _words(
        "merci mercis remercie",
        "beaucoup bien mille infiniment encore pour votre vos ton ta tes cette la le les l aide "
        "réponse réponses information informations explication c est était très utile clair "
        "parfait super génial excellent ça cela m a ai j je vous te nous tout aidé aidée d accord "
        "ok oui non compris à toi et rapide bonne journée au revoir footnote",
    ),
    "de": _words(
        "danke dank dankeschön merci",
        "dir ihnen euch schön sehr viel vielen vielmals tausend herzlichen besten bestens lieben "
        "für die das der den deine ihre eure diese schnelle gute hilfe antwort antworten auskunft "
        "information informationen info infos erklärung hat mir uns geholfen hilft weiter "
        "weitergeholfen war ist waren sind gut super toll prima perfekt klasse wunderbar genial "
        "spitze ok okay ja nein alles klar jetzt nun verstanden ich habe wir es so schnell nochmal "
        "nochmals wirklich genau richtig hilfreich freundlich nett und auch footnote tschüss "
        "schönen tag noch einen was brauchte wollte suchte s herr frau",
    ),
    "es": _words(
        "gracias agradezco",
        "muchas muchísimas mil por tu su vuestra la el los las ayuda respuesta respuestas "
        "información explicación eso esto me nos ha ayudado ayudó mucho muy útil claro rápida "
        "perfecto genial excelente estupendo bien ok vale sí no todo es fue ha sido de entendido a "
        "ti usted te se lo y otra vez buen día adiós footnote",
    ),
}


def recognise_small_talk(text: str) -> tuple[SmallTalkKind, str] | None:
    """Return the kind of small talk and its language; None if the text is not small talk."""
    words = _WORD.findall(text.casefold())
    if not 0 < len(words) <= _MOST or any(map(str.isdigit, text)):
        return None
    for language, known in _GREETINGS.items():
        if known.first.intersection(words) and known.beside.union(known.first).issuperset(words):
            return "greeting", language
    if "?" in text:
        return None
    unknown = {
        language: sum(word not in known.beside and word not in known.first for word in words)
        for language, known in _THANKS.items()
        if known.first.intersection(words)
    }
    language = min(unknown, key=lambda language: unknown[language], default="")
    allowed = _NAMES if language and words[0] in _THANKS[language].first else 0
    return ("thanks", language) if language and unknown[language] <= allowed else None
