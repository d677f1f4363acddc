"""A Chroma server, as one process talks to it: it is not waited for for ever.

A name can be made only once in a database, whoever asks first: all that several machines must
agree on is built on that (`index.chroma.pointer`, `index.chroma.writer_lease`).
"""

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

# What Chroma Cloud takes in one request (docs.trychroma.com/cloud/quotas-limits, November 2026);
# a server of one's own takes more.
MOST_RECORDS = 300

QUERY_SECONDS = 4.0  # a question has a way without the server, and should not wait longer
WRITE_SECONDS = 120.0
_CONNECT_SECONDS = 3.0
_PAUSE = 1.0  # seconds in which a server that did not answer is not asked again by questions


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a Chroma server. `ca` is a file of certificates to trust beside the usual.

    Over http whoever is on the way reads and changes everything: unless `insecure`, it is for
    this machine only.
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
        """Raise `StoreUnreachableError` if the server is not to be talked to in this way."""
        address = urlsplit(self.url)
        if address.scheme != "https" and not self.insecure and not is_loopback(address.hostname):
            raise StoreUnreachableError(
                f"{self.url} is not on this machine, and http lets others on the way read and "
                "change the index",
                "use https, or set RAG_CHROMA_INSECURE=true where the network is trusted",
            )


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, by its address or as `localhost`."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


class Connection:
    """One process's way to a database; safe to use from many threads."""

    def __init__(self, server: Server, seconds: float) -> None:
        self.server = server
        self._seconds = seconds
        self._client: ClientAPI | None = None
        self._lock = Lock()
        self._resting_until = 0.0

    def create(self, name: str, **options: Any) -> Any:
        """Make a collection and return it; None if there is one of this name already."""
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
        """Return the collections whose names begin so, each with its metadata."""
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
        """Use the client; what goes wrong becomes an error of ours.

        Without patience a server that has just not answered is not asked. Raises
        `StoreUnreachableError`, and `StoreBrokenError` for what the server does not know or take.
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
            if type(error) is not Exception:  # so Chroma passes on what it has no name for
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

    # Chroma's client waits for ever, and has no setting for it: before it is there, it is seen
    # to that the server answers, and then its waiting is limited.
    limit = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
    context = ssl.create_default_context(cafile=server.ca) if server.ca else True
    httpx.get(f"{server.url}/api/v2/heartbeat", timeout=limit, verify=context)
    try:
        with warnings.catch_warnings():  # how Chroma tells httpx of a certificate is outdated
            warnings.simplefilter("ignore", DeprecationWarning)
            _make_database(server)
            client = _make_client(server)
    except ValueError as error:
        if "Could not connect" in str(error):
            raise httpx.ConnectError(str(error)) from error
        raise Exception(str(error)) from error  # as Chroma's other calls put it
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
            if "already exists" not in str(error):  # made by another meanwhile
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
    if server.token:  # Chroma's own header, and what a proxy before a server of one's own asks for
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
    """Make connections of this process; Chroma would give out those of before."""
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
    """Return this process's connection whose requests may take so long; nothing is sent yet.

    Raises `StoreUnreachableError` if the server is not to be talked to in this way.
    """
    server.check()
    key = os.getpid(), server, seconds  # a connection does not outlive a fork
    with _connections_lock:
        if key not in _connections:
            _connections[key] = Connection(server, seconds)
        return _connections[key]
