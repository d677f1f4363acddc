"""Who may see the page about the window's operation."""

from __future__ import annotations

from typing import Any

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host")


class Admins:
    """Decides who is an administrator.

    With `logins`, these are the names in the setting RAG_ADMINS. Without logins, it is everyone on
    this machine if the window is `local`: bound to a loopback address, with no further host names.
    A request that a proxy forwarded may come from another machine and is refused then.
    """

    def __init__(self, names: str, *, logins: bool, local: bool) -> None:
        self._names = frozenset(filter(None, (name.strip() for name in names.split(","))))
        self._logins = logins
        self._local = local

    def allow(self, request: Any) -> bool:
        """Return whether the sender of a `gradio.Request` is an administrator."""
        if self._logins:
            return getattr(request, "username", None) in self._names
        headers = getattr(request, "headers", None) or {}
        return self._local and not any(headers.get(name) for name in _FORWARDED)
