"""Words whose exchange makes a true claim false: opposites, hedges, quantities, causes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain, product

# Pairs of opposites. Of verbs the base form; `inflect` makes the others.
_VERBS = """
approve reject|accept refuse|accept reject|allow forbid|permit prohibit|win lose|buy sell
increase decrease|rise fall|grow shrink|gain lose|open close|begin end|start stop|start finish
arrive leave|join leave|attack defend|build destroy|create destroy|support oppose|praise criticise
confirm deny|admit deny|succeed fail|pass fail|include exclude|import export|borrow lend
raise lower|expand reduce|expand shrink|strengthen weaken|improve worsen|accelerate slow
hire dismiss|appoint dismiss|love hate|remember forget|find lose|save spend|push pull|enter leave
hide reveal|acquit convict|arrest release|legalise ban|legalize ban|ban allow|enable disable
enable prevent|encourage discourage|connect separate|unite divide|install remove|add remove
insert delete|lengthen shorten|widen narrow|heat cool|melt freeze|fill empty|lock unlock
attach detach|agree disagree|like dislike|trust distrust|follow precede|survive die|keep discard
extend shorten|advance retreat|invest withdraw|deposit withdraw|send receive|give take|teach learn
lead follow|protect endanger|cause prevent|simplify complicate|launch cancel|adopt abolish
introduce abolish|establish abolish|require forbid|recommend discourage|tighten loosen
ascend descend|float sink|borrow repay|export import|merge split|upgrade downgrade|succeed precede
back oppose|renew cancel
"""
_PLAIN = """
first last|high low|higher lower|highest lowest|large small|larger smaller|largest smallest
big little|bigger smaller|biggest smallest|long short|longer shorter|longest shortest|old new
older younger|old young|oldest youngest|early late|earlier later|before after|above below
over under|more fewer|more less|most least|north south|northern southern|east west|eastern western
left right|public private|male female|man woman|men women|king queen|father mother|son daughter
brother sister|husband wife|rich poor|strong weak|stronger weaker|hot cold|warm cold|warmer colder
wet dry|hard soft|heavy light|fast slow|faster slower|fastest slowest|easy difficult
simple complex|safe dangerous|legal illegal|possible impossible|active inactive|common rare
popular unpopular|positive negative|true false|right wrong|full empty|upper lower|inner outer
internal external|deep shallow|thick thin|wide narrow|near far|good bad|better worse|best worst
successful unsuccessful|successfully unsuccessfully|major minor|permanent temporary
guilty innocent|dead alive|free paid|mandatory optional|required optional|ancient modern
urban rural|foreign domestic|senior junior|visible invisible|present absent|always never
often rarely|usually rarely|frequently rarely|sometimes never|everywhere nowhere|inside outside
indoors outdoors|up down|forward backward|with without|including excluding|victory defeat
success failure|profit loss|growth decline|increase decrease|rise fall|beginning end
majority minority|maximum minimum|advantage disadvantage|strength weakness|war peace|summer winter
morning evening|day night|sunrise sunset|ally enemy|buyer seller|employer employee|teacher student
solid liquid|acid base|entrance exit|arrival departure|birth death|born died|alive extinct
directly indirectly|partly fully|partially completely|quickly slowly|openly secretly
willing unwilling|able unable|likely unlikely|known unknown|equal unequal|similar different
same different|open closed|open closes|attend absent|attended absent|allowed forbidden
permitted forbidden|cheaper dearer
"""
# Of these pairs, what is not the one is the other.
_COMPLEMENTS = """
approve reject|accept refuse|accept reject|allow forbid|permit prohibit|open close|pass fail
include exclude|succeed fail|agree disagree|remember forget|keep discard|allow ban
"""
_PLAIN_COMPLEMENTS = """
open closed|attend absent|attended absent|present absent|legal illegal|possible impossible
active inactive|alive dead|true false|able unable|known unknown|visible invisible
mandatory optional|required optional|guilty innocent|complete incomplete|allowed forbidden
permitted forbidden|allowed prohibited|same different|equal unequal|successful unsuccessful
safe unsafe|permanent temporary
"""
_IRREGULAR = {
    "win": ("wins", "won", "winning"),
    "lose": ("loses", "lost", "losing"),
    "buy": ("buys", "bought", "buying"),
    "sell": ("sells", "sold", "selling"),
    "rise": ("rises", "rose", "rising"),
    "fall": ("falls", "fell", "falling"),
    "grow": ("grows", "grew", "growing"),
    "shrink": ("shrinks", "shrank", "shrinking"),
    "begin": ("begins", "began", "beginning"),
    "leave": ("leaves", "left", "leaving"),
    "build": ("builds", "built", "building"),
    "lend": ("lends", "lent", "lending"),
    "forget": ("forgets", "forgot", "forgetting"),
    "find": ("finds", "found", "finding"),
    "spend": ("spends", "spent", "spending"),
    "hide": ("hides", "hid", "hiding"),
    "freeze": ("freezes", "froze", "freezing"),
    "keep": ("keeps", "kept", "keeping"),
    "forbid": ("forbids", "forbade", "forbidding"),
    "withdraw": ("withdraws", "withdrew", "withdrawing"),
    "send": ("sends", "sent", "sending"),
    "give": ("gives", "gave", "giving"),
    "take": ("takes", "took", "taking"),
    "teach": ("teaches", "taught", "teaching"),
    "lead": ("leads", "led", "leading"),
    "sink": ("sinks", "sank", "sinking"),
    "split": ("splits", "split", "splitting"),
    "die": ("dies", "died", "dying"),
    "repay": ("repays", "repaid", "repaying"),
    "stop": ("stops", "stopped", "stopping"),
    "admit": ("admits", "admitted", "admitting"),
    "permit": ("permits", "permitted", "permitting"),
    "ban": ("bans", "banned", "banning"),
    "cancel": ("cancels", "cancelled", "cancelling"),
    "acquit": ("acquits", "acquitted", "acquitting"),
    "slow": ("slows", "slowed", "slowing"),
    "follow": ("follows", "followed", "following"),
    "narrow": ("narrows", "narrowed", "narrowing"),
}

HEDGES = frozenset(
    "may might possibly perhaps probably likely allegedly reportedly apparently presumably "
    "suspect suspects suspected believe believes believed think thinks thought expect expects "
    "expected hope hopes hoped plan plans planned propose proposes proposed consider considers "
    "considered considering intend intends intended aim aims aimed want wants wanted try tries "
    "tried attempt attempts attempted suggest suggests suggested claim claims claimed predict "
    "predicts predicted rumoured rumored supposed alleged accused accuses".split()
)
"""Words behind which a sentence does not say that something is so."""

MODALS = frozenset("could would should will shall must seem seems appear appears according".split())
"""Words with which a claim does not say for certain that something is so, either."""

SYMMETRIC = frozenset(
    "met meet marri wed border fought fight resembl join connect link equal differ and with".split()
)
"""Stems of verbs that say the same of both sides."""

CAUSES = frozenset(
    "because therefore thus hence consequently cause causes caused causing due owing thanks "
    "led leads leading result results resulted resulting reason reasons since so triggered "
    "triggers triggering prompted prompting forced forcing brought why account explains "
    "explained after made makes".split()
)
"""Words with which a sentence can say that one thing is the cause of another."""

CAUSAL_CLAIMS = frozenset(
    "because therefore thus hence consequently due owing cause caused causes causing".split()
)
"""Words with which a claim says for certain that one thing is the cause of another."""

UNIVERSALS = frozenset("all every each always everyone everybody everything entirely only".split())
"""Words with which a claim speaks of everything without exception."""

PARTIALS = frozenset(
    "some many most several few often usually sometimes partly mainly mostly part majority "
    "minority half third quarter largely generally typically nearly almost".split()
)
"""Words with which a sentence speaks of a part."""


def inflect(verb: str) -> tuple[str, str, str, str]:
    """Return the base form of an English verb, its third person, its past and its -ing form."""
    if verb in _IRREGULAR:
        return (verb, *_IRREGULAR[verb])
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    third = f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh")) else f"{verb}s"
    if verb.endswith("e"):
        return (
            verb,
            third,
            f"{verb}d",
            f"{verb[:-1]}ing" if not verb.endswith("ee") else f"{verb}ing",
        )
    return verb, third, f"{verb}ed", f"{verb}ing"


@cache
def opposites() -> dict[str, frozenset[str]]:
    """Return for each word its opposites, in the same inflected form."""
    found: dict[str, set[str]] = {}
    for one, other in _pairs():
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


def _pairs() -> Iterator[tuple[str, str]]:
    for one, other in _split_pairs(_VERBS):
        yield from zip(inflect(one), inflect(other), strict=True)
    yield from _split_pairs(_PLAIN)


def _split_pairs(lines: str) -> Iterator[tuple[str, str]]:
    for pair in lines.replace("\n", "|").split("|"):
        if pair.strip():
            one, other = pair.split()
            yield one, other


@cache
def complements() -> dict[str, frozenset[str]]:
    """Return for each word those that say the same when they are denied, in any inflected form."""
    found: dict[str, set[str]] = {}
    verbs = (product(inflect(one), inflect(other)) for one, other in _split_pairs(_COMPLEMENTS))
    for one, other in chain(_split_pairs(_PLAIN_COMPLEMENTS), *verbs):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


CONVERSES = frozenset(
    word
    for verb in "buy sell win lose lend borrow import export send receive give take teach learn "
    "lead follow precede succeed join leave enter gain split attack defend".split()
    for word in inflect(verb)
) | frozenset(
    "higher lower larger smaller longer shorter older younger earlier later before after above "
    "below over under more fewer less bigger faster slower stronger weaker warmer colder better "
    "worse north south east west husband wife father mother son daughter brother sister man woman "
    "men women king queen teacher student buyer seller employer employee with without right left "
    "including excluding up down present light second".split()
)
"""Opposites with which the same can be said from the other side: "sold to" and "bought from"."""
