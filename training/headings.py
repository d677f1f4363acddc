"""Makes questions from the headings of documentation.

Few open data sets have questions about handbooks and manuals, where the answer is a section with a
list, steps or a command. A heading describes its section. So the heading is used as a question, and
the section without its heading as the answer. This is weak supervision, like doc2query in the
opposite direction.
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
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
_SENTENCES = range(2, 26)  # length of a section that is used as an answer
_WORDS = range(2, 13)  # length of a heading that is used as a question
_DULL = re.compile(
    r"^(introduction|overview|notes?|links?|see also|references?|license|contact|resources|about|"
    r"examples?|history|summary|conclusion|contents|table of contents|more|further reading)$",
    re.IGNORECASE,
)
_FORMS = {  # questions made from English headings; "{}" is the heading
    "noun": ("{}", "{}?", "what about {}?", "what do I need to know about {}?", "tell me about {}"),
    "gerund": ("{}", "what is there to know about {}?", "I need help with {}", "how does {} work?"),
}


def read_docs(folder: Path, seed: int = 7) -> Collection:
    """Read all documents of a folder, and make questions from their headings.

    Each section is a paragraph. It is shown with the document's title and the heading above it. Its
    own heading is not shown, because the question is made from it.
    """
    chance = random.Random(seed)
    texts: list[Text] = []
    examples: list[Example] = []
    for file in sorted(f for f in folder.rglob("*") if f.suffix in _SUFFIXES and f.is_file()):
        sections = list(_read_sections(file))
        if len(sections) < 3:  # too few other sections as negatives
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
    """Yield for each section: its heading, the headings above it, its sentences, the language."""
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
    """Return a question whose answer is the section below a heading."""
    lower = heading if heading.isupper() else heading[:1].lower() + heading[1:]
    if heading.endswith("?") or language != "en":
        return heading
    if lower.startswith("how to "):
        return chance.choice(("how do I {}?", "how can I {}?", "how to {}")).format(lower[7:])
    if lower.startswith(("why ", "what ", "when ", "who ", "where ", "which ", "how ")):
        return f"{heading}?"
    kind = "gerund" if lower.split()[0].endswith("ing") else "noun"
    return chance.choice(_FORMS[kind]).format(chance.choice((heading, lower, lower.lower())))
