"""What can be wrong with a caller's question."""

from __future__ import annotations

from hotline.kernel.errors import NotFoundError


class NoSuchProgressError(NotFoundError):
    """The same for a number that does not exist and for a wrong code."""

    error_id = "portal.no_such_case"
    title = "No case has this number and code"
