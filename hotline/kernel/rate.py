"""Rate limits, kept in memory: they slow an attacker down, and time alone lifts them."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from hotline.kernel.errors import TooManyRequestsError


def visitor_of(address: str) -> str:
    """The key for a limit by address: of IPv6 the /64, of which one visitor has every address (RFC 6177)."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))


class RateLimit:
    """At most so many attempts per key and window, e.g. `RateLimit("log-in by address", "60/minute; 600/hour")`."""

    def __init__(self, name: str, limit: str) -> None:
        self._name = name
        self._limits = parse_many(limit)
        # Not the moving window: its store keeps every key it ever saw, and the keys are an attacker's to choose.
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def hit(self, key: str) -> None:
        """Count one attempt. Raises `TooManyRequestsError` with the seconds to wait."""
        for limit in self._limits:
            if self._limiter.hit(limit, self._name, key):
                continue
            reset = self._limiter.get_window_stats(limit, self._name, key).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            raise TooManyRequestsError(f"Too many attempts; try again in {wait} s.", retry_after=wait, limit=self._name)

    def forget(self, key: str) -> None:
        """Start `key` afresh, after it proved itself."""
        for limit in self._limits:
            self._limiter.clear(limit, self._name, key)
