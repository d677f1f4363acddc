"""Exports questions and answers as a Word document (.docx)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from ui.views.answer_parts import Part
from ui.views.exported import References, Section, show_line

# Characters that XML 1.0 does not allow (section 2.2). A document's text may contain them.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_word(title: str, sections: Sequence[Section], references_title: str) -> bytes:
    """Return a Word document: headings, answers, and a numbered list of references."""
    import docx

    document = docx.Document()
    document.core_properties.title = _clean(title)
    document.core_properties.author = "Footnote"
    document.add_heading(_clean(title), 0)
    references = References()
    for section in sections:
        document.add_heading(_clean(section.heading), 1)
        for part in section.parts:
            _add_part(document, part, section, references)
        if section.remark:
            document.add_paragraph(_clean(section.remark), style="Intense Quote")
    if references.texts:
        document.add_heading(_clean(references_title), 1)
    for number, text in enumerate(references.texts, 1):
        document.add_paragraph(_clean(f"[{number}] {text}"))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _add_part(document: Any, part: Part, section: Section, references: References) -> None:
    if part.kind == "code":
        run = document.add_paragraph(style="No Spacing").add_run(_clean(part.code))
        run.font.name = "Courier New"
    bullet = "List Bullet" if part.kind == "bullets" else None
    for number, line in enumerate(part.lines):
        paragraph = document.add_paragraph(style=bullet)
        if part.kind == "numbers":  # Word's own numbers would go on from the list before
            paragraph.paragraph_format.left_indent = 360_000  # EMU: 1 cm
            paragraph.add_run(f"{part.numbers[number]}. ")
        for text, look in show_line(line, section.answer, references):
            run = paragraph.add_run(_clean(text))
            run.bold = True if look == "strong" else None
            run.font.superscript = True if look == "mark" else None


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
