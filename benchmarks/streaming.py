"""Delay that parsing and checking add to the stream of a chat model.

The model is a test server on loopback. It sends a fixed text at 50 tokens per second, and is called
through LangChain's client.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from benchmarks.latency import SEEDS
from index import Encoder
from rag.assistant import Assistant
from rag.generation.context import build_context
from rag.generation.generative import make_likeness
from rag.generation.stream_checker import AnswerWriter
from rag.library.library import Library
from rag.settings import load_settings
from tests.chat_server import serve_chat_models

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
