"""The states of the AMI connection, and how long to wait before the next try."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from ivr.errors import PhoneError

FIRST_DELAY = 0.25
LONGEST_DELAY = 3.0
REFUSED_RETRY = timedelta(seconds=60)
"""A refused log-in is retried this rarely: it does not fix itself, and each attempt is a security event."""
LASTING = timedelta(seconds=10)
"""A connection that held this long starts the back-off afresh when it breaks."""


class LinkState(StrEnum):
    """CONNECTING until logged in and Asterisk has booted; READY: commands can be sent; DOWN: waiting to try
    again, or closed; REFUSED: Asterisk rejected the log-in, tried again once a minute or on `retry()`.
    """

    CONNECTING = "connecting"
    READY = "ready"
    DOWN = "down"
    REFUSED = "refused"


class LoginRefusedError(PhoneError):
    """Asterisk rejected the user name, the secret or our address."""

    error_id = "phone.login_refused"


def backoff(failures: int, chance: float) -> timedelta:
    """How long to wait after `failures` in a row (from 1); `chance` in [0, 1) takes off up to half."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures - 1, 10))
    return timedelta(seconds=longest * (1 - chance / 2))
