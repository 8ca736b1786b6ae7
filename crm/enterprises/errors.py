"""What can go wrong with the book of enterprises."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError


class CreditCodeTakenError(ConflictError):
    error_id = "enterprise.credit_code_taken"
    title = "Another enterprise has this credit code"


class EnterpriseVersionConflictError(ConflictError):
    error_id = "enterprise.version_conflict"
    title = "Somebody else changed this enterprise"


class TooManyContactsError(ConflictError):
    error_id = "enterprise.too_many_contacts"
    title = "The enterprise has as many contacts as it may have"


class EnterpriseMergedError(ConflictError):
    """The problem document carries `merged_into`."""

    error_id = "enterprise.merged"
    title = "The enterprise was merged into another one"

    @classmethod
    def into(cls, enterprise_id: str) -> EnterpriseMergedError:
        return cls("Open the enterprise that it was merged into, and change that one.", merged_into=enterprise_id)


class MergeError(ConflictError):
    error_id = "enterprise.merge"
    title = "The enterprises cannot be merged or parted"
