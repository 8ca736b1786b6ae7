"""What Asterisk's error answers mean."""

from __future__ import annotations

import re

from ivr.errors import ActionRefusedError, ChannelGoneError

_CHANNEL_GONE = re.compile(
    r"No such channel|Channel (\S+ )?(does not exist|not found)|Channel specified does not exist"
    r"|ExtraChannel does not exist|No channel by that name found",
    re.IGNORECASE,
)


def refused(action: str, message: str) -> ActionRefusedError:
    """The error for `Response: Error` with this message."""
    if _CHANNEL_GONE.match(message):
        # Not the message itself: it repeats the channel's name, which may hold a caller's number.
        return ChannelGoneError("The channel is not there (any more).", action=action)
    return ActionRefusedError(f"Asterisk refused {action}: {message or 'no reason given'}", action=action)


def is_about(error: ActionRefusedError, *reasons: str) -> bool:
    """Whether the refusal's reason is one of those, e.g. "Already there"."""
    return any(reason.lower() in error.detail.lower() for reason in reasons)
