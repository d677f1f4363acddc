"""Finds and reads the lines of a picture, with the PP-OCR models of the package rapidocr.

The models lie in the package. They are opened here and given to rapidocr, because it would
download those that it does not find.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from index import offline  # noqa: F401 - before onnxruntime is imported

_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_MOST_THREADS = 4  # more bring little, and each takes a part of the process's allowed memory
_LONGEST_SIDE = 2000  # pixels; a page of A4 at 170 dpi, whose small print can still be read
_SAMPLE = 12  # lines from which it is found whether the page is upside down
_CLEAR = 3.0  # votes of lines, each of at most 1: with fewer, lines are read both ways
_TRIED = 3  # so many of them
_TALL = 1.5  # times its width: a higher line runs up or down the page
# What onnxruntime and OpenCV say if they get no memory. Their errors are no `MemoryError`.
_NO_MEMORY = ("bad_alloc", "allocate memory", "Insufficient memory")
_ALIKE = 0.5  # characters' confidence from which on a line is text and not a part of a picture

Pixels = npt.NDArray[np.uint8]
"""A picture, shape (height, width, 3), blue first."""
Quads = npt.NDArray[np.float32]
"""Corners of lines, shape (lines, 4, 2): x and y from the upper left, clockwise from upper left."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character of a line. `place` is its middle as a fraction of the line's length."""

    text: str
    place: float
    confidence: float


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of a picture: its four corners in pixels of the upright picture, and its letters."""

    corners: npt.NDArray[np.float32]
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen in a picture.

    `turn` counts the quarter turns to the left after which the picture was upright; `width` and
    `height` are those of the upright picture in pixels.
    """

    lines: tuple[SeenLine, ...]
    turn: int
    width: int
    height: int


def look_at(image: Image.Image) -> Sight:
    """Find the orientation of a picture, and read its lines. Raises `MemoryError`."""
    try:
        return _look(_engine(), image)
    except Exception as error:
        if any(words in str(error) for words in _NO_MEMORY):
            raise MemoryError from error
        raise


def _look(engine: Any, image: Image.Image) -> Sight:
    pixels = _shrink(image)
    quads = _find_lines(engine, pixels)
    turn = 0
    if _is_sideways(quads):
        pixels, turn = _turn_left(pixels, 1), 1
        quads = _find_lines(engine, pixels)
    if _is_upside_down(engine, pixels, quads):
        pixels, turn = _turn_left(pixels, 2), turn + 2
        quads = _find_lines(engine, pixels)
    height, width = pixels.shape[:2]
    return Sight(tuple(_read_lines(engine, pixels, quads)), turn, width, height)


@cache
def _engine() -> Any:
    """Return rapidocr's engine. The models are loaded once for each process."""
    import cv2
    from omegaconf import flag_override
    from onnxruntime import InferenceSession, SessionOptions
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",  # its messages may have text of a document
            "Global.return_word_box": True,  # also gives the places of characters
        }
    )
    cv2.setNumThreads(1)
    options = SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False  # every picture has another size
    options.intra_op_num_threads = min(_MOST_THREADS, os.cpu_count() or 1)
    # Threads that wait without sleeping slow down everything else on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for part, name in _MODELS.items():
        model = (files("rapidocr") / "models" / name).read_bytes()
        session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        with flag_override(engine.cfg, "allow_objects", True):
            engine.cfg[part].session = session
    return engine


def _shrink(image: Image.Image) -> Pixels:
    """Return the picture's pixels, with its longest side at most `_LONGEST_SIDE`."""
    scale = _LONGEST_SIDE / max(image.size)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in image.size]
        image = image.convert("RGB").resize((size[0], size[1]), Image.Resampling.LANCZOS)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _turn_left(pixels: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def _find_lines(engine: Any, pixels: Pixels) -> Quads:
    from rapidocr.main import RapidOCRError

    record: dict[str, Any] = {}
    try:
        _, found = engine.detect_and_crop(pixels, record)
    except RapidOCRError:  # there is no text
        return np.empty((0, 4, 2), np.float32)
    quads: Quads = np.asarray(found.boxes, np.float32)
    padding = record.get("padding_1", {"left": 0, "top": 0})
    return quads - np.array([padding["left"], padding["top"]], np.float32)


def _sides(quads: Quads) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the widths and heights of lines."""
    widths = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return widths, heights


def _is_sideways(quads: Quads) -> bool:
    """Whether most of the lines' length runs up or down the picture."""
    widths, heights = _sides(quads)
    tall = heights > _TALL * widths
    return bool(heights[tall].sum() > widths[~tall].sum())


def _is_upside_down(engine: Any, pixels: Pixels, quads: Quads) -> bool:
    """Whether the longest lines say so, to the classifier or, if it is not sure, to the reader.

    The reader is surer of upright lines, but needs a hundred times as long.
    """
    widths, _ = _sides(quads)
    longest = quads[np.argsort(-widths)[:_SAMPLE]]
    if not len(longest):
        return False
    _, found = engine.cls_and_rotate(engine.crop_text_regions(pixels, longest))
    votes = sum(score if "180" in label else -score for label, score in found.cls_res)
    if abs(votes) >= _CLEAR:
        return bool(votes > 0)
    crops = [crop for crop in engine.crop_text_regions(pixels, longest[:_TRIED]) if crop.size]
    if not crops:
        return False
    upright = engine.recognize_txt(crops).scores
    turned = engine.recognize_txt([_turn_left(crop, 2) for crop in crops]).scores
    return bool(sum(turned) > sum(upright))


def _read_lines(engine: Any, pixels: Pixels, quads: Quads) -> Sequence[SeenLine]:
    crops = engine.crop_text_regions(pixels, quads)
    kept = [number for number, crop in enumerate(crops) if crop.size]
    if not kept:
        return []
    result = engine.recognize_txt([crops[number] for number in kept])
    lines = []
    for number, text, places in zip(kept, result.txts, result.word_results, strict=True):
        letters = _read_letters(text, places)
        sure = sum(letter.confidence for letter in letters) >= _ALIKE * len(letters)
        if letters and sure:
            lines.append(SeenLine(quads[number], tuple(letters)))
    return lines


def _read_letters(text: str, places: Any) -> list[Letter]:
    """Return the characters of a line and the spaces between them, with their places."""
    columns = [column for word in places.word_cols for column in word]
    length = max(1.0, places.line_txt_len)
    letters: list[Letter] = []
    for character, confidence in zip(text, places.confs, strict=False):
        if character.isspace():
            place = letters[-1].place if letters else 0.0
        elif columns:
            place = min(1.0, (columns.pop(0) + 0.5) / length)
        else:
            break
        letters.append(Letter(character, place, confidence))
    return letters if not math.isnan(length) else []
