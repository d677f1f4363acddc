"""Where the text of a document stands on its printed pages, without a process of its own."""

from index.documents.page_image import open_pages
from index.documents.page_layout import count_characters, join_lines, lay_out
from index.page_text import PageBox, PageLayout
from index.types import Document


def print_page(data: bytes, document: Document, page: int = 1) -> PageLayout:
    pages = open_pages(data)
    boxes = pages.find(page, count_characters(document, page))
    layout = lay_out(document, page, pages.count, pages.measure(page), boxes)
    pages.close()
    return layout


def find_boxes(data: bytes, document: Document, words: str, page: int = 1) -> list[PageBox]:
    """Return the boxes around words, one for each of their lines."""
    start = document.text.index(words)
    layout = print_page(data, document, page)
    return [line.box for line in join_lines(layout, start, start + len(words))]
