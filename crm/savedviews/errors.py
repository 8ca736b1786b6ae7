"""What can be wrong with a saved view."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, ForbiddenError


class SavedViewNameError(ConflictError):
    error_id = "saved_view.name"
    title = "You have a view of this name"


class SavedViewOwnerError(ForbiddenError):
    error_id = "saved_view.owner"
    title = "This view is somebody else's"


class SavedViewSharingError(ForbiddenError):
    error_id = "saved_view.sharing"
    title = "Only a supervisor shares a view"


class SavedViewVersionError(ConflictError):
    error_id = "saved_view.version"
    title = "The view was changed meanwhile"


class SavedViewsFullError(ConflictError):
    error_id = "saved_view.full"
    title = "There are as many saved views as one may have"
