"""Who may use the window: a file of names and hashed passwords.

A line each: ``name:scrypt:salt:hash``, salt and hash in base64. scrypt is that of RFC 7914, with
the costs that its authors propose for interactive logins.
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
    """The logins of a file, read again when it has changed.

    Raises `SettingsError` for a file that cannot be used when the window starts. Later a file that
    cannot be read lets nobody in, and a line that is no login counts for nobody.
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
                f"the logins {file} name nobody", f"add a line with `rag login NAME >> {file}`"
            )

    def find(self, name: str) -> Login | None:
        """Return the login of a name as the file has it now; None if it has none."""
        with self._lock:
            seen = self._look()
            if seen is None or seen != self._seen:
                self._read_again()
                self._seen = seen
            return self._logins.get(name)

    def check(self, name: str, password: str) -> bool:
        """Whether this is the password of this name; unknown names take as long to be refused."""
        login = self.find(name)
        salt, digest = login or (b"no salt", b"no hash")
        right = hmac.compare_digest(_hash(password, salt), digest)
        return right and self.find(name) == login  # it may have been removed meanwhile

    def _look(self) -> tuple[int, ...] | None:
        """Return what changes with the file; None without one."""
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
                log.error("%s; nobody is let in until then", error)
            self._logins = {}
            return
        for fault in faults:
            log.error("%s", fault)


def make_login(name: str, password: str) -> str:
    """Return the line for a name and a password. Raises `SettingsError` for an empty one."""
    if not name.strip() or ":" in name or not password:
        raise SettingsError(
            "a login needs a name without a colon, and a password", "give both anew"
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    parts = (base64.b64encode(part).decode("ascii") for part in (salt, _hash(password, salt)))
    return ":".join((name, _METHOD, *parts))


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)


def _read_file(file: Path) -> tuple[dict[str, Login], list[SettingsError]]:
    """Return the logins of a file, and its lines that are none. Raises `SettingsError`."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the logins {file} cannot be read ({type(error).__name__})", "correct RAG_AUTH"
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
            f"{where} is not a login", "make the line with `rag login NAME`"
        ) from error
