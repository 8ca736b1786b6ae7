"""What can be wrong with notices, messages and templates."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class NoticeNotFoundError(NotFoundError):
    error_id = "notice.not_found"
    title = "No such notice"


class MessageNotFoundError(NotFoundError):
    error_id = "message.not_found"
    title = "No such message"


class MessageNotDeadError(ConflictError):
    error_id = "message.not_dead"
    title = "Only a message that was given up is sent again"


class MessageVersionConflictError(ConflictError):
    error_id = "message.version_conflict"
    title = "Somebody else changed this message"


class TemplateNotFoundError(NotFoundError):
    error_id = "template.not_found"
    title = "No such template"


class TemplateInvalidError(InvalidInputError):
    error_id = "template.invalid"
    title = "The template is not valid"


class TemplateVersionConflictError(ConflictError):
    error_id = "template.version_conflict"
    title = "Somebody else changed this template"
