"""What can be wrong with a flow that is kept."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class FlowNotFoundError(NotFoundError):
    error_id = "flow.not_found"
    title = "There is no such flow"


class FlowVersionNotFoundError(NotFoundError):
    error_id = "flow.version_not_found"
    title = "The flow has no such version"


class PublicationNotFoundError(NotFoundError):
    error_id = "flow.publication_not_found"
    title = "There is no such publication"


class PublicationStartedError(ConflictError):
    error_id = "flow.publication_started"
    title = "This publication has started already"


class FlowTakenError(ConflictError):
    error_id = "flow.id_taken"
    title = "Another flow has this id"


class FlowDraftConflictError(ConflictError):
    """`version` is the draft's; the page fetches it and merges."""

    error_id = "flow.draft_conflict"
    title = "Somebody else changed the draft"


class FlowLiveConflictError(ConflictError):
    """`version` is what the alias means now."""

    error_id = "flow.live_conflict"
    title = "Somebody else published meanwhile"


class FlowTestsFailedError(InvalidInputError):
    error_id = "flow.tests_failed"
    title = "The flow does not pass its own test cases"


class FlowUnchangedError(ConflictError):
    error_id = "flow.unchanged"
    title = "That version is in force already"


class FlowRenamedError(InvalidInputError):
    error_id = "flow.renamed"
    title = "The document names another flow"


class EntryNumberTakenError(ConflictError):
    error_id = "flow.number_taken"
    title = "Another flow answers this number"


class PublicationPastError(InvalidInputError):
    error_id = "flow.publication_past"
    title = "A publication cannot start in the past"
