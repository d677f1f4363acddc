"""EPUB books: the chapters in the order of the spine, each parsed as XHTML."""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import unquote

from lxml import etree

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.html import add_html

_CONTAINER = "META-INF/container.xml"
_DRM = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html")


def load(data: bytes, name: str) -> Content:
    """Parse an .epub file."""
    with open_archive(data, ".epub") as archive:
        try:
            package = _find_package(archive)
            book = _parse(archive.read(package))
            chapters = _list_chapters(book, posixpath.dirname(package))
            builder = ContentBuilder()
            for chapter in chapters:
                add_html(builder, archive.read(chapter))
        except (KeyError, etree.XMLSyntaxError, zipfile.BadZipFile, RuntimeError) as error:
            if _DRM in archive.namelist():
                raise ContentError("is encrypted", "use a copy without copy protection") from error
            raise ContentError("is not a readable .epub file", "convert it again") from error
    return builder.build(" ".join((book.findtext(".//{*}metadata/{*}title") or "").split()))


def _parse(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(data, parser)


def _find_package(archive: zipfile.ZipFile) -> str:
    rootfile = _parse(archive.read(_CONTAINER)).find(".//{*}rootfile")
    if rootfile is None:
        raise KeyError(_CONTAINER)
    return str(rootfile.get("full-path"))


def _list_chapters(book: etree._Element, folder: str) -> list[str]:
    """Return the archive names of the chapters in reading order. Omits non-linear chapters."""
    pages = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in book.iterfind(".//{*}manifest/{*}item")
        if item.get("media-type") in _PAGES
    }
    return [
        pages[reference.get("idref")]
        for reference in book.iterfind(".//{*}spine/{*}itemref")
        if reference.get("idref") in pages and reference.get("linear") != "no"
    ]
