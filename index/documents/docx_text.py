"""The text of one Word paragraph, and what is anchored in it: notes, comments, boxes, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from index.documents.docx_styles import W, value_of
from index.documents.formulas import write_formula
from index.text.superscripts import RAISED

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted and moved text is not shown, nor are properties and the instructions of fields.
_OMITTED = {
    W + name
    for name in "del moveFrom pPr rPr sdtPr sdtEndPr instrText delText rt tblPr tcPr trPr".split()
}
_MARKS = {
    f"{W}footnoteReference": "footnote",
    f"{W}endnoteReference": "endnote",
    f"{W}commentReference": "comment",
}
_MADE_UP = re.compile(r"(automatisch generiert|automatically generated|^\w+\.(png|jpe?g|gif|emf)$)")


def _read_break(element: etree._Element) -> str:
    return " " if element.get(f"{W}type") == "page" else "\n"


def _read_symbol(element: etree._Element) -> str:
    """Return the character of a symbol; nothing if it exists only in its font."""
    try:
        code = int(element.get(f"{W}char", ""), 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF else chr(code)


_SIGNS: dict[str, Callable[[etree._Element], str]] = {
    f"{W}tab": lambda element: " ",
    f"{W}ptab": lambda element: " ",
    f"{W}cr": lambda element: "\n",
    f"{W}noBreakHyphen": lambda element: "-",
    f"{W}br": _read_break,
    f"{W}sym": _read_symbol,
}


@dataclass(slots=True)
class Inline:
    """The text of a paragraph and what is anchored in it, each in the order of its anchors.

    `notes` are pairs such as ("footnote", "2"). `boxes` are the elements that contain the blocks of
    a text box. `drawings` are the elements of charts and diagrams. `pictures` are descriptions of
    pictures.
    """

    text: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    drawings: list[etree._Element] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


def read_inline(paragraph: etree._Element) -> Inline:
    """Return the text of a ``w:p`` element as shown: without deleted and hidden text."""
    found = Inline()
    pieces: list[str] = []
    stack: list[Iterator[etree._Element]] = [iter(paragraph)]
    while stack:  # not recursive, so any depth is allowed
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        children = _read_element(element, found, pieces)
        if children is not None:
            stack.append(iter(children))
    lines = "".join(pieces).replace("\u00ad", "").split("\n")
    found.text = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
    return found


def _read_element(
    element: etree._Element, found: Inline, pieces: list[str]
) -> etree._Element | None:
    """Add what an element shows. Return it if its children are to be read too."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _OMITTED or is_placeholder(element):
        return None
    if tag == f"{W}t":
        pieces.append(_read_text(element))
    elif tag in _SIGNS:
        pieces.append(_SIGNS[tag](element))
    elif tag in _MARKS:
        found.notes.append((_MARKS[tag], element.get(f"{W}id", "")))
    elif tag in (f"{_MATH}oMath", f"{_MATH}oMathPara"):
        pieces.append(f" {write_formula(element)} ")
    elif tag == f"{_COMPATIBLE}AlternateContent":
        return choose_alternative(element)
    elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
        _read_drawing(element, found)
    elif not (tag == f"{W}r" and _is_hidden(element)):
        return element
    return None


def _read_text(element: etree._Element) -> str:
    """Return a run's text. Raised digits are written as such, so that they join no number."""
    text = element.text or ""
    run = element.getparent()
    if run is None or not any(map(str.isdigit, text)):
        return text
    raised = value_of(run.find(f"{W}rPr"), "vertAlign") == "superscript"
    return text.translate(RAISED) if raised else text


def choose_alternative(element: etree._Element) -> etree._Element | None:
    """Return the first form of a content that the file has in several forms."""
    return next(iter(element.iterchildren(f"{_COMPATIBLE}*")), None)


def is_placeholder(element: etree._Element) -> bool:
    """Whether a content control still has the text that asks the user to fill it in."""
    return element.tag == f"{W}sdt" and element.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def _is_hidden(run: etree._Element) -> bool:
    hidden = run.find(f"{W}rPr/{W}vanish")
    return hidden is not None and hidden.get(f"{W}val", "true") not in ("0", "false", "off")


def _read_drawing(drawing: etree._Element, found: Inline) -> None:
    taken: list[etree._Element] = []
    for element in drawing.iter("{*}txbxContent", "{*}chart", "{*}relIds", "{*}docPr", "{*}shape"):
        above = set(element.iterancestors())
        # Of two forms of one content, and of a box in a box, only the first is taken here.
        if any(box in above for box in taken) or _is_second_form(element):
            continue
        name = etree.QName(element).localname
        if name == "txbxContent":
            taken.append(element)
            found.boxes.append(element)
        elif name in ("chart", "relIds"):
            found.drawings.append(element)
        else:
            words = " ".join((element.get("descr") or element.get("alt") or "").split())
            if words and not _MADE_UP.search(words) and words not in found.pictures:
                found.pictures.append(words)


def _is_second_form(element: etree._Element) -> bool:
    return any(above.tag == f"{_COMPATIBLE}Fallback" for above in element.iterancestors())


def is_marked_off(properties: etree._Element | None, name: str) -> bool:
    """Whether a property that is either on or off is present and on."""
    found = properties.find(W + name) if properties is not None else None
    return found is not None and value_of(properties, name) not in ("0", "false", "off")
