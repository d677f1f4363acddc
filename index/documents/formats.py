"""Chooses the module that parses a file, by its suffix, or by its content if they disagree."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import PurePosixPath

from index.documents.content import Content

# Format -> its suffixes. The module of the same name is imported when the first such file is
# parsed. It has a function `load(data: bytes, name: str) -> Content`, which raises `ContentError`
# if it cannot parse the file; `name` is the file's name.
_SUFFIXES = {
    "text": ".txt .text .log",
    "markdown": ".md .markdown .mdx .qmd .rmd",
    "rst": ".rst",
    "adoc": ".adoc .asciidoc",
    "org": ".org",
    "tex": ".tex",
    "html": ".html .htm .xhtml",
    "mhtml": ".mhtml .mht",
    "xml": ".xml .fb2",
    "pdf": ".pdf",
    "docx": ".docx .docm .dotx .dotm",
    "doc": ".doc .dot",
    "odf": ".odt .ott .ods .ots .odp .otp .fodt .fods .fodp",
    "rtf": ".rtf",
    "pptx": ".pptx .pptm .ppsx .ppsm .potx .potm",
    "ppt": ".ppt .pps",
    "xlsx": ".xlsx .xlsm .xltx .xltm",
    "xls": ".xls .xlt",
    "csv": ".csv .tsv",
    "json": ".json .jsonl .ndjson",
    "epub": ".epub",
    "eml": ".eml",
    "msg": ".msg",
    "mbox": ".mbox",
    "calendar": ".ics .vcf",
    "subtitles": ".vtt .srt",
    "zip": ".zip",
    "picture": ".jpg .jpeg .png .tiff .tif .webp .heic .heif",
    "ipynb": ".ipynb",
    "code": (
        ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .scala .go .rs .c .h .cc .cpp .hpp .cs "
        ".swift .rb .php .pl .lua .r .jl .hs .ml .ex .exs .erl .clj .lisp .el .sh .bash .zsh "
        ".ps1 .sql .css .scss .vue .svelte .proto .graphql .tf .toml .yaml .yml .ini .cfg"
    ),
}
FORMATS = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
"""Suffix -> format."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in OLE files, as in the file, with the formats that have them.
_OLE_STREAMS = {
    "WordDocument": "doc",
    "PowerPoint Document": "ppt",
    "Workbook": "xls",
    "__properties_version1.0": "msg",
}
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ZIP_FOLDERS = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.DOTALL)
_TEXTUAL = frozenset("text markdown rst adoc org tex csv json eml mbox calendar subtitles".split())


def known_suffixes() -> str:
    """Return the first suffix of every format as text for messages."""
    common = (suffixes.split()[0] for name, suffixes in _SUFFIXES.items() if name != "code")
    return f"{', '.join(common)} and source code"


def load_content(data: bytes, name: str) -> tuple[str, Content]:
    """Parse a file of a known suffix; return its format and its content.

    Raises `ContentError`, or any error of the parser.
    """
    format_name = _recognise(data, FORMATS[PurePosixPath(name).suffix.lower()])
    load: Callable[[bytes, str], Content] = import_module(f"index.documents.{format_name}").load
    return format_name, load(data, name)


def is_heif(data: bytes) -> bool:
    """Whether the bytes are a HEIF picture (ISO/IEC 23008-12), such as a .heic file."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _recognise(data: bytes, named: str) -> str:
    """Return the format that the first bytes show; the one of the suffix if they show none."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    if data.startswith(_PICTURES) or webp or is_heif(data):
        return "picture"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"PK\x03\x04"):
        return _recognise_zip(data) or named
    if data.startswith(_OLE):
        return _recognise_ole(data, named)
    binary = named not in _TEXTUAL and named not in ("html", "mhtml", "xml", "code", "ipynb")
    if binary and _HTML.match(data[:4096]):
        return "html"  # programs save web pages as .doc and .xls
    return named


def _recognise_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError):
        return ""
    if kind.startswith(b"application/epub"):
        return "epub"
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        return "odf"
    if "[Content_Types].xml" in names:
        folders = {name.lstrip("/").split("/")[0].lower() for name in names}
        return next((found for folder, found in _ZIP_FOLDERS.items() if folder in folders), "")
    return ""


def _recognise_ole(data: bytes, named: str) -> str:
    for stream, found in _OLE_STREAMS.items():
        if stream.encode("utf-16-le") in data:
            return found
    return named
