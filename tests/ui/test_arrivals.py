"""The list of files that arrive: a short summary, rows in order, and an end to the rows."""

from lxml import html

from rag.library.intake import Arrival, Intake
from ui.views.arrivals import render_arrivals, render_begin, render_reading
from ui.views.wording import choose_wording


def rows(markup: str) -> list[tuple[str, str]]:
    found = html.fromstring(f"<div>{markup}</div>").iter("li")
    return [(item.get("data-state") or "", " ".join(item.text_content().split())) for item in found]


def test_files_that_are_read_or_failed_come_first() -> None:
    arrivals = (
        Arrival("a.txt", "ready"),
        Arrival("b.txt"),
        Arrival("c.pdf", "failed", "is encrypted: save a copy without a password"),
        Arrival("d.txt", "reading"),
    )
    assert rows(render_arrivals(Intake(arrivals, busy=True))) == [
        ("reading", "d.txt reading"),
        ("failed", "c.pdf not readable It is protected by a password. "
         "Save a copy without one and add that."),
        ("waiting", "b.txt waiting"),
        ("ready", "a.txt ready"),
    ]  # fmt: skip


def test_a_file_that_was_not_read_wholly_says_so() -> None:
    arrivals = (
        Arrival("a.txt", "ready"),
        Arrival(
            "b.zip",
            "ready",
            remark="s.pdf holds no text: page 1 was not read, being pictures: install it; "
            "files in it that are not read: 2 with .dwg",
        ),
        Arrival("c.pdf", "ready", remark="page 2 was recognised with low confidence (71%)"),
        Arrival("d.pdf", "ready", remark="something new"),
        Arrival(
            "e.pdf",
            "ready",
            remark="page 2 was not read, because its fonts do not say which "
            "letters they show: install it",
        ),
    )
    assert rows(render_arrivals(Intake(arrivals))) == [
        ("ready", "b.zip ready Some of it is pictures, and text recognition is not installed here. "
         "The rest was read. Some of the files in it could not be read. The others were."),
        ("ready", "c.pdf ready Some pages were hard to read. "
         "Compare citations with the picture of the page."),
        ("ready", "d.pdf ready Not all of it could be read."),
        ("ready", "e.pdf ready Some pages have letters that can only be read by text recognition, "
         "which is not installed here. The rest was read."),
        ("ready", "a.txt ready"),
    ]  # fmt: skip


def test_progress_counts_files() -> None:
    arrivals = (Arrival("a.txt", "ready"), Arrival("b.txt"), Arrival("c.txt", "failed", "is empty"))
    state = Intake(arrivals, busy=True)
    page = html.fromstring(render_arrivals(state, choose_wording("de")))
    (bar,) = page.iter("progress")
    assert (bar.get("value"), bar.get("max")) == ("2", "3")
    assert "1 von 3 gelesen · nicht lesbar: 1" in page.text_content()
    assert "1 of 3 read" in render_reading(state)
    assert render_reading(Intake(arrivals)).strip() == ""


def test_many_files_of_unknown_formats_are_one_row() -> None:
    unknown = [Arrival(f"{n}.png", "failed", "x", unsupported=True) for n in range(5)]
    assert rows(render_arrivals(Intake(tuple(unknown[:2])))) == [
        ("failed", f"{n}.png not readable Files of this kind (.png) cannot be read. "
         "Save it as PDF, Word or text and add that.") for n in range(2)
    ]  # fmt: skip
    ((state, told),) = rows(render_arrivals(Intake(tuple(unknown))))
    assert (state, told[:52]) == ("failed", "Files of other kinds that cannot be read: 5 (5 .png)")


def test_thousands_of_rows_are_cut() -> None:
    shown = rows(render_arrivals(Intake(tuple(Arrival(f"{n}.txt") for n in range(1200)))))
    assert len(shown) == 1001
    assert shown[-1][1] == "and 200 more"


def test_names_are_escaped() -> None:
    markup = render_arrivals(Intake((Arrival("<script>{{1}}.txt", "failed", "has <b>"),)))
    assert "<script" not in markup
    assert "<b>" not in markup
    assert "{" not in markup


def test_where_to_begin_is_shown_only_without_documents() -> None:
    assert "Try it with examples" in render_begin(empty=True)
    assert render_begin(empty=False).strip() == ""
