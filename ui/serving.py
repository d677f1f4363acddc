"""The window -> an address where it is served, to whom."""

from __future__ import annotations

import ipaddress
import logging
import socket
from pathlib import Path

from starlette.middleware import Middleware

from rag.assistant import Assistant
from rag.errors import SettingsError
from rag.library import Library
from ui.chat import create_app, make_theme, make_translations
from ui.headers import SecurityHeaders
from ui.logins import Logins
from ui.terminal import print_address
from ui.visitors import VisitorCookie

log = logging.getLogger(__name__)

_STYLE = Path(__file__).with_name("style.css")
_MAX_UPLOAD = "200mb"


def launch(library: Library, host: str, port: int, *, open_to_all: bool = False) -> None:
    """Serve the window until interrupted.

    Raises `SettingsError` when the port is taken, and when other machines could reach the window
    without a login, unless it is `open_to_all`.
    """
    logins = Logins(library.settings.auth) if library.settings.auth else None
    if logins is None and not open_to_all and not _is_local(host):
        raise SettingsError(
            f"at {host} anyone who reaches this machine could read the documents",
            "set RAG_AUTH to a file of logins (see `rag login`), or add --no-auth",
        )
    library.documents()  # without an index there is nothing to ask
    Assistant(library=library)  # nor without the chat model and prompts that are set
    _check_port(host, port)
    app = create_app(library)
    library.warm_up_soon()
    cookies = [Middleware(VisitorCookie)] if library.settings.conversations else []
    app.queue(default_concurrency_limit=4)
    app.launch(
        server_name=host,
        server_port=port,
        share=False,
        ssr_mode=False,
        quiet=True,
        prevent_thread_lock=True,
        footer_links=[],
        auth=logins.check if logins else None,
        max_file_size=_MAX_UPLOAD,
        app_kwargs={"middleware": [Middleware(SecurityHeaders), *cookies]},
        i18n=make_translations(),
        theme=make_theme(),
        css_paths=[_STYLE],
    )
    print_address(app.local_url)
    app.block_thread()


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
