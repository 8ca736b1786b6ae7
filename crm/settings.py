"""crm's part of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from hotline.kernel.settings import Section


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; an IANA name such as Asia/Shanghai is needed") from None
    return value


TimeZoneName = Annotated[str, AfterValidator(_time_zone)]


class CrmSettings(Section):
    """What differs from city to city."""

    area_code: str = Field(default="0473", pattern=r"^0\d{2,3}$")
    """The city's own, with the trunk 0: landlines written without one belong to it."""
    time_zone: TimeZoneName = "Asia/Shanghai"
    """The hotline's own, whatever clock a browser keeps: of pages, exports, case numbers and nightly work."""
    specialists_min: int = Field(default=3, ge=0)
    specialists_max: int = Field(default=5, ge=1)
    """How many specialists a unit names (DB1503/T 0019-2023: three to five)."""
    limit_profile: Literal["enterprise", "general"] = "enterprise"
    """Whose time limits a case without an enterprise gets; one with an enterprise gets the enterprise's."""
    archive_days: int = Field(default=30, ge=0)
    """After which a closed case is archived; 0: never by itself."""
    knowledge_review_days: int = Field(default=90, ge=1, le=1000)
    """Days after which a unit says of an entry of the knowledge base that it still holds."""
    knowledge_gap_days: int = Field(default=2, ge=1, le=365)
    """Working days that a unit has for a question that the knowledge base does not answer."""
    knowledge_error_days: int = Field(default=1, ge=1, le=365)
    """For an entry that is reported as wrong."""
    knowledge_policy_days: int = Field(default=7, ge=1, le=365)
    """To enter a new policy."""
    attachments_per_case: int = Field(default=20, ge=1, le=200)
    attachment_megabytes: int = Field(default=20, ge=1, le=2000)
    """Of one file."""
    clamd: str = Field(default="", pattern=r"^(/.+|.+:[1-9]\d{0,4})?$")
    """The virus scanner's socket, or <host>:<port>; "": files are not scanned."""
    sheet_font: Path | None = None
    """A TrueType font (.ttf) with Chinese characters to embed in case sheets; none: the reader's own Song."""
