"""Rules of the house that no linter knows."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    file
    for room in ("index", "rag", "ui", "prompts", "benchmarks", "tools", "training")
    for file in (ROOT / room).rglob("*.py")
)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_modules_are_short(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("chromadb", {"index/vectors.py", "index/server.py"}),
        (
            "sentence_transformers",
            {"index/sentence_encoder.py", "index/onnx_export.py", "rag/reranking.py"},
        ),
        ("jinja2", {"ui/markup.py"}),
        ("torch", {"index/onnx_export.py", "index/gpu_encoder.py"}),
        ("onnxruntime", {"rag/reader/model.py", "index/onnx_encoder.py", "index/onnx_export.py"}),
        (
            "gradio",
            {f"ui/{n}.py" for n in ("chat", "asking", "reading", "returning", "documents", "api")},
        ),
    ],
)
def test_each_engine_is_imported_where_it_is_used(package: str, homes: set[str]) -> None:
    users = {
        str(file.relative_to(ROOT))
        for file in MODULES
        if file.parent.name not in ("benchmarks", "training")
        for line in file.read_text("utf-8").splitlines()
        if line.strip().startswith((f"import {package}", f"from {package}"))
    }
    assert users <= homes


def test_the_lock_holds_every_dependency_at_one_version() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins)
    assert "torch==2.13.0" in pins
