"""The scripts of the window's page: each is sent once, and components call it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import gradio as gr
import pytest

import ui.page_assets
from ui.html_events import find_events
from ui.page_assets import STYLES, make_head, run_scripts

HOME = Path(ui.page_assets.__file__).parent


class Tags(HTMLParser):
    """Collects the tags of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)


def test_the_head_is_one_element_with_each_script_once() -> None:
    head = make_head()
    assert Tags(head).found == ["script"]  # no script ends the element early
    names = sorted(file.stem for file in (HOME / "scripts").glob("*.js"))
    assert sorted(re.findall(r"^footnote\.(\w+) = ", head, re.MULTILINE)) == names


def test_every_style_sheet_is_in_the_page() -> None:
    assert sorted(STYLES) == sorted((HOME / "styles").glob("*.css"))


def test_a_component_has_the_events_that_its_scripts_trigger() -> None:
    page = gr.HTML(js_on_load=run_scripts("window", "sources"))
    other = gr.HTML(js_on_load=run_scripts("choice"))
    assert page.refresh  # of sources.js
    assert other.choose
    assert [event.event_name for event in find_events("open", page, page)] == ["open"] * 2
    with pytest.raises(AttributeError, match="open"):
        find_events("open", page, other)
