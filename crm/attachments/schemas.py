"""Attachments as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from crm.attachments.models import Attachment, AttachmentKind
from crm.attachments.state import AttachmentState
from crm.cases.schemas import Id
from hotline.kernel.words import LINES, VISIBLE


def _no_path(name: str) -> str:
    if "/" in name or "\\" in name or not name.strip("."):
        raise ValueError("a file's name without its folders, please")
    return name


FileName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=180), AfterValidator(_no_path), VISIBLE
]
Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), LINES]
RemovalReason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), LINES]


class UploadQuery(BaseModel):
    """What is said of a file; the file itself is the body."""

    model_config = ConfigDict(extra="forbid")

    name: FileName
    id: Id | None = None
    """Made by the client, so that an upload sent twice makes one attachment."""
    kind: AttachmentKind = AttachmentKind.OTHER
    note: Remark = ""
    shared: bool = False
    """Of a confidential case: units may see it."""


class AttachmentRemoval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    reason: RemovalReason


class AttachmentView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: AttachmentKind
    name: str
    media_type: str
    size: int
    shared: bool
    note: str
    state: AttachmentState
    reason: str
    """Why it was removed, or what the scanner found."""
    version: int
    uploaded_by: str
    uploaded_by_name: str = ""
    uploaded_at: datetime
    ended_at: datetime | None
    has_thumbnail: bool = False
    may_remove: bool = False

    @classmethod
    def of(cls, row: Attachment, *, names: dict[str, str], may_remove: bool) -> AttachmentView:
        view = cls.model_validate(row)
        view.uploaded_by_name = names.get(row.uploaded_by, "")
        view.has_thumbnail = row.thumbnail is not None and row.state == AttachmentState.READY
        view.may_remove = may_remove
        return view


class AttachmentList(BaseModel):
    items: list[AttachmentView]
    most: int
    """How many a case may have."""
    most_bytes: int
    """Of one file."""


def audited_attachment(row: Attachment) -> dict[str, Any]:
    """Without the name, which may name a person."""
    return {
        "case_id": row.case_id,
        "kind": row.kind,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "shared": row.shared,
        "state": row.state,
    }
