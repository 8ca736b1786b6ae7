"""What can be wrong with supervision and with the ledger."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class SupervisionTransitionError(ConflictError):
    error_id = "supervision.transition"
    title = "The supervision task does not allow that now"


class SupervisionRefusedError(ConflictError):
    error_id = "supervision.refused"
    title = "The supervision task does not allow that as it is"


class SupervisionActorError(ForbiddenError):
    error_id = "supervision.actor"
    title = "That is somebody else's to do"


class SupervisionVersionError(ConflictError):
    error_id = "supervision.version"
    title = "Somebody changed it meanwhile"


class SupervisedUnitError(InvalidInputError):
    error_id = "supervision.unit"
    title = "The case is not with this unit"


class LedgerError(ConflictError):
    error_id = "ledger.struck_off"
    title = "The entry has been struck off"


class LedgerEnteredError(ConflictError):
    error_id = "ledger.entered"
    title = "The case stands in the ledger already"
