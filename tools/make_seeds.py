"""Writes the binary seed documents: a Word document and a PDF.

Run it after a change of the texts below: `python tools/make_seeds.py`. Needs fpdf2 and python-docx.
"""

from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from fpdf import FPDF

SEEDS = Path(__file__).parent.parent / "seeds"
WRITTEN = datetime(2026, 11, 23, tzinfo=UTC)

QUESTIONS = (
    (
        "What did Russia demand from NATO and the United States?",
        "Russia demanded guarantees for its security: an end of NATO's enlargement to the east, "
        "no membership for Ukraine, and a withdrawal of troops from the alliance's eastern states.",
    ),
    (
        "How did NATO reply?",
        "NATO sent a joint letter of its 30 members. It refuses the core demands and offers to "
        "talk about arms control, disarmament and fewer risks in military activities.",
    ),
    (
        "Was Ukraine asked before the American letter was sent?",
        "Yes. Secretary of State Blinken said that Ukraine and the European allies had been "
        "consulted and that what they contributed went into the final version.",
    ),
    (
        "Why is Ukraine disappointed with Germany?",
        "Ukraine is disappointed because it wanted weapons against a possible Russian attack and "
        "was promised helmets instead.",
    ),
    (
        "Why does Germany have a say about howitzers from Estonia?",
        "The howitzers come from the stocks of East Germany, so Estonia needs the approval of "
        "Berlin before it may give them away.",
    ),
    (
        "What was achieved at the talks in Paris?",
        "It is known only that the advisers of Russia and Ukraine met again at all, which was "
        "seen as a small ray of hope, and that they sat together until the evening.",
    ),
)

GLOSSARY = (
    (
        "NATO",
        "The western defence alliance. In January 2022 it had 30 member states. Russia demanded "
        "that it stop expanding to the east.",
    ),
    (
        "Normandy format",
        "Talks between Russia and Ukraine with France and Germany as mediators. The round of "
        "26 January 2022 was held in Paris, by advisers rather than heads of government.",
    ),
    (
        "Security guarantees",
        "What Russia demanded in its draft agreement, first of all the promise that NATO would "
        "not admit Ukraine. Most observers thought them next to impossible to fulfil.",
    ),
    (
        "Howitzer",
        "A piece of artillery. The howitzers in dispute belong to Estonia and were once part of "
        "the army of the GDR, that is, of East Germany.",
    ),
    (
        "Separatists",
        "Pro-Russian groups that hold parts of the regions of Luhansk and Donetsk in the east of "
        "Ukraine.",
    ),
    (
        "United Russia",
        "The party that supports the Kremlin. It proposed to supply the separatists officially.",
    ),
    (
        "Bild",
        "A German daily newspaper. The mayor of Kyiv, Vitali Klitschko, spoke to it about the "
        "5,000 helmets.",
    ),
)


def write_questions(file: Path) -> None:
    """Write the questions and answers as a Word document."""
    document = Document()
    properties = document.core_properties
    properties.title = "Questions and answers on the letters to Moscow"
    properties.author = "Footnote"
    properties.created = properties.modified = WRITTEN.replace(tzinfo=None)
    document.add_heading("Questions and answers on the letters to Moscow", 0)
    document.add_paragraph("All answers describe the state of 26 January 2022.")
    for question, answer in QUESTIONS:
        document.add_heading(question, 2)
        document.add_paragraph(answer)
    document.save(str(file))


def write_glossary(file: Path) -> None:
    """Write the glossary as a PDF of two pages."""
    pdf = FPDF(format="A5")
    pdf.set_title("Glossary of the dispute over Ukraine")
    pdf.set_creation_date(WRITTEN)
    pdf.set_margin(18)
    pdf.add_page()
    pdf.set_font("Times", "B", 18)
    pdf.multi_cell(0, 9, "Glossary of the dispute over Ukraine", new_x="LMARGIN", new_y="NEXT")
    for number, (term, meaning) in enumerate(GLOSSARY):
        if number == 4:
            pdf.add_page()
        pdf.ln(4)
        pdf.set_font("Times", "B", 14)
        pdf.multi_cell(0, 7, term, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Times", "", 11)
        pdf.multi_cell(0, 5.5, meaning, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(file))


if __name__ == "__main__":
    write_questions(SEEDS / "questions-and-answers.docx")
    write_glossary(SEEDS / "glossary.pdf")
