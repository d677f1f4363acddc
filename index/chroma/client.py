"""The connection of one process to a Chroma server, with time limits for every request."""

from __future__ import annotations

import ipaddress
import os
import ssl
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.errors import StoreBrokenError, StoreUnreachableError, one_line
from index.forking import leave_behind

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

DEFAULT_TENANT = "default_tenant"
DEFAULT_DATABASE = "default_database"

# What Chroma Cloud takes in one request (docs.trychroma.com/cloud/quotas-limits, November 2026).
# Other servers take more.
MOST_RECORDS = 300

QUERY_SECONDS = 4.0  # a question can be answered without the server, so it waits no longer
WRITE_SECONDS = 120.0
_CONNECT_SECONDS = 3.0
_PAUSE = 1.0  # seconds for which questions do not ask a server again that did not answer


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a Chroma server; `ca` is a file of certificates to trust beside the usual.

    Over http, anybody on the network path can read and change everything, so http is for this
    machine only, unless `insecure` is set.
    """

    url: str
    tenant: str = DEFAULT_TENANT
    database: str = DEFAULT_DATABASE
    ca: str | None = None
    insecure: bool = False
    token: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.url

    def check(self) -> None:
        """Raise `StoreUnreachableError` if the connection would not be safe."""
        address = urlsplit(self.url)
        if address.scheme != "https" and not self.insecure and not is_loopback(address.hostname):
            raise StoreUnreachableError(
                f"{self.url} is not on this machine, and http lets others on the way read and "
                "change the index",
                "use https, or set RAG_CHROMA_INSECURE=true where the network is trusted",
            )


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: a loopback address, or `localhost`."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


class Connection:
    """The connection of one process to a database; safe to use from many threads."""

    def __init__(self, server: Server, seconds: float) -> None:
        self.server = server
        self._seconds = seconds
        self._client: ClientAPI | None = None
        self._lock = Lock()
        self._resting_until = 0.0

    def create(self, name: str, **options: Any) -> Any:
        """Make a collection and return it; None if there is one of this name already.

        Atomic: a name can be created only once in a database, whichever client is first.
        """
        from chromadb.errors import ChromaError

        with self.talk() as client:
            try:
                return client.create_collection(name, embedding_function=None, **options)
            except ChromaError as error:
                if "already exists" not in str(error):
                    raise
                return None

    def find(self, name: str) -> Any:
        """Return a collection; None if there is none of this name."""
        from chromadb.errors import NotFoundError

        with self.talk() as client:
            try:
                return client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Delete a collection, if it is there."""
        from chromadb.errors import NotFoundError

        with self.talk() as client:
            try:
                client.delete_collection(name)
            except NotFoundError:
                return

    def list_names(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        """Return the names of collections that begin with `prefix`, each with its metadata."""
        found: dict[str, Mapping[str, Any]] = {}
        for page in range(1_000_000 // MOST_RECORDS):
            with self.talk() as client:
                listed = client.list_collections(MOST_RECORDS, page * MOST_RECORDS)
                for each in listed:
                    if each.name.startswith(prefix):
                        found[each.name] = dict(each.metadata or {})
            if len(listed) < MOST_RECORDS:
                break
        return found

    @contextmanager
    def talk(self, *, patient: bool = True) -> Iterator[ClientAPI]:
        """Yield the client; what it raises becomes a `StoreError`.

        Unless `patient`, a server that did not answer a moment ago is not asked again. Raises
        `StoreUnreachableError`, and `StoreBrokenError` if the server rejects a request or its
        answer makes no sense.
        """
        from chromadb.errors import AuthorizationError, ChromaAuthError, ChromaError
        from httpx import TransportError

        if not patient and time.monotonic() < self._resting_until:
            raise self._unreachable("it has just not answered")
        try:
            yield self._connect()
        except (TransportError, ssl.SSLError) as error:
            self._rest()
            raise self._unreachable(type(error).__name__) from error
        except (ChromaAuthError, AuthorizationError) as error:
            raise self._refused() from error
        except (ChromaError, ValueError) as error:
            reason = one_line(str(error))[:200]
            raise StoreBrokenError(
                f"the Chroma server at {self.server} failed: {reason}"
            ) from error
        except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise StoreBrokenError(
                f"the Chroma server at {self.server} gave an answer that Chroma would not",
                "correct RAG_CHROMA_URL",
            ) from error
        except Exception as error:
            if type(error) is not Exception:  # Chroma uses it for errors without a class
                raise
            if any(word in str(error) for word in ("Unauthorized", "Forbidden", "401", "403")):
                raise self._refused() from error
            self._rest()
            raise self._unreachable("it gave no answer that Chroma would") from error

    def _connect(self) -> ClientAPI:
        with self._lock:
            if self._client is None:
                self._client = _open_client(self.server, self._seconds)
            return self._client

    def _rest(self) -> None:
        self._resting_until = time.monotonic() + _PAUSE

    def _unreachable(self, reason: str) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"the Chroma server at {self.server} cannot be reached ({reason})",
            "start it, or correct RAG_CHROMA_URL (and RAG_CHROMA_CA)",
        )

    def _refused(self) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"the Chroma server at {self.server} does not let us in", "set RAG_CHROMA_TOKEN"
        )


def _open_client(server: Server, seconds: float) -> ClientAPI:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import httpx

    # Chroma's client has no time limit and no setting for one. So we first check that the server
    # answers, then make the client, then set the limit in its session.
    limit = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
    context = ssl.create_default_context(cafile=server.ca) if server.ca else True
    httpx.get(f"{server.url}/api/v2/heartbeat", timeout=limit, verify=context)
    try:
        with warnings.catch_warnings():  # Chroma passes a certificate in a way httpx deprecates
            warnings.simplefilter("ignore", DeprecationWarning)
            _make_database(server)
            client = _make_client(server)
    except ValueError as error:
        if "Could not connect" in str(error):
            raise httpx.ConnectError(str(error)) from error
        raise Exception(str(error)) from error  # as Chroma's other calls raise it
    client._server._session.timeout = limit
    return client


def _make_database(server: Server) -> None:
    """Make the database if there is none."""
    import chromadb
    from chromadb.errors import ChromaError, NotFoundError

    admin = chromadb.AdminClient(_make_settings(server))
    try:
        admin.get_database(server.database, server.tenant)
    except NotFoundError:
        try:
            admin.create_database(server.database, server.tenant)
        except ChromaError as error:
            if "already exists" not in str(error):  # another process has just made it
                raise StoreBrokenError(
                    f"the Chroma server at {server} has no database {server.database} for "
                    f"{server.tenant}",
                    "create it, or correct RAG_CHROMA_TENANT and RAG_CHROMA_DATABASE",
                ) from error
    finally:
        admin._server._session.close()


def _make_client(server: Server) -> ClientAPI:
    import chromadb

    settings = _make_settings(server)
    return chromadb.HttpClient(
        host=str(settings.chroma_server_host),
        port=int(settings.chroma_server_http_port or 0),
        ssl=bool(settings.chroma_server_ssl_enabled),
        headers=settings.chroma_server_headers,
        settings=settings,
        tenant=server.tenant,
        database=server.database,
    )


def _make_settings(server: Server) -> Any:
    from chromadb.config import Settings

    address = urlsplit(server.url)
    secure = address.scheme == "https"
    headers = {}
    if server.token:  # Chroma's own header, and the one that most proxies check
        headers = {"x-chroma-token": server.token, "Authorization": f"Bearer {server.token}"}
    return Settings(
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.fastapi.FastAPI",
        chroma_server_host=address.hostname,
        chroma_server_http_port=address.port or (443 if secure else 8000),
        chroma_server_ssl_enabled=secure,
        chroma_server_ssl_verify=server.ca,
        chroma_server_headers=headers,
    )


_connections: dict[tuple[int, Server, float], Connection] = {}
_connections_lock = Lock()


def _renew_after_fork() -> None:
    """Make Chroma open new connections in a forked process; it would return the parent's."""
    global _connections_lock
    _connections_lock = Lock()
    if "chromadb.api.shared_system_client" in sys.modules:
        from chromadb.api.shared_system_client import SharedSystemClient as Shared

        leave_behind(*Shared._identifier_to_system.values())
        Shared._identifier_to_system.clear()
        Shared._identifier_to_refcount.clear()
        Shared._refcount_lock = Lock()


os.register_at_fork(after_in_child=_renew_after_fork)


def connect(server: Server, seconds: float = WRITE_SECONDS) -> Connection:
    """Return this process's connection to a server; nothing is sent yet.

    Requests may take up to `seconds`. Raises `StoreUnreachableError` if the connection would not
    be safe.
    """
    server.check()
    key = os.getpid(), server, seconds  # a connection does not outlive a fork
    with _connections_lock:
        if key not in _connections:
            _connections[key] = Connection(server, seconds)
        return _connections[key]
