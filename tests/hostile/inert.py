"""Checks that HTML contains only elements that the window itself writes."""

from lxml import html

TAGS = frozenset(
    "div p span b q strong button ol ul li details summary article header h2 h3 h4 h5 h6 mark "
    "table tbody tr td th pre code br img nav input section label".split()
)
ATTRIBUTES = frozenset(
    "class type role title aria-label aria-live aria-describedby aria-pressed id tabindex alt src "
    "placeholder maxlength value aria-expanded hidden disabled inputmode autocomplete size scope "
    "decoding".split()
)


def find_live(markup: str) -> list[str]:
    """Return foreign elements and attributes, and attributes that load content or run scripts."""
    root = html.fragment_fromstring(markup, create_parent="div")
    found = []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag not in TAGS:
            found.append(f"<{element.tag}>")
            continue
        for name, value in element.attrib.items():
            if name not in ATTRIBUTES and not name.startswith("data-"):
                found.append(f"{element.tag} {name}")
            if name == "src" and not value.startswith("reader/image?document="):
                found.append(f"src={value}")
    return found
