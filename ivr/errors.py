"""What can go wrong on the phone side."""

from __future__ import annotations

from hotline.kernel.errors import HotlineError, InvalidInputError, UnavailableError


class PhoneError(HotlineError):
    error_id = "phone.failed"
    status = 502
    title = "The telephone system refused or failed"


class PhoneUnavailableError(PhoneError, UnavailableError):
    """No AMI connection; nothing was sent."""

    error_id = "phone.unavailable"
    status = 503
    title = "The telephone system is not reachable"


class OutcomeUnknownError(PhoneError):
    """The connection broke or the deadline passed after the action was sent; it is never sent again."""

    error_id = "phone.outcome_unknown"
    status = 504
    title = "The telephone system did not say what became of the command"


class ActionRefusedError(PhoneError):
    """Asterisk answered Response: Error; `detail` carries its message."""

    error_id = "phone.refused"
    status = 409


class ChannelGoneError(ActionRefusedError):
    """The channel named is not there (any more)."""

    error_id = "phone.channel_gone"


class UnsafeValueError(PhoneError, InvalidInputError):
    """A header value with CR, LF or NUL, or too long for Asterisk's line of 1,024 bytes; nothing was sent."""

    error_id = "phone.unsafe_value"
    status = 422
    title = "The value cannot be sent to the telephone system"


class CallEndedError(PhoneError):
    """The caller's channel is gone: the flow of this call is over. Not a fault."""

    error_id = "phone.call_ended"
    status = 409
    title = "The call has ended"


class CallLeftError(CallEndedError):
    """The dialplan serves the caller without the service: for the flow the call is over."""

    error_id = "phone.call_left"
    title = "The call has left the service"


class FlowRestartedError(PhoneError):
    """AGI restarted on the channel: the command was interrupted, and the session can be used again."""

    error_id = "phone.flow_restarted"
    status = 409
    title = "The call was resumed"
