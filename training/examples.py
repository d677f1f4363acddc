"""Reads files of questions: texts split into sentences, and the sentences that answer.

The formats are those of the files in `docs/reader.md`: SQuAD's format, plain or as `.xz`, with the
optional fields `level` and `is_impossible`; QED's first format; pairs of a question and a sentence.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from index.text.sentences import split_sentences
from index.types import Block

Level = Literal["sentence", "passage"]
"""How exact a label is: the answering sentences, or a passage with the answer in any of them."""

# QED is based on Natural Questions, whose texts have spaces between all tokens. Remove them.
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
_WRAPPED = 0.3  # if more lines start in lower case, lines are wrapped and do not end sentences


@dataclass(frozen=True, slots=True)
class Text:
    """A document: its title, and its paragraphs as tuples of sentences.

    `headed` is the heading shown with each paragraph instead of the title. It is empty if all
    paragraphs are shown with the title.
    """

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    headed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the sentences of a paragraph that answer it.

    `text` is the index of the text in its collection, `paragraph` the index of the paragraph in the
    text. `sentences` are the indices of the answering sentences in the paragraph; they are empty if
    the paragraph does not answer the question. At the level "passage", the answer is in one or more
    of them, but it is unknown in which. `span` is the character span of the short answer in the
    first of them, or None. `answers` are the accepted answer strings.
    """

    question: str
    text: int
    paragraph: int
    sentences: tuple[int, ...]
    span: tuple[int, int] | None
    answers: tuple[str, ...]
    level: Level = "sentence"


@dataclass(frozen=True, slots=True)
class Collection:
    """The texts and examples of one or more files."""

    texts: tuple[Text, ...]
    examples: tuple[Example, ...]

    def __add__(self, other: Collection) -> Collection:
        """Return the union of two collections; the text numbers of the other are shifted."""
        moved = (replace(e, text=e.text + len(self.texts)) for e in other.examples)
        return Collection((*self.texts, *other.texts), (*self.examples, *moved))


def read_squad(file: Path) -> Collection:
    """Read a file in SQuAD format, version 1.1 or 2.0.

    A question without answers is kept if it has `is_impossible`; otherwise it is skipped.
    """
    texts: list[Text] = []
    examples: list[Example] = []
    content = file.read_bytes()
    if file.suffix == ".xz":
        content = lzma.decompress(content)
    for article in json.loads(content)["data"]:
        paragraphs: list[tuple[str, ...]] = []
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            spans = _split(context)
            for asked in paragraph["qas"]:
                example = _read_question(asked, len(texts), len(paragraphs), spans)
                if example is not None:
                    examples.append(example)
            paragraphs.append(tuple(context[start:end] for start, end in spans))
        texts.append(Text(article["title"].replace("_", " "), tuple(paragraphs)))
    return Collection(tuple(texts), tuple(examples))


def read_qed(file: Path) -> Collection:
    """Read a file in QED's first format (Lamm et al., 2020): one paragraph per question."""
    texts: list[Text] = []
    examples: list[Example] = []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        whole = row["paragraph_text"]
        starts = sorted({0, *row["sentence_starts"]})
        spans = [*zip(starts, [*starts[1:], len(whole)], strict=True)]
        begin, end = row["answer_spans"][0]
        if begin < 0:  # the position of the answer is unknown
            continue
        number = max(i for i, (start, _) in enumerate(spans) if start <= begin)
        sentences = tuple(_detokenise(whole[start:stop]) for start, stop in spans)
        answer = _detokenise(whole[begin:end])
        at = sentences[number].find(answer)
        span = (at, at + len(answer)) if answer and at >= 0 else None
        answers = tuple(_detokenise(text) for text in row["answer_text"])
        examples.append(Example(row["question_text"], len(texts), 0, (number,), span, answers))
        texts.append(Text(row["title_text"], (sentences,)))
    return Collection(tuple(texts), tuple(examples))


def read_pairs(file: Path) -> Collection:
    """Read a JSON file with a list `questions` and a list `answers`, one sentence each."""
    pairs = json.loads(file.read_text("utf-8"))
    texts = tuple(Text("", ((sentence,),)) for sentence in pairs["answers"])
    examples = tuple(
        Example(question, number, 0, (0,), None, (sentence,))
        for number, (question, sentence) in enumerate(
            zip(pairs["questions"], pairs["answers"], strict=True)
        )
    )
    return Collection(texts, examples)


def read_folder(folder: Path) -> Iterator[tuple[str, Collection]]:
    """Yield the name and content of each file of questions in a folder."""
    readers = {
        "squad.json": read_squad,
        "squad.json.xz": read_squad,
        "qed.jsonl": read_qed,
        "pairs.json": read_pairs,
    }
    for ending, read in readers.items():
        for file in sorted(folder.glob(f"*.{ending}")):
            yield file.name, read(file)


def _split(context: str) -> list[tuple[int, int]]:
    """Return the sentence spans of a context. Line ends separate sentences, unless lines wrap."""
    ends = [m.end() for m in re.finditer(r"\n+", context)]
    lower = sum(context[end : end + 1].islower() for end in ends)
    if not ends or lower > _WRAPPED * len(ends):
        blocks = [Block(0, len(context))]
    else:
        starts = [0, *ends]
        stops = [*(m.start() for m in re.finditer(r"\n+", context)), len(context)]
        pairs = zip(starts, stops, strict=True)
        blocks = [Block(start, stop) for start, stop in pairs if context[start:stop].strip()]
    return [(s.start, s.end) for s in split_sentences(context, blocks)]


def _read_question(
    asked: dict[str, Any], text: int, paragraph: int, spans: Sequence[tuple[int, int]]
) -> Example | None:
    question = asked["question"].strip()
    if asked.get("is_impossible") or not asked["answers"]:
        impossible = asked.get("is_impossible") and spans
        return Example(question, text, paragraph, (), None, ()) if impossible else None
    level: Level = "passage" if asked.get("level") == "passage" else "sentence"
    # At the level "sentence", all answers together form the answer. In SQuAD, further answers are
    # alternatives by other annotators; use only the first.
    given = asked["answers"] if asked.get("level") == "sentence" else asked["answers"][:1]
    right: set[int] = set()
    for answer in given:
        begin = answer["answer_start"]
        end = begin + len(answer["text"])
        touched = [i for i, (start, stop) in enumerate(spans) if start < end and stop > begin]
        right.update(touched if level == "passage" or asked.get("level") else touched[:1])
    if not right:
        return None
    sentences = tuple(sorted(right))
    begin, end = given[0]["answer_start"], given[0]["answer_start"] + len(given[0]["text"])
    start, stop = spans[sentences[0]]
    short = asked.get("level") in (None, "span") and start <= begin < stop
    span = (begin - start, min(end, stop) - start) if short else None
    answers = tuple(dict.fromkeys(each["text"] for each in asked["answers"]))
    return Example(question, text, paragraph, sentences, span, answers, level)


def _detokenise(text: str) -> str:
    for pattern, replacement in _DETOKENISE:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
