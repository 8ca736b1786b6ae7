"""What can be wrong with a command on a case."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class CaseVersionConflictError(ConflictError):
    """The problem document carries `version`, the present one."""

    error_id = "case.version_conflict"
    title = "Somebody else changed this case"


class CaseNotEditableError(ConflictError):
    error_id = "case.not_editable"
    title = "The case can no longer be written"


class CaseIncompleteError(InvalidInputError):
    error_id = "case.incomplete"
    title = "The case lacks required fields"


class CaseNotYoursError(ForbiddenError):
    error_id = "case.not_yours"
    title = "Another agent writes this case"


class CaseHiddenError(ForbiddenError):
    error_id = "case.confidential"
    title = "The case is not for this account"


class CallNotYoursError(ForbiddenError):
    error_id = "case.call_not_yours"
    title = "The call is not for this account"


class AnswerNotCitedError(InvalidInputError):
    error_id = "case.answer_not_cited"
    title = "A direct answer needs its source"


class UnknownCallerError(InvalidInputError):
    error_id = "case.unknown_caller"
    title = "The enterprise or contact is not in the book"
