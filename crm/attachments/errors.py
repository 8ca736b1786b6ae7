"""What can be wrong with an attachment."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, HotlineError, InvalidInputError


class UnknownTypeError(HotlineError):
    error_id = "attachment.type"
    status = 415
    title = "Files of this type are not taken"


class BrokenFileError(InvalidInputError):
    error_id = "attachment.broken"
    title = "The file is damaged"


class ArchiveBombError(InvalidInputError):
    error_id = "attachment.bomb"
    title = "The file unpacks to too much"


class TruncatedUploadError(HotlineError):
    error_id = "attachment.truncated"
    status = 400
    title = "The file did not arrive whole"


class TooManyAttachmentsError(ConflictError):
    error_id = "attachment.too_many"
    title = "The case has as many files as it may"


class AttachmentStateError(ConflictError):
    error_id = "attachment.state"
    title = "The file does not allow that now"


class AttachmentVersionConflictError(ConflictError):
    error_id = "attachment.version_conflict"
    title = "Somebody else changed this file"


class BusyUploadsError(HotlineError):
    error_id = "attachment.busy"
    status = 503
    title = "Too many uploads at once"
