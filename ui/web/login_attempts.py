"""Rate limits for login attempts, by user name and by network address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_FREE_ATTEMPTS = {"name": 5, "address": 20}  # failed attempts without a wait
_MAX_WAIT = 300.0  # seconds
_RESET_AFTER = 3600.0  # seconds without an attempt, then the count starts at 0 again
_MAX_REMEMBERED = 10_000  # names and addresses; the oldest are dropped first


@dataclass
class _Tally:
    wrong: int = 0
    last: float = 0.0


@dataclass
class LoginAttempts:
    """Counts failed login attempts, and computes the wait before the next attempt.

    Each failed attempt after the free ones doubles the wait, up to five minutes. A user who logged
    in from an address before can still log in from it: failed attempts for the user's name from
    other addresses do not count there.
    """

    clock: Callable[[], float] = time.monotonic
    _tallies: OrderedDict[tuple[str, str], _Tally] = field(default_factory=OrderedDict)
    _trusted: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def begin(self, name: str, address: str) -> float:
        """Begin an attempt; return 0, or the seconds to wait if it comes too soon.

        An attempt counts as failed until `succeed` is called. An attempt that comes too soon is
        not counted.
        """
        keys = self._keys(name, address)
        wait = max(self._wait(key) for key in keys)
        if wait <= 0:
            for key in keys:
                tally = self._tallies.setdefault(key, _Tally())
                tally.wrong, tally.last = tally.wrong + 1, self.clock()
                self._tallies.move_to_end(key)
            while len(self._tallies) > _MAX_REMEMBERED:
                self._tallies.popitem(last=False)
        return max(wait, 0.0)

    def succeed(self, name: str, address: str) -> None:
        """Record that the attempt succeeded: the password was correct."""
        for key in self._keys(name, address):
            tally = self._tallies.get(key)
            if tally is not None and key[0] == "name":
                del self._tallies[key]
            elif tally is not None:
                tally.wrong -= 1
        self._trusted[name, _network_of(address)] = None
        self._trusted.move_to_end((name, _network_of(address)))
        while len(self._trusted) > _MAX_REMEMBERED:
            self._trusted.popitem(last=False)

    def _keys(self, name: str, address: str) -> list[tuple[str, str]]:
        place = _network_of(address)
        trusted = (name, place) in self._trusted
        return [("address", place), *([] if trusted else [("name", name)])]

    def _wait(self, key: tuple[str, str]) -> float:
        """Return the seconds left before the next attempt."""
        tally = self._tallies.get(key)
        if tally is None:
            return 0.0
        passed = self.clock() - tally.last
        if passed > _RESET_AFTER:
            del self._tallies[key]
            return 0.0
        beyond = tally.wrong - _FREE_ATTEMPTS[key[0]]
        # The exponent is bounded: 2.0**2000 would overflow.
        return min(2.0 ** min(beyond, 20), _MAX_WAIT) - passed if beyond >= 0 else 0.0


def _network_of(address: str) -> str:
    """Return an IPv4 address as it is, and the /64 network of an IPv6 address.

    One machine usually has a whole /64 network of IPv6 addresses.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
