"""What can be wrong with a note."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError


class NoteCorrectedError(ConflictError):
    error_id = "note.corrected"
    title = "The note has been corrected already"


class NoteNotYoursError(ForbiddenError):
    error_id = "note.not_yours"
    title = "Another person wrote this note"


class MentionError(InvalidInputError):
    error_id = "note.mention"
    title = "A person who is mentioned cannot see the note"
