"""What can be wrong with a replay."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class ReplayNotFoundError(NotFoundError):
    error_id = "replay.not_found"
    title = "There is no such replay"


class ReplayRunningError(ConflictError):
    error_id = "replay.running"
    title = "Another replay is running"


class ReplayTooLargeError(InvalidInputError):
    error_id = "replay.too_large"
    title = "Too many calls for one replay"


class ReplayEmptyError(InvalidInputError):
    error_id = "replay.empty"
    title = "No call of this flow in the period"
