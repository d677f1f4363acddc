"""Questions for an amount, which only a sentence with an amount can answer.

On 129 such questions of XQuAD (English and Spanish) that were answered, two answers had none, and
both questions only mention an amount ("What is happening to the average age …?").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answers.units import AnswerUnit
from rag.questions.parse import Question

# "How long" and "how often" are left out: "until he is replaced" and "daily" answer them.
_COUNTS = {
    "en": r"\bhow (?:many|much)\b",
    "de": r"\bwie ?viele?\b",
    "fr": r"\bcombien\b(?! de temps)",
    "es": r"\bcuánt[oa]s?\b(?! tiempo)",
}
_MEASURES = {
    "en": (
        r"^\W*(?:and |so )?(?:what|which) (?:is |was |are |were )?(?:the )?(?:[\w-]+ ){0,2}"
        r"(?:percentage|price|cost|fee|speed|rate|ratio|salary|wage|population|temperature"
        r"|distance|height|length|weight)\b"
    ),
    "de": (
        r"\bwie (?:hoch|teuer|schnell|schwer) (?:ist|sind|war|waren)\b"
        r"|\bwelche[rs]? (?:prozentsatz|betrag|preis)\b"
    ),
    "fr": (
        r"\bquel(?:le)? (?:est |était )?(?:le |la |l['’])?(?:pourcentage|prix|montant|coût"  # noqa: RUF001
        r"|vitesse|taux|hauteur|longueur|distance|population)\b"
    ),
    "es": (
        r"\b(?:qué|cuál (?:es|era|fue) (?:el|la)) (?:porcentaje|precio|costo|coste|velocidad"
        r"|tasa|altura|longitud|distancia|población)\b"
    ),
}
_NUMBER = (
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|[mb]illions?|half"
    r"|quarter|thirds?|twice|double|triple|free|zwei|drei|vier|fünf|sechs|sieben|acht|neun|elf"
    r"|zwölf|\w*zehn|\w+zig|\w*hundert\w*|\w*tausend\w*|millionen|halb\w*|hälfte|viertel|drittel"
    r"|doppelt\w*|kostenlos|kostenfrei|gebührenfrei|deux|trois|quatre|cinq|sept|huit|neuf|dix"
    r"|onze|douze|treize|vingt|trente|quarante|cinquante|soixante|cents?|mille|moitié|quart"
    r"|tiers|gratuit\w*|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|quince|veinte"
    r"|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien\w*|mil|mitad|tercio"
    r"|gratis)\b"
)
_COUNT = (
    rf"{_NUMBER}|\b(?:one|once|none?|nothing|all|both|single|several|many|few|fewer|every|most"
    r"|majority|minority|unlimited|any|eine?[mnrs]?|kein\w*|nichts|alle\w*|beide\w*|mehrere"
    r"|viele|wenige|une?|aucune?|tou(?:s|tes)|plusieurs|un[ao]s?|ning[úu]n\w*|tod[oa]s|ambos"
    r"|vari[oa]s|much[oa]s|poc[oa]s)\b"
)


def lacks_amount(question: Question, units: Sequence[AnswerUnit]) -> bool:
    """Return whether a question asks for an amount, and nothing that would be quoted has one.

    A list answers "how many" by its items.
    """
    quoted = [item for unit in units for item in unit.sentences]
    for asks, answers in ((_COUNTS, _COUNT), (_MEASURES, _NUMBER)):
        pattern = asks.get(question.language)
        if not quoted or pattern is None or not re.search(pattern, question.text, re.IGNORECASE):
            continue
        listed = asks is _COUNTS and any(len(unit.sentences) > 1 for unit in units)
        texts = (text for item in quoted for text in (item.readable, *item.headings))
        if not listed and not any(re.search(answers, text, re.IGNORECASE) for text in texts):
            return True
    return False
