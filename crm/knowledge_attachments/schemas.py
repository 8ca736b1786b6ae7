"""Files of entries as they cross the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from crm.attachments.schemas import FileName
from crm.attachments.state import AttachmentState
from crm.cases.schemas import Id


class KnowledgeUploadQuery(BaseModel):
    """What is said of a file; the file itself is the body."""

    model_config = ConfigDict(extra="forbid")

    name: FileName
    id: Id
    """Made by the client, so that an upload sent twice is one file."""


class KnowledgeFileRemoval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    """Of the entry."""


class KnowledgeFileView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    media_type: str
    size: int
    state: AttachmentState
    reason: str
    uploaded_at: datetime
