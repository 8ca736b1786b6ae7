"""What can be wrong with a visitor's question to the public knowledge base."""

from __future__ import annotations

from hotline.kernel.errors import HotlineError


class PublicEntryGoneError(HotlineError):
    """It was published for everybody once, and is expired or withdrawn."""

    error_id = "portal.entry_gone"
    status = 410
    title = "The entry is not published any more"
