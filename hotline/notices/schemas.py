"""Notices, messages and templates as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hotline.accounts.masking import mask_number
from hotline.kernel.paging import PageQuery
from hotline.kernel.words import VISIBLE
from hotline.notices.contract import SubjectKind
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import MessageChannel, MessageState, NoticeRecord, OutgoingMessage
from hotline.notices.templates import LONGEST_TEMPLATE

Id = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
TemplateText = Annotated[str, StringConstraints(max_length=LONGEST_TEMPLATE), VISIBLE]


class InboxQuery(PageQuery):
    unread: bool = False


class NoticeView(BaseModel):
    id: str
    kind: NoticeKind
    subject_kind: SubjectKind
    subject_id: str
    subject_number: str
    text_zh: str
    text_en: str
    at: datetime
    read: bool

    @classmethod
    def of(cls, row: NoticeRecord) -> NoticeView:
        return cls.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "subject_kind": row.subject_kind,
                "subject_id": row.subject_id,
                "subject_number": row.subject_number,
                "text_zh": row.text_zh,
                "text_en": row.text_en,
                "at": row.created_at,
                "read": row.read_at is not None,
            }
        )


class UnreadView(BaseModel):
    unread: int
    more: bool
    """There are more than are counted."""
    latest: str
    """The newest unread one's id; "" without one."""


class ReadUpTo(BaseModel):
    """What came after the newest notice that was seen stays unread."""

    model_config = ConfigDict(extra="forbid")

    up_to: Id


class MessageQuery(PageQuery):
    state: MessageState | None = None
    channel: MessageChannel | None = None
    kind: NoticeKind | None = None
    number: Annotated[str, Field(max_length=32)] | None = None
    """Of a case."""


class MessageView(BaseModel):
    id: str
    channel: MessageChannel
    kind: NoticeKind
    subject_kind: SubjectKind
    subject_id: str
    subject_number: str
    recipient: str
    """A number is masked."""
    text: str
    """An SMS, without its link, which may let its reader in."""
    state: MessageState
    attempts: int
    reason: str
    version: int
    created_at: datetime
    tried_at: datetime | None
    sent_at: datetime | None

    @classmethod
    def of(cls, row: OutgoingMessage) -> MessageView:
        fields = {name: getattr(row, name) for name in cls.model_fields if name != "recipient"}
        recipient = mask_number(row.recipient) if row.channel == MessageChannel.SMS else row.recipient
        return cls.model_validate({**fields, "recipient": recipient})


class MessageSummary(BaseModel):
    sms: str
    """The provider: none, file or http."""
    webhooks: list[str]
    waiting: int
    dead: int


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int


class TemplateFields(BaseModel):
    """A kind has no words on a channel that it does not use."""

    model_config = ConfigDict(extra="forbid")

    page_zh: TemplateText = ""
    page_en: TemplateText = ""
    sms_zh: TemplateText = ""
    sms_en: TemplateText = ""


class TemplateChange(TemplateFields):
    version: int
    """0 while the shipped words are in force."""


class TemplateReset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int


class TemplateView(BaseModel):
    kind: NoticeKind
    texts: TemplateFields
    shipped: TemplateFields
    version: int
    edited: bool
    updated_at: datetime | None


class TemplateList(BaseModel):
    templates: list[TemplateView]
    on_page: list[str]
    """Placeholders that may stand in a notice on the page."""
    in_sms: list[str]


class TemplatePreview(BaseModel):
    """The words with made-up values."""

    texts: TemplateFields
    sms_parts_zh: int
    sms_parts_en: int
