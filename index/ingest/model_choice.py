"""Which of the two models that ship suits documents: it depends on their languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from index.encoders.model_files import BUNDLED_MODEL, MULTILINGUAL_MODEL
from index.ingest.parser import ParsedDocument
from index.ingest.scan import SourceFile
from index.types import DocumentRecord, Failure

ParsedFile = tuple[SourceFile, ParsedDocument | Failure]

FOREIGN_SHARE = 0.2  # of the sentences, from which the multilingual model is taken
_LOOKED_AT = 100  # files whose languages are looked at, spread over all
_CHARACTERS = 20_000_000  # of text that is held in memory meanwhile

Languages = Counter[str]
"""How many sentences there are in each language (ISO 639-1)."""


def choose_model(languages: Languages) -> str:
    """Return the name of the model that suits documents in these languages."""
    return MULTILINGUAL_MODEL if _share(languages) >= FOREIGN_SHARE else BUNDLED_MODEL


def count_languages(documents: Iterable[DocumentRecord]) -> Languages:
    """Count the sentences of indexed documents by language."""
    languages: Languages = Counter()
    for record in documents:
        languages[record.language] += record.sentences
    return languages


def advise(model: str, languages: Languages) -> str:
    """Return a line that says that another model than the index's would serve; "" if none would.

    The multilingual model also does for English: nobody is advised to give it up.
    """
    if model != BUNDLED_MODEL or choose_model(languages) == BUNDLED_MODEL:
        return ""
    return (
        f"{_share(languages):.0%} of the sentences are not English, and the index was made with an "
        "English model: `rag index --full` makes it anew with a multilingual one, which finds more"
    )


def look_ahead(
    parse: Callable[[Iterable[SourceFile]], Iterator[ParsedFile]],
    files: Sequence[SourceFile],
    languages: Languages,
) -> Iterator[ParsedFile]:
    """Yield the files as parsed; add their languages to `languages` before the first is yielded.

    Of more than a hundred files, a hundred spread over all stand for the others, and come first.
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
