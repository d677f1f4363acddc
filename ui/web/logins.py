"""Logins of the window: a file of names and hashed passwords.

Each line is ``name:scrypt:salt:hash``, with salt and hash in base64. scrypt is defined in RFC 7914;
the cost parameters are those that its authors recommend for interactive logins.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
from pathlib import Path
from threading import Lock

from rag.errors import SettingsError

log = logging.getLogger(__name__)

_METHOD = "scrypt"
_COST = {"n": 2**14, "r": 8, "p": 1}
_SALT_BYTES = 16

Login = tuple[bytes, bytes]
"""Salt and hash of a password."""


class Logins:
    """The logins in a file. The file is read again when it changes.

    The constructor raises `SettingsError` if the file is empty, cannot be read, or has an invalid
    line. After the start, an unreadable file means that nobody can log in, and an invalid line is
    logged and ignored.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._seen = self._look()
        self._logins, faults = _read_file(file)
        for fault in faults:
            raise fault
        if not self._logins:
            raise SettingsError(
                f"the login file {file} is empty", f"add a line with `rag login NAME >> {file}`"
            )

    def find(self, name: str) -> Login | None:
        """Return the current login of a name, None if the file has no login for the name."""
        with self._lock:
            seen = self._look()
            if seen is None or seen != self._seen:
                self._read_again()
                self._seen = seen
            return self._logins.get(name)

    def check(self, name: str, password: str) -> bool:
        """Return whether the password is correct. An unknown name takes the same time."""
        login = self.find(name)
        salt, digest = login or (b"no salt", b"no hash")
        right = hmac.compare_digest(_hash(password, salt), digest)
        return right and self.find(name) == login  # the login may be removed during hashing

    def _look(self) -> tuple[int, ...] | None:
        """Return the file's times, size and inode, to detect a change; None without a file."""
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def _read_again(self) -> None:
        try:
            self._logins, faults = _read_file(self._file)
        except SettingsError as error:
            if self._logins:
                log.error("%s; until then nobody can log in", error)
            self._logins = {}
            return
        for fault in faults:
            log.error("%s", fault)


def make_login(name: str, password: str) -> str:
    """Return the line of the login file for a name and a password.

    Raises `SettingsError` if one of them is empty, or the name contains a colon.
    """
    if not name.strip() or ":" in name or not password:
        raise SettingsError(
            "a login needs a name without a colon, and a password", "enter both again"
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    parts = (base64.b64encode(part).decode("ascii") for part in (salt, _hash(password, salt)))
    return ":".join((name, _METHOD, *parts))


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)


def _read_file(file: Path) -> tuple[dict[str, Login], list[SettingsError]]:
    """Return the logins in a file, and an error for each invalid line.

    Raises `SettingsError` if the file cannot be read.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the login file {file} cannot be read ({type(error).__name__})", "correct RAG_AUTH"
        ) from error
    logins: dict[str, Login] = {}
    faults: list[SettingsError] = []
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                name, salt, digest = _read(line, f"line {number} of {file}")
                logins[name] = (salt, digest)
        except SettingsError as fault:
            faults.append(fault)
    return logins, faults


def _read(line: str, where: str) -> tuple[str, bytes, bytes]:
    try:
        name, method, salt, digest = line.strip().split(":")
        if method != _METHOD:
            raise ValueError(method)
        return name, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)
    except (ValueError, binascii.Error) as error:
        raise SettingsError(
            f"{where} is not a login", "create the line with `rag login NAME`"
        ) from error
