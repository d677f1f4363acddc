"""Chooses between the two bundled embedding models by the languages of the documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from index.encoders.model_files import BUNDLED_MODEL, MULTILINGUAL_MODEL
from index.ingest.parser import ParsedDocument
from index.ingest.scan import SourceFile
from index.types import DocumentRecord, Failure

ParsedFile = tuple[SourceFile, ParsedDocument | Failure]

FOREIGN_SHARE = 0.2  # of the sentences; from this share on, the multilingual model is chosen
_LOOKED_AT = 100  # files that are parsed before the model is chosen
_CHARACTERS = 20_000_000  # of their text, at most, that is kept in memory meanwhile

Languages = Counter[str]
"""How many sentences there are in each language (ISO 639-1)."""


def choose_model(languages: Languages) -> str:
    """Return the name of the model for documents in these languages."""
    return MULTILINGUAL_MODEL if _share(languages) >= FOREIGN_SHARE else BUNDLED_MODEL


def count_languages(documents: Iterable[DocumentRecord]) -> Languages:
    """Count the sentences of indexed documents by language."""
    languages: Languages = Counter()
    for record in documents:
        languages[record.language] += record.sentences
    return languages


def advise(model: str, languages: Languages) -> str:
    """Return one line that recommends the multilingual model; "" if the index's model suits.

    The multilingual model suits English too, so all-MiniLM-L6-v2 is never recommended.
    """
    if model != BUNDLED_MODEL or choose_model(languages) == BUNDLED_MODEL:
        return ""
    return (
        f"{_share(languages):.0%} of the sentences are not English, but the index was made with an "
        "English model: `rag index --full` rebuilds it with the multilingual one"
    )


def look_ahead(
    parse: Callable[[Iterable[SourceFile]], Iterator[ParsedFile]],
    files: Sequence[SourceFile],
    languages: Languages,
) -> Iterator[ParsedFile]:
    """Yield the files as parsed; count their sentences in `languages` before yielding the first.

    If there are more than 100 files, about 100 of them, evenly spaced, are counted for all. They
    are yielded first.
    """
    step = max(1, -(-len(files) // _LOOKED_AT))
    held: list[ParsedFile] = []
    characters = 0

    def choose() -> Iterator[SourceFile]:
        for file in files[::step]:
            if characters > _CHARACTERS:
                return
            yield file

    for file, result in parse(choose()):
        held.append((file, result))
        if isinstance(result, ParsedDocument):
            languages[result.document.language] += step * len(result.sentences)
            characters += len(result.document.text)
    done = {file.source for file, _ in held}
    yield from held
    held.clear()
    yield from parse([file for file in files if file.source not in done])


def _share(languages: Languages) -> float:
    """Return the share of the sentences that are not English."""
    total = sum(languages.values())
    return (total - languages["en"]) / total if total else 0.0
