"""Pictures of pages of the kinds in `_KINDS`: their text is recognised. A TIFF may have pages."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from index.documents.content import Content, ContentError
from index.documents.formats import is_heif
from index.documents.ocr.extra import NAME, REMEDY, is_installed
from index.documents.ocr.pages import PictureReader
from index.documents.pdf import build_content
from index.documents.pdf.page import Page, arrange_words

_KINDS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
_MOST_PIXELS = 100_000_000  # 300 MB in memory; a page of A3 at 600 dpi has 70 million
_MOST_FRAMES = 2_000
_SMALLEST = 32  # pixels of each side: a smaller picture is a symbol
_LONGEST_SIDE = 842.0  # points; A4. Pictures often do not say how large they are on paper.


def load(data: bytes, name: str) -> Content:
    """Recognise the text of a picture."""
    if not is_installed(NAME):
        raise ContentError("is a picture", REMEDY, NAME)
    image = _open(data)
    count = min(getattr(image, "n_frames", 1), _MOST_FRAMES)
    reader = PictureReader(count)
    pages = []
    for number in range(1, count + 1):
        frame = _read_frame(image, number)
        height = _LONGEST_SIDE * frame.height / max(frame.size)
        words = reader.read(number, frame.copy, height)
        pages.append(arrange_words(number, words) if words else Page(number, ()))
    return build_content(pages, "", reader)


def count_frames(data: bytes) -> int:
    """Return the number of pages that are read of a picture. Raises `ContentError`."""
    return min(getattr(_open(data), "n_frames", 1), _MOST_FRAMES)


def read_frame(data: bytes, number: int) -> Image.Image:
    """Return a page of a picture, upright as its camera says. Raises `ContentError`.

    `number` counts from 1.
    """
    return _read_frame(_open(data), number)


def _open(data: bytes) -> Image.Image:
    if is_heif(data):
        _register_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=_KINDS)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ContentError("is not a readable picture", "open and save it again") from error


def _register_heif() -> None:
    """Let Pillow read HEIF, which is the usual format of telephones (.heic)."""
    try:
        from pi_heif import register_heif_opener  # loads libraries of 4 MB
    except ImportError as error:
        raise ContentError("is a .heic picture", REMEDY) from error
    register_heif_opener()


def _read_frame(image: Image.Image, number: int) -> Image.Image:
    """Decode a frame. Its size is checked before, because a small file can hold a huge picture."""
    try:
        image.seek(number - 1)
        if image.width * image.height > _MOST_PIXELS:
            raise _too_large()
        if min(image.size) < _SMALLEST:
            raise ContentError("is too small to hold text", "leave it out with .ragignore")
        return _flatten(ImageOps.exif_transpose(image))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ContentError("is a damaged picture", "open and save it again") from error


def _flatten(image: Image.Image) -> Image.Image:
    """Return a picture in colour, on white where it is transparent."""
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        sheet = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(sheet, image).convert("RGB")
    return image.convert("RGB")


def _too_large() -> ContentError:
    return ContentError(
        f"has more than {_MOST_PIXELS // 10**6} million pixels", "save it with fewer pixels"
    )
