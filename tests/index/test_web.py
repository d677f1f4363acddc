"""Web pages as sources, fetched from a real server on this machine."""

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fpdf import FPDF

from index import (
    Encoder,
    Report,
    SourceError,
    WebOptions,
    list_roots,
    open_snapshot,
    plan_update,
    remove_documents,
    require_current,
)
from index.web.addresses import normalise_address, split_sources
from index.web.kept import KeptPages, find_kept
from index.web.media_types import choose_suffix
from index.web.refresh import Errors, refresh_pages
from rag.library.library import Library
from rag.settings import load_settings
from tests.web_server import Page, Site, serve_site

PAGE = "<title>Bridges</title><h1>The {0} bridge</h1><p>The {0} bridge is {1} metres long.</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def options(site: Site, **limits: float) -> WebOptions:
    return WebOptions((site.host,), **limits)  # type: ignore[arg-type]


def refresh(site: Site, store: Path, *paths: str, **limits: float) -> Errors:
    return refresh_pages(store, [site.url(path) for path in paths], options(site, **limits))


def read(site: Site, store: Path, path: str) -> bytes:
    file = find_kept(store, site.url(path))
    assert file is not None
    return file.read_bytes()


def reason(errors: Errors) -> str:
    (error,) = errors.values()
    return error.problem


def test_addresses_have_one_form() -> None:
    assert normalise_address("HTTPS://Example.ORG:443/A#part") == "https://example.org/A"
    assert normalise_address("http://example.org") == "http://example.org/"
    assert normalise_address("http://[::1]:80/?q=1") == "http://[::1]/?q=1"
    assert normalise_address("http://bücher.example/a") == "http://xn--bcher-kva.example/a"
    given = split_sources(["docs", Path("a.txt"), "http://a.example", "http://a.example/#b"])
    assert given.paths == ("docs", Path("a.txt"))
    assert given.addresses == ("http://a.example/",)


@pytest.mark.parametrize(
    "address",
    ["http://", "http://a b/", "http://a:port/", "http://u:secret@a.example/", "ftp://a.example/"],
)
def test_an_address_that_cannot_be_used_is_an_error(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        split_sources([address])
    assert "secret" not in str(caught.value)


def test_a_page_is_indexed_under_its_address(
    site: Site, store: Path, tmp_path: Path, update: Callable[..., Report]
) -> None:
    site.put("/long", PAGE.format("long", 50))
    (tmp_path / "a.txt").write_text("The short bridge is old.")
    address = site.url("/long")
    planned = plan_update(store, [address])
    assert planned.added == (address,)
    assert site.asked == []  # a plan fetches nothing
    report = update(store, address, tmp_path / "a.txt", web=options(site))
    assert set(report.plan.added) == {address, str(tmp_path / "a.txt")}
    assert set(list_roots(store)) == {address, str(tmp_path / "a.txt")}
    (record,) = (record for record in require_current(store).documents if "http" in record.path)
    assert (record.path, record.source, record.title) == (address, address, "Bridges")
    snapshot = open_snapshot(store)
    document = snapshot.document(address)
    assert document is not None
    assert "The long bridge is 50 metres long." in document.text
    snapshot.close()
    again = update(store, address, tmp_path / "a.txt", web=options(site))
    assert again.plan.empty
    assert plan_update(store, [address]).empty
    shutil.rmtree(store / "web")  # as in a copied index
    assert plan_update(store, [address]).empty
    assert site.asked == ["/long", "/long"]


def test_a_changed_page_is_indexed_again_and_one_that_is_away_stays(
    site: Site, store: Path, update: Callable[..., Report]
) -> None:
    site.put("/a", PAGE.format("long", 50))
    address = site.url("/a")
    update(store, address, web=options(site))
    site.put("/a", PAGE.format("long", 60))
    assert update(store, address, web=options(site)).plan.changed == (address,)
    for status, said in ((404, "no longer there"), (503, "status 503")):
        site.pages["/a"] = Page(status=status)
        report = update(store, address, web=options(site), full=status == 503)
        assert report.documents == 1
        (failure,) = report.failures
        assert failure.path == address
        assert said in failure.reason
        assert "; the copy of 20" in failure.reason
    site.put("/a", PAGE.format("long", 60))
    report = update(store, address, web=options(site))
    assert report.plan.empty
    assert report.failures == ()
    assert require_current(store).failures == ()


def test_a_page_that_was_never_there_is_an_error(
    site: Site, store: Path, update: Callable[..., Report]
) -> None:
    with pytest.raises(SourceError, match=r"nothing to index: .*/a does not exist \(404\)"):
        update(store, site.url("/a"), web=options(site))


def test_a_removed_page_stays_out_and_is_not_fetched(
    site: Site, store: Path, update: Callable[..., Report]
) -> None:
    site.put("/a", PAGE.format("long", 50))
    site.put("/b", PAGE.format("short", 5))
    site.map("/sitemap.xml", site.url("/a"), site.url("/b"))
    address = site.url("/sitemap.xml")
    update(store, address, web=options(site))
    remove_documents(store, [site.url("/b")])
    site.asked.clear()
    report = update(store, address, web=options(site))
    assert report.plan.excluded == (site.url("/b"),)
    assert site.asked == ["/sitemap.xml", "/a"]
    assert update(store, site.url("/b"), web=options(site)).plan.added == (site.url("/b"),)


def test_the_pages_of_a_site_map_follow_it(
    site: Site, store: Path, update: Callable[..., Report]
) -> None:
    for name in "abc":
        site.put(f"/{name}", PAGE.format(name, 50))
    site.map("/sitemap.xml", site.url("/a"), site.url("/b"), "http://other.example/x")
    address = site.url("/sitemap.xml")
    report = update(store, address, web=options(site))
    assert set(report.plan.added) == {site.url("/a"), site.url("/b")}
    assert report.failures == ()
    site.map("/sitemap.xml", site.url("/b"), site.url("/c"))
    report = update(store, address, web=options(site))
    assert report.plan.added == (site.url("/c"),)
    assert report.plan.removed == (site.url("/a"),)
    assert find_kept(store, site.url("/a")) is None
    site.pages["/sitemap.xml"] = Page(status=500)  # no reason to remove anything
    report = update(store, address, web=options(site))
    assert (report.documents, len(report.failures)) == (2, 1)


def test_a_site_map_has_a_limit_and_may_name_packed_maps(site: Site, store: Path) -> None:
    pages = [site.url(f"/{number}") for number in range(9)]
    for number in range(9):
        site.put(f"/{number}", PAGE.format(number, number))
    site.map("/inner.xml", *pages)
    site.pages["/inner.xml"].body = gzip.compress(site.pages["/inner.xml"].body)
    loc = f"<sitemap><loc>{site.url('/inner.xml')}</loc></sitemap>"
    site.put("/index.xml", f"<sitemapindex>{loc}</sitemapindex>", "text/xml")
    errors = refresh(site, store, "/index.xml", pages=3)
    assert reason(errors) == "names more than 3 pages, of which the first 3 are read"
    assert site.asked == ["/index.xml", "/inner.xml", "/0", "/1", "/2"]


def test_a_page_is_asked_for_with_what_is_known_of_it(site: Site, store: Path) -> None:
    site.put("/tag", PAGE.format("a", 1), ETag='"one"')
    site.put("/date", PAGE.format("b", 2), Last_Modified="Sat, 28 Nov 2026 10:00:00 GMT")
    site.redirect("/old", "/tag")
    assert refresh(site, store, "/tag", "/date", "/old") == {}
    first = KeptPages(store).find(site.url("/tag"))
    assert first is not None
    site.headers.clear()
    site.asked.clear()
    assert refresh(site, store, "/tag", "/date", "/old") == {}
    sent = [
        (headers.get("if-none-match"), headers.get("if-modified-since")) for headers in site.headers
    ]
    date = "Sat, 28 Nov 2026 10:00:00 GMT"
    assert site.asked == ["/tag", "/date", "/old", "/tag"]
    assert sent == [('"one"', None), (None, date), (None, None), ('"one"', None)]
    again = KeptPages(store).find(site.url("/tag"))
    assert again is not None
    assert again.fetched == first.fetched
    assert b"The a bridge" in read(site, store, "/old")
    site.headers.clear()
    refresh_pages(store, [site.url("/tag")], options(site), anew=True)
    assert "if-none-match" not in site.headers[0]


def test_robots_txt_is_obeyed_also_after_a_redirect(site: Site, store: Path) -> None:
    site.put("/robots.txt", "User-agent: footnote\nDisallow: /private\n", "text/plain")
    site.put("/private/a", PAGE.format("secret", 1))
    site.put("/b", PAGE.format("open", 1))
    site.redirect("/c", "/private/a")
    errors = refresh(site, store, "/private/a", "/b", "/c")
    assert {error.problem for error in errors.values()} == {
        "is closed to programs by the site's robots.txt"
    }
    assert set(errors) == {site.url("/private/a"), site.url("/c")}
    assert site.asked == ["/b", "/c"]


def test_a_robots_txt_that_fails_closes_the_site(site: Site, store: Path) -> None:
    site.pages["/robots.txt"] = Page(status=503)
    site.put("/a", PAGE.format("long", 1))
    assert "robots.txt fails (503)" in reason(refresh(site, store, "/a"))
    assert site.asked == []


def test_the_delay_that_a_site_asks_for_is_kept(site: Site, store: Path) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 7\n", "text/plain")
    site.put("/a", PAGE.format("a", 1))
    site.put("/b", PAGE.format("b", 1))
    waited = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    pages = [site.url("/a"), site.url("/b")]
    assert refresh_pages(store, pages, options(site), pause=pause) == {}
    assert waited == [7.0]


def test_the_type_of_a_page_selects_its_parser(site: Site, store: Path) -> None:
    site.put("/a", "one,two", "text/csv; charset=utf-8")
    site.put("/b.md", "# Title", "text/plain")
    site.put("/c.pdf?download=1", "%PDF-1.4", "application/octet-stream")
    site.put("/d", "picture", "image/png")
    site.pages["/e"] = Page(b"words", headers={})
    paths = ["/a", "/b.md", "/c.pdf?download=1", "/d", "/e"]
    errors = refresh(site, store, *paths)
    suffixes = []
    for path in paths[:3]:
        file = find_kept(store, site.url(path))
        suffixes.append(file.suffix if file else "")
    assert suffixes == [".csv", ".md", ".pdf"]
    assert [error.problem for error in errors.values()] == [
        "has a type that is not read (image/png)",
        "does not say its type",
    ]
    assert choose_suffix({"content-type": "application/atom+xml"}, "http://a.example/") == ".xml"


def test_the_encoding_in_the_header_field_comes_first(
    site: Site, store: Path, update: Callable[..., Report]
) -> None:
    text = '<meta charset="latin1"><p>Мост через реку очень старый.</p>'
    kind = {"Content-Type": "text/html; charset=windows-1251"}
    site.pages["/a"] = Page(text.encode("windows-1251"), headers=kind)
    update(store, site.url("/a"), web=options(site))
    snapshot = open_snapshot(store)
    document = snapshot.document(site.url("/a"))
    assert document is not None
    assert document.text == "Мост через реку очень старый."
    snapshot.close()


def test_a_site_that_is_down_is_asked_once(site: Site, store: Path) -> None:
    urls = [f"http://127.0.0.1:9/{number}" for number in range(3)]
    errors = refresh_pages(store, urls, WebOptions(("127.0.0.1:9",), seconds=5))
    assert len({id(error) for error in errors.values()}) == 1
    assert "cannot be reached" in errors[urls[0]].problem


def test_a_damaged_note_counts_as_missing_and_leads_nowhere(site: Site, store: Path) -> None:
    site.put("/a", PAGE.format("long", 1))
    refresh(site, store, "/a")
    (note,) = store.glob("web/*/page.json")
    sound = note.read_text()
    (store / "a.html").write_text("secret")
    suffix = '"suffix": ".html"'
    assert suffix in sound
    for damaged in (sound.replace(suffix, '"suffix": "/../../../a.html"'), sound[:50], "[]"):
        note.write_text(damaged)
        assert find_kept(store, site.url("/a")) is None
    assert refresh(site, store, "/a") == {}
    assert b"long" in read(site, store, "/a")


def test_the_page_of_a_pdf_is_drawn_from_its_copy(
    site: Site, tmp_path: Path, encoder: Encoder
) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.cell(text="The bridge is 50 metres long.")
    site.pages["/a"] = Page(bytes(pdf.output()), headers={"Content-Type": "application/pdf"})
    settings = load_settings(store=tmp_path / "store", web_private=site.host)
    with Library(settings, load=lambda name: encoder) as library:
        library.update([site.url("/a")])
        picture = library.pages.draw(library.find_document(site.url("/a")), 1)
        assert picture is not None
        assert picture.startswith(b"\xff\xd8")
