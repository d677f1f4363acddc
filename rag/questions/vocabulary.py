"""Function words, and the patterns of each kind of question, by language."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "person", "date", "place", "number", "reason", "definition", "list", "yes/no", "other"
]

CAPITALISED = ("de",)
"""Languages that capitalise all nouns: in them a capital letter makes no name."""

MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
}
"""The names of the months in order, by language."""

FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": (
            "a am about an and any are as at be been being but by can could did do does for from "
            "going had has have he her here him his how i if in into is it its just many may me "
            "might more most much must my no not of off on or our over shall she should so some "
            "such than that the their them then there these they this those to us was we were what "
            "when where which while who whom whose why will with would you your tell please know "
            "name list give say said"
        ),
        "de": (
            "aber alle als also am an auch auf aus bei beim bin bis bist da damit dann das dass "
            "daß dein dem den denn der des die dies diese diesem diesen dieser dieses doch dort du "
            "durch ein eine einem einen einer eines er es euch euer für gab gibt hat hatte hatten "
            "haben habe hier hin ich ihm ihn ihnen ihr ihre im in ins ist ja kann kein keine "
            "können man mehr mein mit muss nach nicht noch nun nur ob oder ohne sehr sein seine "
            "sich sie sind so soll über um und uns unter vom von vor wann war waren warum was "
            "weil welche welchem welchen welcher welches wem wen wenn wer werden weshalb wessen "
            "wie wieso wieviel viele viel wir wird wo wofür woher wohin wurde wurden womit wozu "
            "zu zum zur nenne sage bitte"
        ),
        "fr": (
            "a ai as au aux avec avait avaient avez avons ce ceci cela ces cet cette chez ci "
            "combien comme comment dans de des donc dont du elle elles en est et étaient était "
            "être eu eux fait il ils je l la le les leur leurs lui ma mais me mes moi mon ne nos "
            "notre nous on ont ou où par pas plus pour pourquoi qu quand que quel quelle quelles "
            "quels qui quoi sa sans se ses si son sont sous sur ta te tes toi ton tu un une vos "
            "votre vous y a-t-il est-ce sont-ils cite suis sommes êtes nomme donne dis"
        ),
        "es": (
            "a al algo ante antes como cómo con cuál cuales cuáles cuando cuándo cuanta cuánta "
            "cuantas cuántas cuanto cuánto cuantos cuántos de del desde donde dónde dos e el él "
            "ella ellas ellos en entre era eran es esa ese eso esta está estaba están este esto "
            "estos fue fueron ha había habían han hay hasta la las le les lo los más me mi mis muy "
            "ni no nos o os otra otro para pero por porque qué que quién quien quienes quiénes se "
            "sea ser si sí sin sobre son su sus también te tiene tienen tu tú un una uno unos y ya "
            "yo soy eres somos estoy nombra di dime"
        ),
    }.items()
}

VERBS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": (
            "who whom whose what when where which why how is are was were am be been do does did "
            "can could must should shall will would may might has have had isn't aren't don't "
            "doesn't didn't can't couldn't wouldn't won't if"
        ),
        "de": (
            "wer wem wen was wann wo woher wohin welche welcher welches welchem warum wieso wie "
            "ist sind war waren kann können muss müssen darf dürfen soll sollen hat haben wird "
            "werden gibt wenn falls"
        ),
        "fr": (
            "qui quoi quand où quel quelle quels quelles pourquoi comment combien est sont était a "
            "ont peut peuvent doit doivent faut si"
        ),
        "es": (
            "quién quiénes qué cuándo dónde cuál cuáles cómo cuánto cuánta cuántos cuántas es son "
            "está fue hay tiene puede debe si"
        ),
    }.items()
}
"""Question words, auxiliary verbs and "if": a text without them is no clause of its own."""

_EN_MEASURES = "many|much|old|tall|high|long|far|large|big|deep|heavy|wide|fast|often"

# The first pattern that matches decides.
KINDS: dict[str, tuple[tuple[Kind, re.Pattern[str]], ...]] = {
    language: tuple(
        (kind, re.compile(pattern, re.IGNORECASE))  # type: ignore[misc]
        for kind, pattern in patterns
    )
    for language, patterns in {
        "en": (
            (
                "reason",
                r"\bwhy\b|\bwhat (?:is|was|are|were) the (?:reason|cause)s?\b|\bwhat caused\b",
            ),
            (
                "list",
                r"^(?:please )?(?:list|name|enumerate)\b"
                r"|\b(?:what|which) (?:are|were) (?:all |some |the )"
                r"|\bwhich (?:\w+ )?(?:countries|cities|people|states|places|companies|books)\b",
            ),
            (
                "number",
                rf"\bhow (?:{_EN_MEASURES})\b"
                r"|\b(?:what|which) (?:is |was |were |are )?(?:the )?(?:\w+ )?"
                r"(?:number|percent|percentage|amount|population|price|cost|age|size|distance"
                r"|height|length|weight|temperature|speed|share|rate|total)\b",
            ),
            (
                "date",
                r"\bwhen\b|\b(?:what|which|in what|in which) (?:\w+ )?"
                r"(?:year|date|day|month|century|decade|time|season)\b|\bhow long ago\b",
            ),
            (
                "person",
                r"\bwho\b|\bwhom\b|\bwhose\b|\b(?:what|which) (?:\w+ )?(?:person|man|woman)\b",
            ),
            (
                "place",
                r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|town|state|place|location"
                r"|continent|region|river|island|village|capital|county|province)\b",
            ),
            (
                "definition",
                r"^(?:what|who) (?:is|are|was|were) (?:an? )?[\w-]+(?: [\w-]+)?\W*$"
                r"|\bwhat (?:does .+ mean|is meant by)\b|^define\b|\b(?:meaning|definition) of\b"
                r"|^[^?,]{2,40} (?:meaning|definition)\W*$",
            ),
            (
                "yes/no",
                r"^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may)\b",
            ),
        ),
        "de": (
            ("reason", r"\b(?:warum|weshalb|wieso|aus welchem grund|was ist der grund)\b"),
            (
                "number",
                r"\bwie (?:viele?|alt|hoch|groß|lange?|weit|tief|schwer|breit|schnell|oft|teuer)\b"
                r"|\bwieviele?\b|\bwelche[rs]? (?:anzahl|anteil|prozentsatz|betrag|preis|alter)\b",
            ),
            (
                "date",
                r"\bwann\b|\bwelche[mnrs]? (?:jahr|tag|monat|datum|jahrhundert)",
            ),
            ("person", r"\b(?:wer|wem|wen|wessen)\b"),
            (
                "place",
                r"\b(?:wo|woher|wohin)\b"
                r"|\bwelche[mnrs]? (?:land|stadt|ort|region|fluss|insel|staat)\b",
            ),
            ("list", r"^(?:nenne|liste)\b|\bwelche (?:länder|städte|personen|staaten|orte)\b"),
            (
                "definition",
                r"^was (?:ist|sind) (?:eine? )?[\w-]+\W*$|\bwas (?:bedeutet|heißt)\b"
                r"|\b(?:bedeutung|definition) (?:von|des|der)\b"
                r"|^[^?,]{2,40} (?:bedeutung|definition)\W*$",
            ),
            (
                "yes/no",
                r"^(?:ist|sind|war|waren|hat|haben|kann|können|wird|gibt|gab|muss)\b",
            ),
        ),
        "fr": (
            (
                "reason",
                r"\bpourquoi\b|\bquelle est la (?:raison|cause)\b",
            ),
            (
                "number",
                r"\bcombien\b|\bquel(?:le)? (?:âge|nombre|pourcentage|prix|montant|taille|hauteur"
                r"|longueur|distance|part|population)\b",
            ),
            (
                "date",
                r"\bquand\b|\bquel(?:le)?s? (?:année|date|jour|mois|siècle)\b",
            ),
            (
                "place",
                r"\boù\b|\b(?:quel|quelle) (?:pays|ville|lieu|région|état|île|endroit)\b",
            ),
            ("list", r"^(?:cite|nomme|liste)z?\b|\b(?:quels|quelles) (?:sont|étaient)\b"),
            ("definition", r"^qu'est-ce (?:que c'est que|qu'une?|que)\b"),
            ("person", r"\bqui\b"),
            ("yes/no", r"^(?:est-ce|a-t-il|y a-t-il)\b"),
        ),
        "es": (
            ("reason", r"\bpor qué\b|\bcuál (?:es|fue) la (?:razón|causa)\b"),
            (
                "number",
                r"\bcuánt[oa]s?\b|\bqué (?:edad|número|porcentaje|precio|cantidad|altura|tamaño"
                r"|distancia|longitud)\b",
            ),
            ("date", r"\bcuándo\b|\bqué (?:año|fecha|día|mes|siglo)\b"),
            ("person", r"\bquién(?:es)?\b"),
            (
                "place",
                r"\b(?:a?dónde)\b|\bqué (?:país|ciudad|lugar|región|estado|isla|río)\b",
            ),
            ("list", r"^(?:nombra|enumera|lista)\b|\bcuáles (?:son|eran)\b"),
            ("definition", r"^¿?qué (?:es|son) (?:una? )?[\w-]+\W*$"),
            ("yes/no", r"^¿?(?:es|son|fue|hay|tiene|puede)\b"),
        ),
    }.items()
}
