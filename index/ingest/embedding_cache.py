"""Stores the vectors of a build that is not published yet, by the text of the passage.

A build stores each batch here as soon as it is embedded. If the build is killed, the next one
finds the vectors and embeds only the missing passages. The vectors are deleted when the snapshot
is published. Before that, a file records the id of the snapshot. So if a build is killed after
publishing and before deleting, the next garbage collection knows that it can delete them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from index.arrays import Vectors
from index.encoders.protocol import ModelIdentity, PassageText
from index.files.layout import StoreLayout, make_folder, write_atomically
from index.files.manifest import FORMAT

_OPEN_BATCHES = 4  # kept in memory; a build needs batches in the order in which they were embedded

PassageVectors = tuple[Vectors, Vectors]
"""A passage's vector, shape (d,), and the vectors of its sentences, shape (n, d)."""


class VectorCache:
    """The stored vectors of one model."""

    def __init__(self, store: Path, identity: ModelIdentity) -> None:
        self._folder = (
            StoreLayout(store).unpublished / f"{identity.sha256}-{identity.dimension}-{FORMAT}"
        )
        self._found: dict[bytes, Path] = {}
        self._open: OrderedDict[Path, dict[bytes, PassageVectors]] = OrderedDict()
        for file in sorted(self._folder.glob("*.npz")):
            try:
                with np.load(file) as batch:
                    self._found.update((key.tobytes(), file) for key in batch["keys"])
            except Exception:  # noqa: BLE001 - a damaged header may raise any error
                file.unlink(missing_ok=True)  # half-written when the build was interrupted

    def find(self, texts: Iterable[PassageText]) -> dict[PassageText, PassageVectors]:
        """Return the stored vectors of these passages; passages without vectors are omitted."""
        found: dict[PassageText, PassageVectors] = {}
        for text in texts:
            key = _key(text)
            if key in self._found:
                vectors = self._read(self._found[key]).get(key)
                if vectors is not None and len(vectors[1]) == len(text.spans):
                    found[text] = vectors
        return found

    def keep(self, texts: Sequence[PassageText], whole: Vectors, parts: Vectors) -> None:
        """Store the vectors of passages. Raises `OSError`.

        `whole` are the passages' vectors, shape (passages, d); `parts` those of their sentences,
        shape (all sentences, d).
        """
        make_folder(self._folder)
        keys = np.frombuffer(b"".join(map(_key, texts)), np.uint8).reshape(len(texts), -1)
        counts = np.array([len(text.spans) for text in texts], np.int64)
        stream = io.BytesIO()
        np.savez(stream, keys=keys, counts=counts, whole=whole, parts=parts)
        name = hashlib.sha256(keys.tobytes()).hexdigest()[:16]
        write_atomically(self._folder / f"{name}.npz", stream.getvalue())

    def _read(self, file: Path) -> dict[bytes, PassageVectors]:
        if file not in self._open:
            vectors: dict[bytes, PassageVectors] = {}
            try:
                with np.load(file) as batch:
                    ends = np.cumsum(batch["counts"])
                    pieces = np.split(batch["parts"], ends[:-1])
                    for key, vector, piece in zip(
                        batch["keys"], batch["whole"], pieces, strict=True
                    ):
                        vectors[key.tobytes()] = vector, piece
            except Exception:  # noqa: BLE001 - as above
                vectors = {}
            self._open[file] = vectors
            if len(self._open) > _OPEN_BATCHES:
                self._open.popitem(last=False)
        return self._open[file]


def _key(text: PassageText) -> bytes:
    content = repr((text.text, text.spans)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).digest()


def note_snapshot(store: Path, snapshot: str) -> None:
    """Record the id of the snapshot for which the vectors were computed. Raises `OSError`."""
    file = _note(store)
    if file.parent.exists():
        write_atomically(file, snapshot.encode())


def clear_cache(store: Path, published: str | None = None) -> None:
    """Delete the stored vectors of all models.

    With `published`, delete them only if they were computed for the snapshot of this id.
    """
    file = _note(store)
    if published is None or (file.exists() and file.read_bytes() == published.encode()):
        for entry in file.parent.glob("*"):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry != file:
                entry.unlink(missing_ok=True)  # a half-written record
        file.unlink(missing_ok=True)  # last, so that an interrupted deletion is finished later
    with contextlib.suppress(OSError):
        file.parent.rmdir()  # fails if the folder is not empty


def _note(store: Path) -> Path:
    return StoreLayout(store).unpublished / "snapshot"
