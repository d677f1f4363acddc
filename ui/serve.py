"""Starts the web server of the window: middleware, logins, limits, and the shutdown."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import Mount

from rag.assistant import Assistant
from rag.errors import FootnoteError, SettingsError, StoreMissingError
from rag.library.intake import IntakeQueue
from rag.library.library import Library
from ui.app import create_app, make_theme, make_translations
from ui.handlers.operation import OperationHandlers
from ui.page_assets import STYLES, make_head
from ui.reader.routes import ReaderRoutes
from ui.state.chats import Chats, find_folder, read_limits
from ui.state.notes import make_notes
from ui.state.question_log import make_question_log
from ui.state.quotas import MB
from ui.terminal import print_address
from ui.web.admins import Admins
from ui.web.ageing import delete_regularly
from ui.web.api_keys import ApiKeys
from ui.web.headers import SecurityHeaders
from ui.web.limits import RequestLimiter, delete_old_uploads, make_limits
from ui.web.login_required import LoginRequired
from ui.web.logins import Logins
from ui.web.logs import log_as_json
from ui.web.metrics import Metrics
from ui.web.observation import Observer
from ui.web.openai_errors import OpenAIErrors
from ui.web.origins import Hosts, SameOriginOnly
from ui.web.routes import KnownRoutes
from ui.web.sessions import LoginCookies, PasswordCheck, Sessions
from ui.web.traffic import Traffic, TrafficControl
from ui.web.unread import UnreadMessages
from ui.web.visitors import VisitorCookie, load_key

log = logging.getLogger(__name__)

_QUEUED = 200  # requests that may wait for a thread; further requests get "busy"
_THREADS = 64
_SESSIONS = 1000  # browser sessions kept in memory; each takes about 100 kB
_SHUTDOWN_WAIT = 30.0  # seconds that the shutdown waits for running answers
_POLL_INTERVAL = 0.5  # seconds; Python runs signal handlers only between two waits


def launch(library: Library, host: str, port: int, *, open_to_all: bool = False) -> None:
    """Serve the window until a signal ends it (SIGINT or SIGTERM).

    Raises `SettingsError` if the port is in use. Also raises it if other machines can reach the
    window without a login, unless `open_to_all` is set.
    """
    settings = library.settings
    logins = Logins(settings.auth) if settings.auth else None
    if logins is None and not open_to_all and not _is_local(host):
        raise SettingsError(
            f"at {host} everyone who can connect to this machine could read the documents",
            "set RAG_AUTH to a file of logins (see `rag login`), or add --no-auth",
        )
    hosts = Hosts(library.settings.hosts, host)
    begun = _has_index(library)  # raises an error now if the index is damaged
    Assistant(library=library)  # raises an error now if the chat model or a prompt is invalid
    _check_port(host, port)
    if settings.log_json:
        log_as_json()
    metrics = Metrics(library, lambda: len(app._queue))
    incoming = _make_incoming(library)
    intake = IntakeQueue(library)
    questions = make_question_log(settings)
    observer = Observer(metrics, questions)
    local = _is_local(host) and not settings.hosts
    admins = Admins(settings.admins, logins=logins is not None, local=local)
    app = create_app(library, observer, intake, OperationHandlers(library, questions, admins))
    passwords = PasswordCheck(logins) if logins else None
    keys = ApiKeys(logins, passwords) if logins and passwords else None
    traffic = Traffic()
    if begun:
        library.warm_up_soon()
    control = Middleware(
        TrafficControl,
        traffic=traffic,
        check=lambda: _check_ready(library, begun=begun),
        write_metrics=metrics.write,
        forget=lambda name: _forget_session(app, name),
    )
    cookies = []
    if settings.conversations:
        cookies = [Middleware(VisitorCookie, key=load_key(settings.store))]
    chats = Chats(find_folder(settings), read_limits(settings))
    notes = make_notes(settings)
    limits = make_limits(settings.max_request_kb, settings.visitor_uploads_mb, settings.uploads_mb)
    limiter = Middleware(RequestLimiter, limits=limits, incoming=incoming)
    app.queue(default_concurrency_limit=4, max_size=_QUEUED)
    app._queue.pending_messages_per_session = UnreadMessages(
        settings.unread_mb * MB, app._queue.pending_event_ids_session
    )
    try:
        app.launch(
            server_name=host,
            server_port=port,
            share=False,
            ssr_mode=False,
            quiet=True,
            prevent_thread_lock=True,
            footer_links=[],
            auth=passwords.check if passwords else None,
            max_file_size=f"{settings.max_file_mb}mb",
            max_threads=_THREADS,
            state_session_capacity=_SESSIONS,
            run_history=False,  # Gradio would keep every question in the browser
            app_kwargs={
                "lifespan": _install_middleware(
                    hosts,
                    logins,
                    lambda: bool(app.mcp_server),
                    (
                        partial(delete_old_uploads, incoming),
                        chats.forget_old,
                        notes.forget_old,
                        questions.forget_old,
                    ),
                    openai=settings.openai_api,
                ),
                "middleware": [control, *cookies, limiter],
                "routes": [
                    *ReaderRoutes(library).list_routes(),
                    *(_mount_openai(library, observer, keys) if settings.openai_api else []),
                ],
            },
            i18n=make_translations(),
            theme=make_theme(),
            head=make_head(),
            css_paths=STYLES,
        )
    except OSError:
        _check_port(host, port)  # names the port, if another program took it meanwhile
        raise
    print_address(app.local_url)
    if not begun and settings.documents is not None:
        intake.read_again()  # the configured folder was never read
    else:
        intake.resume()
    _wait_for_signal(traffic, intake)
    app.close()


def _mount_openai(library: Library, observer: Observer, keys: ApiKeys | None) -> list[Mount]:
    """Return the routes of OpenAI's protocol. They come before Gradio's."""
    from ui.completions.app import create_completions_app

    return [Mount("/v1", create_completions_app(library, observer, keys))]


def _make_incoming(library: Library) -> Path:
    """Create and return a private folder for Gradio's uploads, inside the store."""
    folder = library.settings.store.resolve() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


def _install_middleware(
    hosts: Hosts,
    logins: Logins | None,
    mcp: Callable[[], bool],
    deletions: Sequence[Callable[[], None]],
    *,
    openai: bool,
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Return a lifespan function that installs the outermost middleware when the server starts.

    Middleware passed to Gradio would run after Gradio's own, for example its CORS middleware.
    While the server runs, `deletions` are called regularly.
    """

    @asynccontextmanager
    async def begin(server: Any) -> AsyncIterator[None]:
        if logins is not None:
            server.tokens = Sessions(logins)
        stack = server.middleware_stack
        inner = KnownRoutes(
            LoginCookies(stack if logins is None else LoginRequired(stack, server)),
            logins=logins is not None,
            mcp=mcp,
            openai=openai,
        )
        guarded = SameOriginOnly(inner, hosts)
        server.middleware_stack = SecurityHeaders(OpenAIErrors(guarded) if openai else guarded)
        async with delete_regularly(*deletions):
            yield

    return begin


def _forget_session(app: Any, name: str) -> None:
    """Delete the state that Gradio keeps for a session.

    Gradio itself deletes sessions only when there are too many. Each call of a program is a session
    of its own; its name is the call's id.
    """
    app.app.state_holder.session_data.pop(name, None)
    app.app.state_holder.time_last_used.pop(name, None)


def _has_index(library: Library) -> bool:
    """Return whether there is an index. Raises `StoreError` if it is damaged."""
    try:
        library.documents()
    except StoreMissingError:  # the window opens empty
        return False
    return True


def _check_ready(library: Library, *, begun: bool) -> tuple[bool, str]:
    """Return whether questions can be answered without a wait, and the reason if not.

    A window that opened empty, without `begun`, is ready for its first documents.
    """
    if library.warming:
        return False, "the models are being loaded"
    try:
        with library.snapshot():
            return True, ""
    except StoreMissingError as error:
        return not begun, error.problem
    except FootnoteError as error:
        return False, error.problem


def _wait_for_signal(traffic: Traffic, intake: IntakeQueue) -> None:
    """Wait for SIGINT or SIGTERM, then for running answers, at most `_SHUTDOWN_WAIT` seconds.

    Files are no longer read then; the next start goes on with them.

    Raises `KeyboardInterrupt` on a second signal.
    """
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(_POLL_INTERVAL):
        pass
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    intake.close()
    if not traffic.close(_SHUTDOWN_WAIT):
        log.warning("some answers were aborted: they took longer than %d s", _SHUTDOWN_WAIT)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"the window cannot be served at {host}:{port} ({error.strerror})",
                "choose another with --port or --host",
            ) from error
