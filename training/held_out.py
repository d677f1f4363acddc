"""Writes the held-out questions, which are not used in training, to a file in SQuAD format."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from training.examples import Collection, Example, Text

_EVERY = 12  # every 12th text is held out


def is_held_out(text: int) -> bool:
    """Return whether a text's questions are held out, to fit `rag/retrieval/ranking.py`."""
    return text % _EVERY == 0


def write_held_out(collection: Collection, file: Path) -> None:
    """Write the held-out texts with their questions.

    Texts without a title and questions without known answering sentences are skipped.
    """
    asked: dict[int, list[Example]] = defaultdict(list)
    for example in collection.examples:
        known = example.level == "sentence" and example.sentences
        if known and is_held_out(example.text) and collection.texts[example.text].title:
            asked[example.text].append(example)
    data = [_article(collection.texts[number], examples) for number, examples in asked.items()]
    file.write_text(json.dumps({"version": "1.1", "data": data}), "utf-8")


def _article(text: Text, examples: list[Example]) -> dict[str, Any]:
    paragraphs = []
    for number, sentences in enumerate(text.paragraphs):
        context = " ".join(sentences)
        starts = [sum(len(s) + 1 for s in sentences[:i]) for i in range(len(sentences))]
        questions = []
        for example in examples:
            if example.paragraph != number:
                continue
            answers = []
            for right in example.sentences:
                begin, end = example.span or (0, len(sentences[right]))
                start = starts[right] + begin
                text_of_it = context[start : starts[right] + end]
                answers.append({"text": text_of_it, "answer_start": start})
            questions.append({"question": example.question, "answers": answers})
        paragraphs.append({"context": context, "qas": questions})
    return {"title": text.title, "paragraphs": paragraphs}
