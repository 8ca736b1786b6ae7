"""What can be wrong with limits."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class NoWorkingTimeError(ConflictError):
    error_id = "limit.no_working_time"
    title = "A table of working hours holds too little working time"


class LimitNotFoundError(NotFoundError):
    error_id = "limit.not_found"
    title = "No such limit"


class LimitVersionConflictError(ConflictError):
    error_id = "limit.version_conflict"
    title = "Somebody else changed this limit"


class UnknownHoursError(InvalidInputError):
    error_id = "limit.unknown_hours"
    title = "No such table of working hours"
