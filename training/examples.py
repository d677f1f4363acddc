"""Files of questions -> documents of sentences, and which of their sentences answer.

Reads what `docs/reader.md` lists: SQuAD's format, plain or as `.xz`, with the fields `level` and
`is_impossible` where a question has them; QED's first format; and pairs of question and sentence.
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
"""What is known of an answer: which sentences it is, or only that it is somewhere among them."""

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
_WRAPPED = 0.3  # of the lines: where so many go on in lower case, their ends end no sentence


@dataclass(frozen=True, slots=True)
class Text:
    """A document as the trainer needs it: its title and paragraphs of sentences.

    `headed` has for each paragraph what it is shown under, where that is more than the title.
    """

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    headed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the sentences of a paragraph that answer it.

    `text` is the number of the text in its collection, `paragraph` the number of the paragraph in
    the text. `sentences` are the numbers of the sentences in the paragraph that answer, none where
    the paragraph does not answer. At the level "passage" the answer is among them, and nobody has
    said in which. `span` is the short answer's place in the first of them, in characters, or None.
    `answers` are the accepted answers as strings.
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
        """Return both as one, the other's texts numbered on."""
        moved = (replace(e, text=e.text + len(self.texts)) for e in other.examples)
        return Collection((*self.texts, *other.texts), (*self.examples, *moved))


def read_squad(file: Path) -> Collection:
    """Read a file in SQuAD format, version 1.1 or 2.0.

    A question without answers is kept where it says `is_impossible`, and left out otherwise.
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
        examples.append(Example(row["question_text"], len(texts), 0, (number,), span, answers))
        texts.append(Text(row["title_text"], (sentences,)))
    return Collection(tuple(texts), tuple(examples))


def read_pairs(file: Path) -> Collection:
    """Read lists of `questions` and the `answers` to them, a sentence each."""
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
    """Return the sentences of a context: a line ends one, unless the lines are wrapped."""
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
    # SQuAD's further answers are other people's; those of whole sentences belong together.
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
