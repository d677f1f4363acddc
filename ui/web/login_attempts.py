"""LoginAttempts of passwords, slowed down: by name, and by the address that they come from."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_FREE_ATTEMPTS = {"name": 5, "address": 20}  # wrong guesses that cost no wait
_MAX_WAIT = 300.0  # seconds of a wait
_RESET_AFTER = 3600.0  # seconds after which wrong guesses are forgotten
_MAX_REMEMBERED = 10_000  # names and addresses that are remembered; the oldest are forgotten


@dataclass
class _Tally:
    wrong: int = 0
    last: float = 0.0


@dataclass
class LoginAttempts:
    """How many wrong guesses there were, and how long the next one has to wait.

    Each wrong guess beyond the free ones doubles the wait, up to five minutes. Who logged in from
    an address before is not kept out of it by what others guess elsewhere.
    """

    clock: Callable[[], float] = time.monotonic
    _tallies: OrderedDict[tuple[str, str], _Tally] = field(default_factory=OrderedDict)
    _trusted: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def begin(self, name: str, address: str) -> float:
        """Count a guess as wrong until it is known; return the seconds to wait if it is too soon.

        A guess that comes too soon is not counted.
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
        """Note that a guess that began was right."""
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
        """Return how many seconds are left before the next guess."""
        tally = self._tallies.get(key)
        if tally is None:
            return 0.0
        passed = self.clock() - tally.last
        if passed > _RESET_AFTER:
            del self._tallies[key]
            return 0.0
        beyond = tally.wrong - _FREE_ATTEMPTS[key[0]]
        # The exponent is bounded: a float has no 2**2000.
        return min(2.0 ** min(beyond, 20), _MAX_WAIT) - passed if beyond >= 0 else 0.0


def _network_of(address: str) -> str:
    """Return an address; of IPv6 its network, as one machine has billions of addresses there."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
