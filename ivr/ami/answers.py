"""What Asterisk's answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.errors import ActionRefusedError, ChannelGoneError

_CHANNEL_GONE = re.compile(
    r"No such channel|Channel (\S+ )?(does not exist|not found)|Channel specified does not exist"
    r"|ExtraChannel does not exist|No channel by that name found",
    re.IGNORECASE,
)


_GOOD = frozenset({"Success", "Follows", "Goodbye"})


def is_error(message: Mapping[str, str]) -> bool:
    """Whether it is a response, and not a good one."""
    return "Event" not in message and message.get("Response") not in _GOOD


def refused(action: str, message: str) -> ActionRefusedError:
    """The error for `Response: Error` with this message."""
    if _CHANNEL_GONE.match(message):
        # Not the message itself: it repeats the channel's name, which may hold a caller's number.
        return ChannelGoneError("The channel is not there (any more).", action=action)
    return ActionRefusedError(f"Asterisk refused {action}: {message or 'no reason given'}", action=action)


def is_about(error: ActionRefusedError, *reasons: str) -> bool:
    """Whether the refusal's reason is one of those, e.g. "Already there"."""
    return any(reason.lower() in error.detail.lower() for reason in reasons)
