"""What Sphinx and other programs add to reStructuredText: docutils alone would lose their text.

A role that docutils does not know shows its text, and a directive its argument and its content.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en

_DIRECTIVE = re.compile(r"\.\. (?:\|[^|\n]+\| )?([\w:.+-]+?) ?::(?:\s|$)")
_ROLE = re.compile(r":([\w:.+-]+):`")
_TITLED = re.compile(r"(.+?)\s*<[^<>]+>", re.DOTALL)
# Sphinx's own words.
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_OMITTED = frozenset("toctree index tabularcolumns highlight currentmodule autosummary".split())
_CODE = frozenset(
    "code-cell doctest graphviz ipython jupyter-execute mermaid plot prompt testcode testoutput "
    "testsetup uml".split()
)


def register_unknown(source: str) -> None:
    """Let docutils read the roles and directives in `source` that it does not know.

    They are registered for the whole process, because docutils has no other way.
    """
    for name in _names(_DIRECTIVE, source) - en.directives.keys():
        directives.register_directive(name, _UnknownDirective)
    for name in _names(_ROLE, source) - en.roles.keys():
        roles.register_local_role(name, _read_role)  # type: ignore[arg-type]  # any node will do


def _names(pattern: re.Pattern[str], source: str) -> set[str]:
    return {name.lower() for name in pattern.findall(source)}


def _read_role(
    role: str, rawtext: str, text: str, *context: Any, **settings: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    return [nodes.inline(rawtext, _show_role(text))], []


def _show_role(text: str) -> str:
    """Return what a role such as ``:ref:`Ports <port-list>``` shows."""
    text = nodes.unescape(text)
    if titled := _TITLED.fullmatch(text):
        return titled[1]
    if text.startswith("~"):  # only the last part of a dotted name is shown
        return text[1:].rsplit(".", 1)[-1]
    return text.removeprefix("!")


class _AnyOption(dict[str, Callable[[str], str]]):
    """Accepts every option of a directive."""

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, name: str) -> Callable[[str], str]:
        return lambda argument: argument


class _UnknownDirective(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        if self.name in _OMITTED:
            return []
        if self.name in _CODE:
            code = "\n".join(self.content)
            return [nodes.literal_block(code, code)] if code.strip() else []
        shown = self._show_argument()
        content = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, content)
        return [*([nodes.paragraph(shown, shown)] if shown else []), *content.children]

    def _show_argument(self) -> str:
        """Return the argument, unless it is a mere name, such as that of a file or a style."""
        argument = " ".join(" ".join(self.arguments).split())
        if words := _VERSIONS.get(self.name):
            return f"{words} {argument}"
        return argument if " " in argument or "(" in argument else ""
