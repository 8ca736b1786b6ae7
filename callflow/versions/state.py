"""What a flow's versions are called, and where they come from."""

from __future__ import annotations

from enum import StrEnum


class FlowAlias(StrEnum):
    """A name that always means one version; calls begin on an alias and stay on its version of that moment."""

    LIVE = "live"
    TEST = "test"


class VersionSource(StrEnum):
    PAGE = "page"
    COMMAND = "command"
    """`hotline flow publish`."""
    FILE = "file"
    """The file of the setting `flow`, taken up at a start of the service."""
    SHIPPED = "shipped"
    """What the product comes with."""
