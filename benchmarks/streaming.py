"""Delay that parsing and checking add to the stream of a chat model.

The model is a test server on loopback. It sends a fixed text at 50 tokens per second, and is called
through LangChain's client. `python -m benchmarks.streaming` measures the same with the real model
of the tests, as CPU time, which other programs on the machine do not change.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic, perf_counter, process_time
from typing import Any

import httpx

from benchmarks.latency import SEEDS
from index import Encoder, load_encoder
from rag.assistant import Assistant
from rag.claims import prepare_check
from rag.generation.context import Context, build_context
from rag.generation.stream_checker import AnswerWriter
from rag.generation.writing import make_likeness
from rag.library.library import Library
from rag.settings import load_settings
from rag.types import Evidence
from tests.chat_server import serve_chat_models
from tests.evidence import EVIDENCE
from tests.model_server import ModelServer

_RATE = 50  # tokens per second
_QUESTION = "What did Russia demand, and what does Germany deliver?"
_SAID = (
    "Russia demanded guarantees for its security [1]. Germany delivers 5,000 helmets to Ukraine "
    "[2][3]. The mayor of Kyiv is Vitali Klitschko [4]. NATO sent a joint letter of its members "
    "[5, 6]. Estonia wants to give howitzers to Ukraine, for which it needs approval [7]. "
) * 4


def print_streaming(encoder: Encoder) -> None:
    """Print the delay of the first words, and the time of the checks as a share of the stream."""
    tokens = [f"{word} " for word in _SAID.split()]
    with tempfile.TemporaryDirectory() as folder, serve_chat_models() as server:
        server.script.tokens = tokens
        server.script.pause = 1 / _RATE
        settings: Any = load_settings(
            store=Path(folder, "store"),
            chat_model="openai:test-model",
            chat_base_url=server.openai_url,
        )
        with closing(Library(settings, load=lambda name: encoder)) as library:
            library.update([SEEDS])
            assistant = Assistant(library=library)
            assistant.ask(_QUESTION)
            assistant.reset()
            server.script.times.clear()
            come = [monotonic() for delta in assistant.stream(_QUESTION) if delta.text]
            evidence = assistant.search(_QUESTION, 20)
    context = build_context(evidence)
    likeness = make_likeness(encoder, [each.readable for each in context.sentences])
    writer = AnswerWriter(context, lambda: likeness, language="en", refusal="-")
    start = perf_counter()
    for token in tokens:
        list(writer.feed(token))
    list(writer.close())
    spent = perf_counter() - start
    whole = len(tokens) / _RATE
    print(f"a chat model at {_RATE} tokens/s, {len(tokens)} tokens:")
    print(f"  first words {1000 * (come[0] - server.script.times[0]):.0f} ms after their arrival")
    print(f"  parsing and checking take {spent / whole:.1%} of the time of the stream")


_ARTICLE = (
    "Germany delivers 5,000 military helmets to Ukraine.",
    "The mayor of Kyiv, Vitali Klitschko, called the helmets a joke.",
    "Russia demanded guarantees for its security from NATO.",
    "Estonia wants to give howitzers to Ukraine and needs Germany's approval.",
)
_WRITTEN = 50  # tokens of a stream


def print_overhead(encoder: Encoder) -> None:
    """Print the CPU time of the checks as a share of what a real, very small model takes."""
    numbered = "\n".join(f"[{number}] {text}" for number, text in enumerate(_ARTICLE, 1))
    message = {"role": "user", "content": f"{numbered}\n\nWhat does Germany deliver, and to whom?"}
    server = ModelServer("endless")  # so that it writes all the tokens
    try:
        _write(server, message, 1)  # its prompt is read now, and is not counted below
        start = _read_cpu(server.pid)
        text = _write(server, message, _WRITTEN)
        model = _read_cpu(server.pid) - start
    finally:
        server.stop()
    context = Context(tuple(_make_evidence(text, row) for row, text in enumerate(_ARTICLE)))
    prepare_check()
    likeness = make_likeness(encoder, _ARTICLE)
    writer = AnswerWriter(context, lambda: likeness, language="en", refusal="-")
    start = process_time()
    for word in text.split(" "):
        list(writer.feed(f"{word} "))
    list(writer.close())
    checks = process_time() - start
    print(f"{_WRITTEN} tokens of the real model take {1000 * model:.0f} ms of CPU time")
    print(f"  parsing and checking {1000 * checks:.0f} ms, {checks / model:.1%} of it")
    print(f"  {checks / (_WRITTEN / _RATE):.1%} of the time of a stream of {_RATE} tokens/s")


def _make_evidence(text: str, row: int) -> Evidence:
    start = 1000 * row
    return replace(EVIDENCE, sentence=text, readable=text, around=(text,), row=row, start=start)


def _write(server: ModelServer, message: dict[str, str], count: int) -> str:
    body = {"messages": [message], "max_tokens": count}
    answer = httpx.post(f"{server.url}/chat/completions", json=body, timeout=600)
    return str(answer.raise_for_status().json()["choices"][0]["message"]["content"])


def _read_cpu(process: int) -> float:
    """Return the CPU seconds of a process so far, on Linux."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print_overhead(load_encoder())
