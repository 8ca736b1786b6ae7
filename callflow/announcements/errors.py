"""What can be wrong with an announcement, or with switching one."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class AnnouncementNotFoundError(NotFoundError):
    error_id = "announcement.not_found"
    title = "There is no such announcement"


class AnnouncementConflictError(ConflictError):
    error_id = "announcement.version_conflict"
    title = "Somebody else changed or switched it"


class AnnouncementSilentError(ConflictError):
    error_id = "announcement.prompt_missing"
    title = "Its prompt has no sound"


class AnnouncementsFullError(ConflictError):
    error_id = "announcement.too_many"
    title = "There are enough announcements"


class AnnouncementEndError(InvalidInputError):
    error_id = "announcement.bad_end"
    title = "It cannot end then"
