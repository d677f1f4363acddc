"""Text -> tokens, for an exported model."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

Offsets = Sequence[tuple[int, int]]
"""Where tokens begin and end in their text, in characters."""

BEGIN, END, _UNKNOWN = 0, 2, 3  # the ids of XLM-RoBERTa's special tokens
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_KEPT_WORDS = 20_000
_WORD = re.compile(r"[^ \t\n\r]+")
_LONGEST_QUESTION = 2_000  # characters


class Tokens(Protocol):
    """Text -> tokens. The special ones at both ends are included unless said otherwise."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""

    def read(self, text: str, most: int) -> tuple[Sequence[int], Offsets]:
        """Return the ids of the first `most` tokens, and their offsets."""

    def read_question(self, text: str, most: int) -> Sequence[int]:
        """Return the ids of the first `most` tokens of a short text."""


class LibraryTokens(ABC):
    """Those of a tokenizer of the library `tokenizers`, which is made when it is first needed."""

    @cached_property
    @abstractmethod
    def _tokenizer(self) -> Tokenizer: ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(item.ids) for item in encoded]

    def read(self, text: str, most: int) -> tuple[Sequence[int], Offsets]:
        """Return the ids of the first `most` tokens, and their offsets."""
        # Truncated here and not by the tokenizer, whose setting is shared by all threads.
        encoded = self._tokenizer.encode(text)
        if len(encoded.ids) > most:
            special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            encoded.truncate(most - special)
            encoded = self._tokenizer.post_process(encoded)
        return encoded.ids, encoded.offsets

    def read_question(self, text: str, most: int) -> Sequence[int]:
        """Return the ids of the first `most` tokens of a short text."""
        ids, _ = self.read(text, most)
        return ids


class FileTokens(LibraryTokens):
    """Those of a file `tokenizer.json`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._file))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


class PieceTokens(LibraryTokens):
    """XLM-RoBERTa's tokens, 250,002 pieces of words.

    Making the whole tokenizer takes a second and 280 MB. For a question, a small tokenizer is made
    of only the pieces that occur in the question. Its result is the same, as no other piece can be
    a token of this text.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pieces = (folder / "pieces.txt").read_text("utf-8").split("\n")
        self._ids: Sequence[int] = np.load(folder / "ids.npy")
        self._scores: Sequence[float] = np.load(folder / "scores.npy")
        self._longest = max(map(len, self._pieces))
        self._least = int(np.argmin(self._scores))
        self._read_word = lru_cache(_KEPT_WORDS)(self._read_word_anew)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        # The special tokens have no row; whatever stands at their ids is in no text.
        vocabulary = [(_hide(str(number)), 0.0) for number in range(int(np.max(self._ids)) + 1)]
        for piece, number, score in zip(self._pieces, self._ids, self._scores, strict=True):
            vocabulary[number] = piece, float(score)
        return _make_tokenizer(vocabulary, _UNKNOWN)

    def read_question(self, text: str, most: int) -> Sequence[int]:
        """Return the ids of the first `most` tokens of a short text."""
        if len(text) > _LONGEST_QUESTION:
            return super().read_question(text, most)
        own, ids = self._make_small(text)
        found = own.encode(text, add_special_tokens=False).ids
        return [BEGIN, *(ids[number] for number in found[: most - 2]), END]

    def read_pieces(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Return the ids of a text without special tokens, and their offsets without spaces.

        Words are tokenised one by one and kept, because no token spans two, and the words of a
        document recur.
        """
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        for found in _WORD.finditer(text):
            numbers, places = self._read_word(found.group())
            ids += numbers
            offsets += [(found.start() + start, found.start() + end) for start, end in places]
        return ids, offsets

    def _read_word_anew(self, word: str) -> tuple[Sequence[int], Offsets]:
        if self._is_loaded or len(word) > _LONGEST_QUESTION:
            encoded = self._tokenizer.encode(word, add_special_tokens=False)
            return encoded.ids, encoded.offsets
        own, ids = self._make_small(word)
        encoded = own.encode(word, add_special_tokens=False)
        return [ids[number] for number in encoded.ids], encoded.offsets

    @property
    def _is_loaded(self) -> bool:
        return "_tokenizer" in self.__dict__

    def _make_small(self, text: str) -> tuple[Tokenizer, Sequence[int]]:
        """Return a tokenizer of only the pieces that occur in a text, and their ids."""
        words = _SPLIT.pre_tokenize_str(_NORMALISE.normalize_str(text))
        # The score of an unknown character is relative to the lowest score of all pieces.
        rows = sorted({self._least, *self._find_pieces(word for word, _ in words)})
        vocabulary = [(self._pieces[row], float(self._scores[row])) for row in rows]
        own = _make_tokenizer([*vocabulary, (_hide("<unk>"), 0.0)], len(rows))
        return own, [*(int(self._ids[row]) for row in rows), _UNKNOWN]

    def _find_pieces(self, words: Iterable[str]) -> Iterable[int]:
        """Yield the row of every piece that occurs in a word."""
        for word in words:
            for start in range(len(word)):
                row = 0
                for end in range(start + 1, min(start + self._longest, len(word)) + 1):
                    part = word[start:end]
                    row = bisect_left(self._pieces, part, row)
                    if row == len(self._pieces) or not self._pieces[row].startswith(part):
                        break
                    if self._pieces[row] == part:
                        yield row


def write_piece_tokens(pieces: Sequence[str], scores: Sequence[float], folder: Path) -> None:
    """Write the files that `PieceTokens` reads: of all pieces by their ids, with their scores."""
    rows = sorted((piece, number) for number, piece in enumerate(pieces) if piece not in _SPECIAL)
    order = np.array([number for _, number in rows], np.int32)
    (folder / "pieces.txt").write_text("\n".join(piece for piece, _ in rows), "utf-8")
    np.save(folder / "ids.npy", order)
    np.save(folder / "scores.npy", np.asarray(scores, np.float32)[order])


def _hide(special: str) -> str:
    """Return a name for a special token that no text contains, since spaces become "▁"."""
    return f" {special}"


def _make_tokenizer(vocabulary: list[tuple[str, float]], unknown: int) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(vocabulary, unknown, byte_fallback=False))
    tokenizer.normalizer = _NORMALISE
    tokenizer.pre_tokenizer = _SPLIT
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", None, [("<s>", BEGIN), ("</s>", END)]
    )
    return tokenizer


# SentencePiece's rules "nmt_nfkc": `Nmt` removes control characters and replaces other white space
# with spaces; NFKC does the rest, except that the rules keep the full-width tilde.
_TILDE, _IN_ITS_PLACE = "\uff5e", "\ue000"
_NORMALISE = normalizers.Sequence(
    [
        normalizers.Nmt(),
        normalizers.Replace(_TILDE, _IN_ITS_PLACE),
        normalizers.NFKC(),
        normalizers.Replace(_IN_ITS_PLACE, _TILDE),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
)
_SPLIT = pre_tokenizers.Sequence(
    [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("\u2581", "always")]
)
