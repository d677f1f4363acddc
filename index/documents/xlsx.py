"""Excel workbooks: the rows of each sheet, each cell after its column's name. No formulas."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.tables import add_records

_REMEDY = "open it in a spreadsheet program and save it again as .xlsx"


def load(data: bytes, name: str) -> Content:
    """Parse an .xlsx or .xlsm file. Hidden sheets are omitted."""
    open_archive(data, ".xlsx").close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about styles and extensions without text
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        except (InvalidFileException, KeyError, ValueError) as error:
            raise ContentError("is not a readable .xlsx file", _REMEDY) from error
        builder = ContentBuilder()
        for number, sheet in enumerate(book.worksheets, 1):
            if sheet.sheet_state == "visible":
                builder.begin("sheet", number, sheet.title)
                builder.add(sheet.title, "heading", 2)
                add_records(builder, _rows(sheet))
        title = (book.properties.title or "").strip()
        book.close()
    return builder.build(title)


def _rows(sheet: Any) -> Iterator[list[str]]:
    # The size that the sheet declares may be wrong and huge.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        yield [_show(value) for value in row]


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
