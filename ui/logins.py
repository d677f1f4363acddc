"""Who may use the window: a file of names and hashed passwords.

A line each: ``name:scrypt:salt:hash``, salt and hash in base64. scrypt is that of RFC 7914, with
the costs that its authors propose for interactive logins.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from rag.errors import SettingsError

_METHOD = "scrypt"
_COST = {"n": 2**14, "r": 8, "p": 1}
_SALT_BYTES = 16


class Logins:
    """The logins of a file. Raises `SettingsError` for a file that cannot be used."""

    def __init__(self, file: Path) -> None:
        self._hashes: dict[str, tuple[bytes, bytes]] = {}
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"the logins {file} cannot be read ({type(error).__name__})", "correct RAG_AUTH"
            ) from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                name, salt, digest = _read(line, f"line {number} of {file}")
                self._hashes[name] = (salt, digest)
        if not self._hashes:
            raise SettingsError(
                f"the logins {file} name nobody", f"add a line with `rag login NAME >> {file}`"
            )

    def check(self, name: str, password: str) -> bool:
        """Whether this is the password of this name; unknown names take as long to be refused."""
        salt, digest = self._hashes.get(name, (b"no salt", b"no hash"))
        return hmac.compare_digest(_hash(password, salt), digest)


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
