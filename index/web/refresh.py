"""Brings the kept copies of pages and site maps up to date."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.types import OnProgress, Progress
from index.web.addresses import split_host
from index.web.client import Response, WebClient, unpack
from index.web.errors import FetchError, SiteDownError
from index.web.kept import KeptPage, KeptPages
from index.web.media_types import choose_suffix, recode
from index.web.options import WebOptions
from index.web.site_map import SiteMap, read_site_map

Errors = dict[str, FetchError]
"""Address -> why it could not be fetched now."""

Pause = Callable[[float], Awaitable[None]]

_MAX_MAPS = 50  # that one site map names
_MAX_DELAY = 10.0  # seconds between requests; a site may ask for days
_GONE = (404, 410)
_TEXT = "text/"
_TEXTUAL = frozenset((".html", ".xhtml", ".xml", ".json", ".jsonl"))


def refresh_pages(
    store: Path,
    addresses: Sequence[str],
    options: WebOptions,
    *,
    excluded: Collection[str] = (),
    anew: bool = False,
    on_progress: OnProgress = lambda progress: None,
    pause: Pause = asyncio.sleep,
) -> Errors:
    """Fetch pages, and the pages of site maps, that have changed since they were kept.

    A page that cannot be fetched keeps its earlier copy; the reason is returned. Pages in
    `excluded` are not fetched. With `anew`, all others are fetched even if they have not changed.
    Raises `OSError` if a copy cannot be written.
    """
    return _run(_refresh(store, addresses, options, excluded, anew, on_progress, pause))


def _run(work: Coroutine[None, None, Errors]) -> Errors:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1, "fetch") as pool:  # the caller is in a notebook, for example
        return pool.submit(asyncio.run, work).result()


async def _refresh(
    store: Path,
    addresses: Sequence[str],
    options: WebOptions,
    excluded: Collection[str],
    anew: bool,
    on_progress: OnProgress,
    pause: Pause,
) -> Errors:
    async with WebClient(options) as client:
        work = _Refresh(KeptPages(store), client, options, anew, pause)
        waiting = [address for address in dict.fromkeys(addresses) if address not in excluded]
        seen = set(waiting)
        given = len(waiting)
        for number, address in enumerate(waiting):  # pages of site maps are appended
            on_progress(Progress("fetch", number, len(waiting), address))
            pages = await work.refresh(address, given=number < given)
            fresh = [page for page in pages if page not in seen and page not in excluded]
            waiting += fresh
            seen.update(fresh)
        return work.errors


class _Refresh:
    """One run over all addresses."""

    def __init__(
        self, kept: KeptPages, client: WebClient, options: WebOptions, anew: bool, pause: Pause
    ) -> None:
        self.errors: Errors = {}
        self._kept = kept
        self._client = client
        self._options = options
        self._anew = anew
        self._pause = pause
        self._down: dict[tuple[str, int], SiteDownError] = {}

    async def refresh(self, address: str, *, given: bool) -> Sequence[str]:
        """Fetch one address if it has changed; return the pages if it is a site map.

        Only what the user has `given` can be a site map.
        """
        known = self._kept.find(address)
        try:
            response = await self._fetch(address, known)
            if response.status == 304 and known is not None:
                self._kept.keep(replace(known, checked=_now()))
            else:
                known = await self._keep(address, response, known, given)
        except FetchError as error:
            self.errors[address] = error
        return (known.pages or ()) if known is not None and given else ()

    async def _fetch(self, address: str, known: KeptPage | None = None) -> Response:
        site = split_host(address)
        if site in self._down:
            raise self._down[site]
        if delay := self._client.robots.delay(address):
            await self._pause(min(delay, _MAX_DELAY))
        fields: dict[str, str] = {}
        # A site map of site maps is read whole: its own file does not show changes of the others.
        if known is not None and not self._anew and known.pages is None:
            named = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
            fields = {name: value for name, value in named.items() if value}
        try:
            response = await self._client.fetch(address, fields, known.location if known else "")
        except SiteDownError as error:
            self._down[site] = error
            raise
        if response.status in (200, 304):
            return response
        if response.status in _GONE:
            problem, remedy = "is no longer there", "`rag remove` removes it from the index"
            if known is None:
                problem, remedy = "does not exist", "check the address"
            raise FetchError(f"{problem} ({response.status})", remedy)
        if response.status in (401, 403):
            raise FetchError(f"is not public ({response.status})", "save it as a file")
        problem = f"cannot be fetched: its site answers with status {response.status}"
        raise FetchError(problem, "try again later")

    async def _keep(
        self, address: str, response: Response, known: KeptPage | None, given: bool
    ) -> KeptPage:
        now = _now()
        page = KeptPage(
            address,
            response.location,
            now,
            now,
            # Longer values are no sensible validators, and would be sent back each time.
            etag=response.headers.get("etag", "")[:1000],
            modified=response.headers.get("last-modified", "")[:100],
        )
        if given:
            pages = await self._read_map(response)
            if pages is not None:
                return self._keep_map(page, pages, known)
        suffix = choose_suffix(response.headers, response.location)
        body = response.body
        if suffix in _TEXTUAL or response.headers.get("content-type", "").startswith(_TEXT):
            body = recode(body, response.headers)
        if not body.strip():
            raise FetchError("is empty", "check the address")
        sha256 = hashlib.sha256(body).hexdigest()
        page = replace(page, sha256=sha256, suffix=suffix, size=len(body))
        if known is not None and (known.sha256, known.suffix) == (sha256, suffix):
            self._kept.keep(replace(page, fetched=known.fetched))
        else:
            self._kept.keep(page, body)
        return page

    def _keep_map(self, page: KeptPage, pages: Sequence[str], known: KeptPage | None) -> KeptPage:
        most = self._options.pages
        if len(pages) > most:
            problem = f"names more than {most:,} pages, of which the first {most:,} are read"
            self.errors[page.address] = FetchError(problem, "raise RAG_WEB_PAGES")
        named = tuple(pages[:most])
        before = {*(known.pages or ()), *(known.former or ())} if known is not None else set()
        page = replace(page, pages=named, former=tuple(sorted(before - {*named})))
        self._kept.keep(page)
        return page

    async def _read_map(self, response: Response) -> list[str] | None:
        """Return the pages of a site map and of the maps it names; None for other responses."""
        found = self._parse_map(response)
        if found is None:
            return None
        pages = dict.fromkeys(found.pages)
        if len(found.maps) > _MAX_MAPS:
            raise FetchError(f"names more than {_MAX_MAPS} site maps", "give some of them")
        for address in found.maps:
            inner = self._parse_map(await self._fetch(address))
            pages |= dict.fromkeys(inner.pages if inner is not None else ())
            if len(pages) > self._options.pages:
                break
        return list(pages)

    def _parse_map(self, response: Response) -> SiteMap | None:
        return read_site_map(unpack(response.body, self._options.size), response.location)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
