import re
import string
from pathlib import Path

import pytest

from ui.views.wording import ENGLISH, choose_wording, read_strings

UI = Path(__file__).parents[2] / "ui"
LANGUAGES = read_strings()


def fields(text: str) -> set[str | None]:
    return {name for _, name, *_ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_strings_with_the_same_fields(language: str) -> None:
    strings = LANGUAGES[language]
    assert list(strings) == list(LANGUAGES["en"])
    for key, text in strings.items():
        assert fields(text) == fields(LANGUAGES["en"][key]), key
        assert text.strip() == text


def test_every_string_is_used_and_defined() -> None:
    files = [*UI.rglob("*.py"), *UI.rglob("*.html")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    used = set(re.findall(r"say\(\s*[\"'](\w+)[\"']", code))
    used |= set(re.findall(r"[\"']((?:why|remark)_\w+)[\"']", code))
    assert used <= set(LANGUAGES["en"])
    # These keys are computed at run time.
    chosen = {
        "changed_on_disk", "file_gone", "count_added", "count_changed", "count_moved",
        "count_removed", "part_page", "part_slide", "seconds", "tokens",
        "tokens_estimated", "chats_private", "no_chats", "language", "only", "only_more",
        "state_waiting", "state_reading",
        "state_ready", "not_updated", "not_indexed", "sentences_one",
        "only_more_one", "without", "without_more", "without_more_one",
        "count_failed", "dates", "found_chats", "found_chats_most", "found_chats_none",
        "found_chats_one", "found_none", "kind_added",
        "kind_changed", "kind_disliked", "kind_failed", "kind_moved", "kind_refused",
        "kind_removed", "kind_slow", "named", "notes_off", "outcome_answered", "outcome_busy",
        "outcome_failed", "outcome_refused", "outcome_stopped", "parts", "pinned_before",
        "questions_asked_one",
    }  # fmt: skip
    assert set(LANGUAGES["en"]) == used | chosen


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.5", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("de;q=x, en", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
        (";;,,;q=", "en"),
    ],
)
def test_the_language_follows_the_browser(accepted: str | None, language: str) -> None:
    assert choose_wording(accepted).language == language


def test_values_in_strings_are_not_formatted_again() -> None:
    assert ENGLISH("waiting_for", holder="{secret} {0}") == "Waiting for {secret} {0}"
