"""What a service says when it notifies: see `hotline.notices.service.NoticeService.notify`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.roles import Role
from hotline.notices.kinds import NoticeKind
from hotline.notices.templates import Language, Value

SubjectKind = Literal["case", "call", "missed_calls", "voicemail", "unit", "enterprise", "knowledge", "kb_request"]
UnitMembers = Callable[[AsyncSession, Collection[str]], Awaitable[Collection[str]]]
"""Handling units' ids → ids of the users who work on their cases."""
_TAKES_SMS = re.compile(r"(?:\+?86)?1[3-9]\d{9}|\+(?!86)\d{7,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSubject:
    """What a notice is about, and so where it links to."""

    kind: SubjectKind
    id: str
    number: str = ""
    """A case's; it is also the value of the placeholder {number}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsRecipient:
    """A caller who agreed to SMS. `link` may let its reader in, so no page of ours shows it."""

    number: str
    link: str = ""
    language: Language = "zh"
    text: str = ""
    """The words, where no template has them; the hotline's name is put before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that people are to know. `values` fill the template's placeholders (`hotline.notices.kinds`)."""

    kind: NoticeKind
    subject: NoticeSubject
    values: Mapping[str, Value] = field(default_factory=dict)
    users: Collection[str] = ()
    roles: Collection[Role] = ()
    """Everybody active who has one of these now."""
    units: Collection[str] = ()
    """Everybody who works for one of these now; and the units' webhooks."""
    excluding: str = ""
    """Who caused it: needs no notice."""
    webhook: str = ""
    """One webhook, by its name in the settings, whatever units and kinds it takes."""
    data: Mapping[str, str] = field(default_factory=dict)
    """For the webhooks, besides the words."""
    sms: SmsRecipient | None = None
    key: str | None = None
    """The same key never notifies the same recipient twice, whoever repeats it, such as a reminder's job."""


@dataclass(frozen=True, slots=True)
class Notified:
    """How many users got a notice, and the ids of the messages that will leave the house."""

    users: int
    messages: tuple[str, ...] = ()


def takes_sms(number: str) -> bool:
    """Whether this can be a mobile number: one of the mainland, or one abroad with its +."""
    return _TAKES_SMS.fullmatch(number) is not None
