"""What can be wrong with a work list."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class WorkListHiddenError(ForbiddenError):
    error_id = "worklist.hidden"
    title = "This work list belongs to another role"


class NotAPoolError(ConflictError):
    error_id = "worklist.no_pool"
    title = "The cases of this list are not claimed"


class ListTooLongError(InvalidInputError):
    error_id = "worklist.too_long"
    title = "Too many cases for one export"
