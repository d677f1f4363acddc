"""Finds the article of a web page, and removes navigation, advertisements and the like.

The rules are those of Readability (Arc90, 2009; now in Firefox): paragraphs give points to the
elements around them, and links take points away. Unlike there, the article's elements are not
changed, so headings, lists, tables and code keep their structure. A page that is not an article,
such as an exported manual, keeps all its text except for marked navigation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from lxml.html import HtmlElement as Element

_NAVIGATION = frozenset("nav aside footer menu dialog".split())
_ROLES = frozenset(
    "navigation banner contentinfo complementary search menu menubar dialog alertdialog".split()
)
_UNLIKELY = re.compile(
    r"-ad-|ad-break|advert|agegate|banner|breadcrumb|combx|comment|community|cookie|disqus|extra|"
    r"footer|footnav|gdpr|header|legends|masthead|menu|modal|navbar|navigation|newsletter|outbrain|"
    r"pager|pagination|popup|promo|related|remark|replies|rss|share|sharing|shoutbox|sidebar|"
    r"skyscraper|social|sponsor|subscribe|supplemental|taboola|toolbar|tooltip|widget",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(?:comment|respond|disqus|replies)", re.IGNORECASE)
_LIKELY = re.compile(r"article|body|column|content|entry|main|mathjax|page|post|shadow|text|story")
_PARAGRAPHS = frozenset("p td pre blockquote dd".split())
_SECTIONS = frozenset("div section article main td blockquote".split())
_INNER = frozenset("ul ol div table section form header dl fieldset figure".split())
_MIN_PARAGRAPH = 25  # characters; shorter ones give no points
_LONG_PARAGRAPH = 80  # characters
_MIN_SHARE = 0.5  # share of the page's long paragraphs that an article must contain
_MIN_LINKS = 0.1  # share of the text around the article in links; with fewer it belongs to it
_MIN_PAGE = 1_000  # characters; a shorter page has no navigation around an article
_MIN_SIBLING = 0.2  # of the article's points: a neighbour with so many belongs to it
_MAX_LINKS = 0.5  # share of a part's text in links: more is navigation


@dataclass(slots=True)
class _Size:
    """The visible characters in an element, those of them in links, and its commas.

    `paragraphs` are the characters of long paragraphs, except in parts named as something else.
    """

    text: int = 0
    linked: int = 0
    commas: int = 0
    paragraphs: int = 0

    @property
    def links(self) -> float:
        return self.linked / self.text if self.text else 0.0

    @property
    def prose(self) -> int:
        return self.text - self.linked

    def add(self, text: str | None) -> None:
        """Add a text that is not in an element of its own."""
        if text:
            self.text += sum(map(len, text.split()))
            self.commas += text.count(",") + text.count("，")  # noqa: RUF001

    def include(self, child: _Size) -> None:
        """Add an element's child."""
        self.text += child.text
        self.linked += child.linked
        self.commas += child.commas
        self.paragraphs += child.paragraphs


def keep_main(root: Element) -> None:
    """Remove from a page what does not belong to its article. Hidden elements must be gone."""
    _remove_marked(root)
    sizes = _measure(root)
    article = _find_article(root, sizes)
    parts = _join_neighbours(article, sizes) if article is not None else []
    if parts and _is_article(root, parts, sizes):
        _remove_others(root, [*_find_title(root, parts), *parts])
    else:
        parts = [root]
    if sizes[root].text >= _MIN_PAGE:
        for part in parts:
            _remove_links(part, sizes)


def _is_article(root: Element, parts: list[Element], sizes: defaultdict[Element, _Size]) -> bool:
    """Whether the text outside of these parts is navigation and the like."""
    text = sizes[root].text - sum(sizes[part].text for part in parts)
    linked = sizes[root].linked - sum(sizes[part].linked for part in parts)
    if linked < _MIN_LINKS * text or sizes[root].text < _MIN_PAGE:
        return False
    inside = sum(sizes[part].paragraphs for part in parts)
    return inside >= _MIN_SHARE * sizes[root].paragraphs


def _names(element: Element) -> str:
    """Return the names by which the page's style knows an element.

    Ids are left out, but for those of comments: in manuals they are made from headings.
    """
    own = element.get("id") or ""
    return f"{element.get('class') or ''} {own if _COMMENTS.match(own) else ''}"


def _is_unlikely(element: Element) -> bool:
    names = _names(element)
    return _UNLIKELY.search(names) is not None and _LIKELY.search(names) is None


def _remove_marked(root: Element) -> None:
    """Remove what the page itself marks as navigation, unless it has most of the text."""
    sizes = _measure(root)
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        marked = element.tag in _NAVIGATION or element.get("role") in _ROLES
        if (marked or _is_page_header(element)) and 2 * sizes[element].prose < sizes[root].prose:
            element.drop_tree()


def _is_page_header(element: Element) -> bool:
    return element.tag == "header" and not any(
        above.tag in ("article", "main", "section") for above in element.iterancestors()
    )


def _measure(root: Element) -> defaultdict[Element, _Size]:
    sizes: defaultdict[Element, _Size] = defaultdict(_Size)
    for element in reversed(list(root.iter())):  # children before their parents
        if not isinstance(element.tag, str):
            continue
        size = sizes[element]
        size.add(element.text)
        for child in element:
            if isinstance(child.tag, str):
                size.include(sizes[child])
            size.add(child.tail)
        if element.tag == "a" and (element.get("href") or "").strip()[:1] not in ("", "#"):
            size.linked = size.text
        if element.tag in ("p", "pre", "li") and size.text >= _LONG_PARAGRAPH and size.links < 0.25:
            size.paragraphs = size.prose
        if element.tag != "body" and _is_unlikely(element):
            size.paragraphs = 0
    return sizes


def _find_article(root: Element, sizes: defaultdict[Element, _Size]) -> Element | None:
    """Return the element with the most points."""
    points: defaultdict[Element, float] = defaultdict(float)
    for element in root.iter(*_PARAGRAPHS, "div"):
        size = sizes[element]
        if size.text < _MIN_PARAGRAPH or (element.tag == "div" and not _is_paragraph(element)):
            continue
        worth = 1 + min(size.text / 100, 3) + size.commas
        for level, above in enumerate(element.iterancestors()):
            if level > 4 or above.tag in ("body", "html"):
                break
            points[above] += worth / (1, 2, 6, 9, 12)[level]
    for element in points:
        points[element] *= 1 - sizes[element].links
        if _is_unlikely(element):
            points[element] *= 0.5
    if not points:
        return None
    best = max(points, key=lambda element: points[element])
    return _climb(best, sizes)


def _is_paragraph(element: Element) -> bool:
    return not any(child.tag in _PARAGRAPHS or child.tag in _SECTIONS for child in element)


def _climb(best: Element, sizes: defaultdict[Element, _Size]) -> Element:
    """Return the highest ancestor that adds more paragraphs to the best element than other text."""
    climber = best
    for above in best.iterancestors():
        if above.tag in ("body", "html"):
            break
        more = sizes[above].text - sizes[climber].text
        paragraphs = sizes[above].paragraphs - sizes[climber].paragraphs
        if more and 2 * paragraphs >= more:
            climber = above
    return climber


def _join_neighbours(article: Element, sizes: defaultdict[Element, _Size]) -> list[Element]:
    parent = article.getparent()
    if parent is None:
        return [article]
    return [
        each
        for each in parent
        if each is article
        or (
            isinstance(each.tag, str)
            and sizes[each].links < 0.25
            and (
                sizes[each].prose > max(80, _MIN_SIBLING * sizes[article].prose)
                or (each.tag in ("h1", "h2", "p") and sizes[each].prose > 20)
            )
            and not _UNLIKELY.search(_names(each))
        )
    ]


def _find_title(root: Element, parts: list[Element]) -> list[Element]:
    """Return the first heading of level 1 if it stands apart from the article."""
    first = next(root.iter("h1"), None)
    if first is None or any(above in parts for above in (first, *first.iterancestors())):
        return []
    return [first]


def _remove_others(root: Element, parts: list[Element]) -> None:
    kept = set(parts)
    path = {above for part in parts for above in part.iterancestors()}
    stack = [root]
    while stack:
        for child in list(stack.pop()):
            if child in path:
                stack.append(child)
            elif child not in kept and child.tag != "head":
                child.drop_tree() if isinstance(child.tag, str) else None


def _remove_links(part: Element, sizes: defaultdict[Element, _Size]) -> None:
    """Remove from the article what consists of links, and what is named as something else."""
    whole = sizes[part].prose
    for element in list(part.iter(*_INNER)):
        if element is part or element.getparent() is None:
            continue
        size = sizes[element]
        links = size.links > _MAX_LINKS and 4 * size.prose < whole and not _is_data(element)
        unlikely = 2 * size.prose < whole and _is_unlikely(element)
        form = element.tag == "form" and 2 * size.prose < whole
        if links or unlikely or form:
            element.drop_tree()


def _is_data(table: Element) -> bool:
    """Whether an element is a table of values, and not one that arranges links."""
    return table.tag == "table" and next(table.iter("th", "caption"), None) is not None
