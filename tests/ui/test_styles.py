"""The looks are in one file: other style sheets use its tokens, and no markup has styles."""

import re
from pathlib import Path

UI = Path(__file__).parents[2] / "ui"
THEME = UI / "styles" / "theme.css"
SHEETS = [file for file in UI.rglob("*.css") if file != THEME]
_SIZE = re.compile(r"font-size:\s*([^;}]+)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*})|\b(?:rgba?|hsla?)\(")


def read(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)


def test_sizes_of_type_and_colours_are_tokens_of_the_theme() -> None:
    assert SHEETS
    sizes = {
        f"{file.name}: {size}"
        for file in SHEETS
        for size in _SIZE.findall(read(file))
        if not size.strip().startswith("var(--fn-text-") and size.strip() != "inherit"
    }
    colours = {f"{file.name}: {found}" for file in SHEETS for found in _COLOUR.findall(read(file))}
    assert sizes | colours == set()


def test_every_token_that_is_used_is_defined() -> None:
    text = "".join(read(file) for file in [THEME, *SHEETS])
    used = set(re.findall(r"var\((--fn-[\w-]+)\)", text))
    assert used <= set(re.findall(r"(--fn-[\w-]+):", text))


def test_templates_have_no_inline_styles() -> None:
    for file in (UI / "views" / "templates").glob("*.html"):
        assert "style=" not in file.read_text("utf-8"), file.name


def test_rules_of_media_queries_stay_inside_the_page() -> None:
    """Gradio puts a class before each selector in a media query, and splits lists at commas."""
    for file in SHEETS:
        for block in re.findall(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)", read(file)):
            selectors = re.findall(r"([^{}]+)\{", block)
            assert not [each for each in selectors if re.search(r"\([^)]*,|:root|\bhtml\b", each)]
