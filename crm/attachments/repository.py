"""Queries on attachments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.models import Attachment
from crm.attachments.state import HELD, AttachmentState
from crm.cases.models import Case
from hotline.accounts.models import User


async def attachment(db: AsyncSession, attachment_id: str, *, lock: bool = False) -> Attachment | None:
    query = select(Attachment).where(Attachment.id == attachment_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await db.scalars(query)).one_or_none()


async def of_case(db: AsyncSession, case_id: str) -> Sequence[Attachment]:
    """All of a case, also those that are gone, oldest first."""
    query = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    return (await db.scalars(query)).all()


async def lock_case(db: AsyncSession, case_id: str) -> None:
    """Let nobody else count or add this case's files until the transaction ends."""
    await db.execute(select(Case.id).where(Case.id == case_id).with_for_update())


async def held_count(db: AsyncSession, case_id: str) -> int:
    query = select(func.count()).where(Attachment.case_id == case_id, Attachment.state.in_(HELD))
    return await db.scalar(query) or 0


async def quarantined(db: AsyncSession, *, after: str, limit: int) -> Sequence[Attachment]:
    query = (
        select(Attachment)
        .where(Attachment.state == AttachmentState.QUARANTINED, Attachment.id > after)
        .order_by(Attachment.id)
        .limit(limit)
    )
    return (await db.scalars(query)).all()


async def in_use(db: AsyncSession, hashes: Sequence[str]) -> set[str]:
    """Those of these contents that an attachment still shows or will show."""
    found: set[str] = set()
    for column in (Attachment.sha256, Attachment.thumbnail):
        query = select(column).where(column.in_(hashes), Attachment.state.in_(HELD)).distinct()
        found.update(value for value in await db.scalars(query) if value is not None)
    return found


async def user_names(db: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    rows = await db.execute(select(User.id, User.name).where(User.id.in_(set(ids))))
    return {row[0]: row[1] for row in rows}
