from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import load_settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_arguments_win_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings().store == Path(".rag")
    Path("rag.toml").write_text('store = "of-file"\nembedding_model = "m"\n')
    assert load_settings().store == Path("of-file")
    monkeypatch.setenv("RAG_STORE", "of-environment")
    assert load_settings(store=None).store == Path("of-environment")
    assert load_settings(store="of-argument").store == Path("of-argument")
    assert load_settings().embedding_model == "m"


@pytest.mark.parametrize(
    ("toml", "named"),
    [("stroe = 'x'", "stroe"), ("store = 3", "store"), ("store =", "rag.toml")],
)
def test_a_bad_file_is_named(toml: str, named: str) -> None:
    Path("rag.toml").write_text(toml)
    with pytest.raises(SettingsError, match=named):
        load_settings()


@pytest.mark.parametrize(("name", "value"), [("RAG_CHROMA_URL", "http://localhost")])
def test_what_is_not_supported_yet_is_not_taken_silently(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="not supported yet"):
        load_settings()
