"""The questions on the start page are computed once for each state of the index."""

from pathlib import Path
from typing import Any

import pytest

from ui.handlers.suggesting import SuggestionHandlers


def test_starters_are_computed_again_only_when_the_index_changes(
    make_library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(
        a__txt="When does the mill at Tarn open?\n\nThe mill at Tarn opens at nine in the morning."
    )
    handlers = SuggestionHandlers(library)
    first = handlers.suggest()
    assert "When does the mill at Tarn open?" in first
    monkeypatch.setattr("ui.handlers.suggesting.suggest_questions", lambda library: ["Anew?"])
    assert handlers.suggest() == first
    folder = Path(library.documents()[0].source).parent
    (folder / "b.txt").write_text("The library of Tarn is closed on Mondays.")
    library.update([folder])
    assert "Anew?" in handlers.suggest()
