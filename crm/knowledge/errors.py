"""What can be wrong with what is done to the knowledge base."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class KnowledgeTransitionError(ConflictError):
    error_id = "knowledge.transition"
    title = "The entry does not allow that now"


class KnowledgeRefusedError(ConflictError):
    error_id = "knowledge.refused"
    title = "The entry does not allow that as it is"


class KnowledgeActorError(ForbiddenError):
    error_id = "knowledge.actor"
    title = "That is somebody else's to do"


class KnowledgeVersionConflictError(ConflictError):
    error_id = "knowledge.version_conflict"
    title = "Somebody changed the entry meanwhile"


class KnowledgeUnitError(InvalidInputError):
    error_id = "knowledge.unit"
    title = "The entry cannot belong to this unit"


class KnowledgeReferenceError(InvalidInputError):
    error_id = "knowledge.reference"
    title = "The entry names what is not there"


class KnowledgeCategoryError(InvalidInputError):
    error_id = "knowledge.category"
    title = "The category cannot stand there"


class KnowledgeCategoryConflictError(ConflictError):
    error_id = "knowledge.category_conflict"
    title = "The category does not allow that as it is"


class KnowledgeSynonymError(InvalidInputError):
    error_id = "knowledge.synonym"
    title = "These words do not make a group"


class KnowledgeSynonymConflictError(ConflictError):
    error_id = "knowledge.synonym_conflict"
    title = "Somebody changed the group meanwhile"
