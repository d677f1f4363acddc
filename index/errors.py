"""The errors of Footnote: each names what is wrong, where, and how to mend it.

::

    FootnoteError                    shown to people as one line
    ├── SourceError                  the paths to index: missing, empty, nothing readable
    ├── DocumentError                one document cannot be indexed; the others go on
    │   ├── UnknownFormatError
    │   ├── EmptyDocumentError
    │   └── UnreadableDocumentError
    ├── StoreError
    │   ├── StoreMissingError        no index yet
    │   ├── StoreNotWritableError
    │   ├── StoreBusyError           another process is writing
    │   ├── StoreBrokenError         a file of the index is missing or unreadable
    │   │   └── StoreOutdatedError   made by an earlier version; the next update makes it anew
    │   └── StoreUnreachableError    the Chroma server does not answer, or lets nobody in
    └── ModelError
        ├── ModelUnavailableError    cannot be found or loaded
        └── ModelMismatchError       the index was made with another model
"""

from __future__ import annotations

from pathlib import Path

from index.types import Failure


class FootnoteError(Exception):
    """A failure that a person can understand and mend.

    `problem` says what is wrong and names the file or value; `remedy` says what to do.
    Neither holds document text.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = one_line(problem)
        self.remedy = one_line(remedy)
        super().__init__(f"{self.problem}: {self.remedy}" if self.remedy else self.problem)


class SourceError(FootnoteError):
    """The given files or folders hold nothing that can be indexed."""


class DocumentError(FootnoteError):
    """One document cannot be indexed."""

    def __init__(self, path: str | Path, problem: str, remedy: str = "") -> None:
        self.path = str(path)
        self.reason = one_line(problem)
        super().__init__(f"{self.path} {problem}", remedy)

    def as_failure(self) -> Failure:
        """Return the error as a line of a report."""
        reason = f"{self.reason}: {self.remedy}" if self.remedy else self.reason
        return Failure(self.path, reason)


class UnknownFormatError(DocumentError):
    """No loader reads files of this kind."""


class EmptyDocumentError(DocumentError):
    """The file holds no text."""


class UnreadableDocumentError(DocumentError):
    """The file is broken, encrypted, binary, or not allowed to be read."""


class StoreError(FootnoteError):
    """The index folder cannot be used."""


class StoreMissingError(StoreError):
    """There is no index at this place yet."""


class StoreNotWritableError(StoreError):
    """The index folder cannot be written."""


class StoreBusyError(StoreError):
    """Another process is writing this index."""


class StoreBrokenError(StoreError):
    """The index is damaged or was made by another version."""


class StoreOutdatedError(StoreBrokenError):
    """The index was made by an earlier version of Footnote; the next update makes it anew."""


class StoreUnreachableError(StoreError):
    """The Chroma server that holds the index does not answer, or does not let us in."""


class ModelError(FootnoteError):
    """The embedding model cannot be used."""


class ModelUnavailableError(ModelError):
    """The embedding model cannot be found, loaded or verified."""


class ModelMismatchError(ModelError):
    """The index was made with another embedding model."""


def one_line(text: str) -> str:
    """Return `text` with every run of white space and control characters made one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
