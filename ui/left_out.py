"""Lines that say which files are not in the index, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.library.library import Failure

_MOST_SUFFIXES = 20  # the most frequent ones are listed


def describe_failures(failures: Sequence[Failure], verbose: bool) -> Iterator[str]:
    """Yield a warning for each file that cannot be indexed, and one line for unknown formats.

    With `verbose`, also a warning for each file of an unknown format.
    """
    for failure in failures:
        if verbose or not failure.unsupported:
            yield f"warning: {failure.path} {failure.reason}"
    if line := count_unsupported(failures):
        yield line if verbose else f"{line} (--verbose lists them)"


def count_unsupported(failures: Sequence[Failure]) -> str:
    """Return how many files have unknown formats, in words; an empty string if none has."""
    count, suffixes = count_suffixes(failures)
    if not count:
        return ""
    pictures = any(failure.unsupported and failure.needs for failure in failures)
    hint = "; to read pictures, install footnote-rag[ocr]" if pictures else ""
    return f"{count} files of unknown formats are not indexed: {suffixes}{hint}"


def count_suffixes(failures: Sequence[Failure]) -> tuple[int, str]:
    """Return the number of files of unknown formats, and how often each suffix occurs.

    The most frequent suffix comes first. Many different suffixes are not all listed.
    """
    files = [Path(failure.path) for failure in failures if failure.unsupported]
    counts = Counter(file.suffix.lower() or "without suffix" for file in files)
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{count} {suffix}" for suffix, count in most_first[:_MOST_SUFFIXES]]
    return len(files), ", ".join(told + ["…"] * (len(most_first) > _MOST_SUFFIXES))
