"""What can be wrong with a calendar."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class HoursTableNotFoundError(NotFoundError):
    error_id = "calendar.table_not_found"
    title = "No table of working hours has this name"


class HoursTableNameTakenError(ConflictError):
    error_id = "calendar.table_name_taken"
    title = "Another table of working hours has this name"


class HoursTableFixedError(ConflictError):
    error_id = "calendar.table_fixed"
    title = "This table cannot be changed"


class CalendarVersionConflictError(ConflictError):
    error_id = "calendar.version_conflict"
    title = "Somebody else changed the calendar"


class OlderNoticeError(ConflictError):
    error_id = "calendar.older_notice"
    title = "A newer notice of this year is in force"


class NoDeadlineError(InvalidInputError):
    error_id = "calendar.no_deadline"
    title = "This amount of working time never passes"
