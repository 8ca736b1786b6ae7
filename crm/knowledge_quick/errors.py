"""What can be wrong with a star."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError


class TooManyFavouritesError(ConflictError):
    error_id = "knowledge.too_many_favourites"
    title = "There are as many stars as there may be"
