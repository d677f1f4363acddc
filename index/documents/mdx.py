"""Components in Markdown (MDX), as Docusaurus writes them: ``<TabItem value="linux">``."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

# The name of a component begins with a capital letter. A value may be a string or an expression in
# braces, which holds braces of its own: ``values={[{label: 'Mac', value: 'mac'}]}``.
_EXPRESSION = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_VALUES = rf"\s(?:[^<>{{}}\"']|\"[^\"]*\"|'[^']*'|{_EXPRESSION})*"
_TAG = re.compile(rf"<(?P<closing>/?)(?P<name>[A-Z][\w.]*)(?P<values>{_VALUES}|/?)>[ \t]*(?=\n|\Z)")
_TITLES = tuple(
    re.compile(rf"\s{name}=[\"'](?P<title>[^\"'\n]*\w[^\"'\n]*)[\"']")
    for name in ("label", "title", "summary", "value")
)
_IMPORT = re.compile(
    r"import[ \t]+(?:[^\n\"']+?[ \t]from[ \t]+)?[\"'][^\n\"']+[\"'];?[ \t]*(?=\n|\Z)"
)
_CLOSING = re.compile(r"</([A-Z][\w.]*)")
_BEGINNINGS = ("<", "import")
_TABS = ("TabItem", "Tab")
_LONGEST = 4000  # characters of a tag


def open_component(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block rule of markdown-it: leave out the tags of components and what a file imports.

    Of a tag, the title stays (see `push_title`). What stands between tags is Markdown.
    """
    start = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith(_BEGINNINGS, start):  # most lines, so this has to be quick
        return False
    source = state.src[start : min(start + _LONGEST, state.eMarks[last - 1])]
    found = _TAG.match(source) or _IMPORT.match(source)
    if found is None or state.is_code_block(first):
        return False
    parts = found.groupdict(default="")
    name, values = parts.get("name", ""), parts.get("values", "")
    if name and not (parts["closing"] or values or name in _find_closed(state)):
        return False  # "<Name>" alone is a placeholder
    if silent:
        return True
    below = first + found.group().count("\n") + 1
    title = next((match["title"] for each in _TITLES if (match := each.search(values))), "")
    if title:
        push_title(state, title, (first, below), tab=name in _TABS)
    state.line = below
    return True


def _find_closed(state: StateBlock) -> frozenset[str]:
    """Return the names of the components that a document closes somewhere; found once for each."""
    if "closed" not in state.env:
        state.env["closed"] = frozenset(_CLOSING.findall(state.src))
    closed: frozenset[str] = state.env["closed"]
    return closed


def push_title(state: StateBlock, title: str, lines: tuple[int, int], *, tab: bool) -> None:
    """Add the title of a note or tab: a paragraph, or a heading over what the tab holds.

    Nothing ends that heading but the next one, so what follows the last tab stands below it, too.
    """
    kind, tag = ("heading", "h6") if tab else ("paragraph", "p")
    state.push(f"{kind}_open", tag, 1)
    token = state.push("inline", "", 0)
    token.content, token.map = title, [*lines]
    state.push(f"{kind}_close", tag, -1)
