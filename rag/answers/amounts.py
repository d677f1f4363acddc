"""Questions for an amount, which only a sentence with an amount can answer.

On 129 such questions of XQuAD (English and Spanish) that were answered, two answers had none, and
both questions only mention an amount ("What is happening to the average age …?").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.questions.replacement import YEAR
from rag.types import Evidence

# "How long" and "how often" are left out: "until he is replaced" and "daily" answer them.
_COUNTS = {
    "en": r"\bhow (?:many|much)\b",
    "de": r"\bwie ?viele?\b",
    "fr": r"\bcombien\b(?! de temps)",
    "es": r"\bcuánt[oa]s?\b(?! tiempo)",
}
_MEASURES = {
    "en": (
        r"^\W*(?:and |so )?(?:(?:what|which)(?:['’]s)? (?:is |was |are |were )?(?:the )?"  # noqa: RUF001
        r"|(?:the )?(?:max|min|average|highest|lowest)(?:imum)?\.? )(?:[\w-]+ ){0,2}"
        r"(?:percentage|price|cost|fee|speed|rate|ratio|salary|wage|population|temperature"
        r"|distance|height|length|weight|size)\b"
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
_PRICES = {
    "en": (
        r"\b(?:what|how much) (?:do|does|did|would|will) .*\b(?:cost|charge|earn)\b(?! in\b)"
        r"|^\W*(?:and |so )?(?:what(?:['’]s| is| was| are)? )?(?:the )?(?:[\w-]+ ){0,2}"  # noqa: RUF001
        r"(?:price|fee|salary|wage|cost)s? (?:of|for)\b"
    ),
    "de": (
        r"\b(?:was|wie ?viel) (?:kostet|kosten|verdien\w+)\b"
        r"|\bwie hoch (?:ist|sind|war|waren) .*(?:geld|gehalt|lohn|kosten|gebühr(?:en)?|preise?)\b"
    ),
    "fr": (
        r"\bcombien (?:coûte|coûtent|gagne|gagnent)\b"
        r"|\bquel(?:le)? est (?:le |la )(?:prix|tarif|salaire|coût)\b"
    ),
    "es": (
        r"\bcuánto (?:cuesta|cuestan|cobra|cobran|gana|ganan|vale)\b"
        r"|\bcuál es (?:el |la )(?:precio|tarifa|salario|costo|coste)\b"
    ),
}
_MONEY = (
    r"[$€£¥₹%]|\b(?:\d+[.,]\d\d|euros?|dollars?|usd|eur|gbp|chf|cents?|pounds?|kroner|francs?"
    r"|franken|francos?|yen|yuan|pesos?|dólares|percent|per cent|prozent|por ciento|pour ?cent"
    r"|free|gratis|gratuit\w*|kostenlos|kostenfrei|gebührenfrei|no (?:cost|charge|fee)"
    r"|without (?:cost|charge|a fee))\b"
)
_PAYING = (  # beside such a word, a number is a price in any currency
    r"\b(?:costs?|charge[sd]?|fees?|prices?|pays?|paid|salar(?:y|ies)|wages?|earn(?:s|ed)?|worth"
    r"|kostet|kosten|gebühr(?:en)?|preise?|zahl(?:t|en)|gehalt|lohn|verdien\w+|coût\w*|prix|tarifs?"
    r"|salaires?|pa(?:ye|ie|yer)|gagne\w*|cuesta\w*|precios?|tarifas?|paga\w*|salarios?|gana\w*)\b"
)
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
_DATE = re.compile(rf"\b\d{{1,4}}(?:[-./]\d{{1,4}}){{1,2}}\b|{YEAR.pattern}")  # of a heading
_PRICE = rf"{_MONEY}|(?:{_PAYING}).*?(?:{_NUMBER})|(?:{_NUMBER}).*?(?:{_PAYING})"


def lacks_amount(question: Question, units: Sequence[AnswerUnit]) -> bool:
    """Return whether a question asks for an amount, and nothing that would be quoted has one.

    A list answers "how many" by its items, but not if one of them holds all words of the question:
    then it lists other things too, as minutes do. A price needs a currency or a word such as
    "costs" beside its number, but for rows of a table.
    """
    told = [_find_told(unit) for unit in units]
    quoted = [item for each in told for item in each]
    rows = any(unit.kind == "table" for unit in units)  # their currency may be in no cell
    prices = _NUMBER if rows else _PRICE
    for asks, answers in ((_COUNTS, _COUNT), (_MEASURES, _NUMBER), (_PRICES, prices)):
        pattern = asks.get(question.language)
        if not quoted or pattern is None or not re.search(pattern, question.text, re.IGNORECASE):
            continue
        listed = asks is _COUNTS and any(len(each) > 1 for each in told)
        headings = (_DATE.sub("", text) for item in quoted for text in item.headings)
        texts = (*(item.readable for item in quoted), *headings)
        if not listed and not any(re.search(answers, text, re.IGNORECASE) for text in texts):
            return True
    return False


def _find_told(unit: AnswerUnit) -> tuple[Evidence, ...]:
    """Return the items of a list that hold all words of the question; all sentences if none do."""
    holding = tuple(item for item in unit.sentences if item.signals.holds_all)
    return holding if holding and unit.kind == "list" else unit.sentences
