"""One root for every error the service raises on purpose; each has a stable id and an HTTP status."""

from __future__ import annotations

from typing import Any, ClassVar


class HotlineError(Exception):
    """Base of all expected errors.

    `error_id` never changes once published; clients and operators match on it. `detail` is one or two
    sentences: what is wrong, where, and how to fix it. `context` carries values for the log and the
    problem document; never put a caller's number or words there.
    """

    error_id: ClassVar[str] = "hotline.error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The service failed"

    def __init__(self, detail: str, **context: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.context = context

    @property
    def public_detail(self) -> str:
        """What a visitor of the pages may read of it."""
        return self.detail


class InvalidInputError(HotlineError):
    error_id = "input.invalid"
    status = 422
    title = "The input is not valid"


class UnauthenticatedError(HotlineError):
    error_id = "auth.required"
    status = 401
    title = "Log in first"


class ForbiddenError(HotlineError):
    error_id = "auth.forbidden"
    status = 403
    title = "This account may not do that"


class NotFoundError(HotlineError):
    error_id = "resource.not_found"
    status = 404
    title = "No such thing"


class ConflictError(HotlineError):
    error_id = "state.conflict"
    status = 409
    title = "Not possible in the present state"


class TooManyRequestsError(HotlineError):
    error_id = "rate.limited"
    status = 429
    title = "Too many attempts"


class UnavailableError(HotlineError):
    error_id = "service.unavailable"
    status = 503
    title = "A part the service needs is away"
