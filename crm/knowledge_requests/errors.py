"""What can be wrong with what is done to knowledge requests."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class KnowledgeRequestTransitionError(ConflictError):
    error_id = "knowledge_request.transition"
    title = "The request does not allow that now"


class KnowledgeRequestRefusedError(ConflictError):
    error_id = "knowledge_request.refused"
    title = "The request does not allow that as it is"


class KnowledgeRequestActorError(ForbiddenError):
    error_id = "knowledge_request.actor"
    title = "That is somebody else's to do"


class KnowledgeRequestVersionError(ConflictError):
    error_id = "knowledge_request.version_conflict"
    title = "Somebody changed the request meanwhile"


class KnowledgeRequestUnitError(InvalidInputError):
    error_id = "knowledge_request.unit"
    title = "The request cannot go to this unit"


class KnowledgeRequestEntryError(InvalidInputError):
    error_id = "knowledge_request.entry"
    title = "The entry does not serve this request"


class FollowUpRefusedError(InvalidInputError):
    error_id = "knowledge_request.follow_up"
    title = "The case has no follow-up for the knowledge base"
