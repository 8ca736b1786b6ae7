"""What can be wrong with a command on a case."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class CaseVersionConflictError(ConflictError):
    """The problem document carries `version`, the present one, and `changes`, what happened since the sender's."""

    error_id = "case.version_conflict"
    title = "Somebody else changed this case"


class CaseNotEditableError(ConflictError):
    error_id = "case.not_editable"
    title = "The case can no longer be written"


class CaseRefusedError(ConflictError):
    """A guard refused; the problem document carries `reason`, `action` and `state`."""

    error_id = "case.refused"
    title = "The case does not allow that as it is"


class WrongActorError(ForbiddenError):
    error_id = "case.wrong_actor"
    title = "That is somebody else's to do"


class RepeatedRequestError(ConflictError):
    error_id = "case.request_id"
    title = "The request id was used before"


class CaseNotYoursError(ForbiddenError):
    error_id = "case.not_yours"
    title = "Another agent writes this case"


class CaseHiddenError(ForbiddenError):
    error_id = "case.confidential"
    title = "The case is not for this account"


class CallNotYoursError(ForbiddenError):
    error_id = "case.call_not_yours"
    title = "The call is not for this account"


class UnknownCallerError(InvalidInputError):
    error_id = "case.unknown_caller"
    title = "The enterprise or contact is not in the book"


class UnknownUnitError(InvalidInputError):
    error_id = "case.unknown_unit"
    title = "No such unit"


class UnknownItemError(InvalidInputError):
    error_id = "case.unknown_item"
    title = "No such item"
