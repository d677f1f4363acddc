import importlib
import inspect

import pytest

import rag


def test_the_public_surface_is_what_is_promised() -> None:
    assert sorted(rag.__all__) == ["Answer", "Assistant", "Citation", "answer"]
    assert all(hasattr(rag, name) for name in rag.__all__)


@pytest.mark.parametrize("module", ["index", "rag.errors", "rag.library.library"])
def test_all_names_exist_and_none_is_left_out(module: str) -> None:
    loaded = importlib.import_module(module)
    assert all(hasattr(loaded, name) for name in loaded.__all__)
    own = {
        name
        for name, value in vars(loaded).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module
        and not name.startswith("_")
    }
    assert own <= set(loaded.__all__)
