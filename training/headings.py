"""Folders of documentation -> questions made of their headings.

Few open data sets ask what people ask of handbooks and manuals, where the answer is a section with
its list, steps or command. A heading says what its section tells, so it serves as a question, and
the section without it as the answer: weak supervision as in doc2query, the other way round.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from index.documents import load_document
from index.errors import DocumentError
from index.text.sentences import split_sentences
from index.text.structure import Structure
from training.examples import Collection, Example, Text

_SUFFIXES = (".md", ".rst")
_LANGUAGES = ("en", "de", "fr", "es")
_SENTENCES = range(2, 26)  # of a section that answers
_WORDS = range(2, 13)  # of a heading that asks
_DULL = re.compile(
    r"^(introduction|overview|notes?|links?|see also|references?|license|contact|resources|about|"
    r"examples?|history|summary|conclusion|contents|table of contents|more|further reading)$",
    re.IGNORECASE,
)
_FORMS = {  # of English headings; "{}" is the heading
    "noun": ("{}", "{}?", "what about {}?", "what do I need to know about {}?", "tell me about {}"),
    "gerund": ("{}", "what is there to know about {}?", "I need help with {}", "how does {} work?"),
}


def read_docs(folder: Path, seed: int = 7) -> Collection:
    """Read all documents of a folder whose headings ask something.

    Each section is a paragraph, shown under its document's title and the headings above its own:
    its own heading, of which the question is made, is not shown with it.
    """
    chance = random.Random(seed)
    texts: list[Text] = []
    examples: list[Example] = []
    for file in sorted(f for f in folder.rglob("*") if f.suffix in _SUFFIXES and f.is_file()):
        sections = list(_read_sections(file))
        if len(sections) < 3:  # nothing to tell apart
            continue
        for number, (heading, _, sentences, language) in enumerate(sections):
            asks = len(sentences) in _SENTENCES and len(heading.split()) in _WORDS
            if asks and not _DULL.match(heading):
                question = _ask(heading, language, chance)
                right = tuple(range(len(sentences)))
                example = Example(question, len(texts), number, right, None, (), "passage")
                examples.append(example)
        paragraphs = tuple(sentences for _, _, sentences, _ in sections)
        titles = tuple(title for _, title, _, _ in sections)
        texts.append(Text(titles[0], paragraphs, titles))
    return Collection(tuple(texts), tuple(examples))


def _read_sections(file: Path) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Yield of each section its heading, what stands above it, its sentences, its language."""
    try:
        document = load_document(file.read_bytes(), file.name)
    except DocumentError:
        return
    if document.language not in _LANGUAGES:
        return
    sentences = split_sentences(document.text, document.blocks, document.language)
    structure = Structure(document, sentences)
    at = 0
    while at < len(sentences):
        first, last = structure.section(at)
        deeper = (n for n in range(first + 1, last + 1) if structure.block(n).kind == "heading")
        stop = next(deeper, last + 1)
        if structure.block(first).kind == "heading" and stop - first > 1:
            heading = " ".join(structure.readable(first).split()).strip("# :")
            above = ": ".join((document.title, *structure.headings(first)[-1:]))
            told = (" ".join(structure.readable(n).split()) for n in range(first + 1, stop))
            yield heading, above, tuple(s for s in told if s), document.language
        at = max(stop, at + 1)


def _ask(heading: str, language: str, chance: random.Random) -> str:
    """Return a heading as somebody would ask for what stands below it."""
    lower = heading if heading.isupper() else heading[:1].lower() + heading[1:]
    if heading.endswith("?") or language != "en":
        return heading
    if lower.startswith("how to "):
        return chance.choice(("how do I {}?", "how can I {}?", "how to {}")).format(lower[7:])
    if lower.startswith(("why ", "what ", "when ", "who ", "where ", "which ", "how ")):
        return f"{heading}?"
    kind = "gerund" if lower.split()[0].endswith("ing") else "noun"
    return chance.choice(_FORMS[kind]).format(chance.choice((heading, lower, lower.lower())))
