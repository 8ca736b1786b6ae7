"""What can be wrong with a change of the catalogue."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, InvalidInputError


class ItemCodeTakenError(ConflictError):
    error_id = "catalogue.code_taken"
    title = "Another item has this code"


class ItemCycleError(InvalidInputError):
    error_id = "catalogue.cycle"
    title = "An item cannot be under itself"


class ItemTooDeepError(InvalidInputError):
    error_id = "catalogue.too_deep"
    title = "The catalogue has five levels"


class ItemParentError(InvalidInputError):
    error_id = "catalogue.parent_not_found"
    title = "No item in use has this id"


class ItemUnitError(InvalidInputError):
    error_id = "catalogue.unit_not_found"
    title = "No unit in use has this id"


class ItemInUseError(ConflictError):
    error_id = "catalogue.in_use"
    title = "Items in use are below this one"


class CatalogueFullError(ConflictError):
    error_id = "catalogue.full"
    title = "The catalogue is full"


class ItemVersionConflictError(ConflictError):
    error_id = "catalogue.version_conflict"
    title = "Somebody else changed this item"
