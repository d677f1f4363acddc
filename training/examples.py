"""Files of questions -> documents of sentences, and which of them answers what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.text.sentences import split_sentences
from index.types import Block

# Natural Questions, which QED builds on, was stored as tokens; people write otherwise.
_DETOKENISE = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"``\s?|\s?''", '"'),
        (r"\s+([.,;:?!%)\]])", r"\1"),
        (r"([(\[$])\s+", r"\1"),
        (r"\s+('s|'re|'ve|'ll|'d|'m|n't|')(?=\W|$)", r"\1"),
        (r"\s+--\s+", " \u2013 "),
    )
)


@dataclass(frozen=True, slots=True)
class Text:
    """A document as the trainer needs it: its title and paragraphs of sentences."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the sentence of a text that answers it.

    `text` numbers the text, `paragraph` and `sentence` the place in it; `span` is the answer's
    within that sentence, or None where only the sentence is known. `answers` are accepted strings.
    """

    question: str
    text: int
    paragraph: int
    sentence: int
    span: tuple[int, int] | None
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """The texts and examples of one or more files."""

    texts: tuple[Text, ...]
    examples: tuple[Example, ...]

    def __add__(self, other: Collection) -> Collection:
        """Return both as one, the other's texts numbered on."""
        moved = (replace(e, text=e.text + len(self.texts)) for e in other.examples)
        return Collection((*self.texts, *other.texts), (*self.examples, *moved))


def read_squad(file: Path) -> Collection:
    """Read a file in SQuAD format, version 1.1 or 2.0; what it does not answer is left out."""
    texts: list[Text] = []
    examples: list[Example] = []
    for article in json.loads(file.read_text("utf-8"))["data"]:
        paragraphs: list[tuple[str, ...]] = []
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            spans = _split(context)
            for asked in paragraph["qas"]:
                found = _locate(asked["answers"], spans)
                if found is None:
                    continue
                number, span = found
                answers = tuple(dict.fromkeys(a["text"] for a in asked["answers"]))
                place = (len(texts), len(paragraphs), number)
                examples.append(Example(asked["question"].strip(), *place, span, answers))
            paragraphs.append(tuple(context[start:end] for start, end in spans))
        texts.append(Text(article["title"].replace("_", " "), tuple(paragraphs)))
    return Collection(tuple(texts), tuple(examples))


def read_qed(file: Path) -> Collection:
    """Read a file of QED's first format (Lamm et al., 2020): one paragraph a question."""
    texts: list[Text] = []
    examples: list[Example] = []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        whole = row["paragraph_text"]
        starts = sorted({0, *row["sentence_starts"]})
        spans = [*zip(starts, [*starts[1:], len(whole)], strict=True)]
        begin, end = row["answer_spans"][0]
        if begin < 0:  # the answer could not be found again
            continue
        number = max(i for i, (start, _) in enumerate(spans) if start <= begin)
        sentences = tuple(_detokenise(whole[start:stop]) for start, stop in spans)
        answer = _detokenise(whole[begin:end])
        at = sentences[number].find(answer)
        span = (at, at + len(answer)) if answer and at >= 0 else None
        answers = tuple(_detokenise(text) for text in row["answer_text"])
        examples.append(Example(row["question_text"], len(texts), 0, number, span, answers))
        texts.append(Text(row["title_text"], (sentences,)))
    return Collection(tuple(texts), tuple(examples))


def read_pairs(file: Path) -> Collection:
    """Read lists of `questions` and the `answers` to them, a sentence each."""
    pairs = json.loads(file.read_text("utf-8"))
    texts = tuple(Text("", ((sentence,),)) for sentence in pairs["answers"])
    examples = tuple(
        Example(question, number, 0, 0, None, (sentence,))
        for number, (question, sentence) in enumerate(
            zip(pairs["questions"], pairs["answers"], strict=True)
        )
    )
    return Collection(texts, examples)


def read_folder(folder: Path) -> Iterator[tuple[str, Collection]]:
    """Yield the name and content of each `*.squad.json`, `*.qed.jsonl` and `*.pairs.json`."""
    readers = {"squad.json": read_squad, "qed.jsonl": read_qed, "pairs.json": read_pairs}
    for ending, read in readers.items():
        for file in sorted(folder.glob(f"*.{ending}")):
            yield file.name, read(file)


def _split(context: str) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in split_sentences(context, [Block(0, len(context))])]


def _locate(
    answers: list[dict[str, Any]], spans: list[tuple[int, int]]
) -> tuple[int, tuple[int, int]] | None:
    if not answers:
        return None
    begin = answers[0]["answer_start"]
    for number, (start, end) in enumerate(spans):
        if start <= begin < end:
            return number, (begin - start, min(begin + len(answers[0]["text"]), end) - start)
    return None


def _detokenise(text: str) -> str:
    for pattern, replacement in _DETOKENISE:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
