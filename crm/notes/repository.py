"""Queries on notes, and on people who may be mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.notes.models import CaseNote, NoteMention
from crm.notes.schemas import NoteQuery
from hotline.accounts.models import User
from hotline.kernel.http import Principal
from hotline.kernel.paging import Slice, fetch_page
from hotline.kernel.words import search_words


async def note(db: AsyncSession, note_id: str) -> CaseNote | None:
    return await db.get(CaseNote, note_id)


async def page(
    db: AsyncSession, case_id: str, query: NoteQuery, *, units_only_for: Principal | None
) -> Slice[CaseNote]:
    """The newest first; with `units_only_for` those for units, and that person's own."""
    statement = select(CaseNote).where(CaseNote.case_id == case_id)
    if units_only_for is not None:
        statement = statement.where(or_(CaseNote.for_units.is_(True), CaseNote.written_by == units_only_for.user_id))
    return await fetch_page(db, statement, query, by=[CaseNote.id])


async def corrections(db: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    """Note → the note that replaces it."""
    rows = await db.execute(select(CaseNote.corrects, CaseNote.id).where(CaseNote.corrects.in_(ids)))
    return {note: newer for note, newer in rows if note is not None}


async def mentions(db: AsyncSession, ids: Sequence[str]) -> dict[str, list[str]]:
    """Note → the users that it mentions."""
    query = (
        select(NoteMention.note_id, NoteMention.user_id)
        .where(NoteMention.note_id.in_(ids))
        .order_by(NoteMention.note_id, NoteMention.user_id)
    )
    found: dict[str, list[str]] = {}
    for note_id, user_id in await db.execute(query):
        found.setdefault(note_id, []).append(user_id)
    return found


async def users(db: AsyncSession, ids: Iterable[str]) -> dict[str, User]:
    return {row.id: row for row in await db.scalars(select(User).where(User.id.in_(set(ids))))}


async def people(db: AsyncSession, search: str, *, limit: int) -> Sequence[User]:
    """Active users whose name or user name holds every word of `search`."""
    query = select(User).where(User.active.is_(True)).order_by(User.name, User.id).limit(limit)
    for word in search_words(search):
        query = query.where(
            or_(User.name.icontains(word, autoescape=True), User.username.icontains(word, autoescape=True))
        )
    return (await db.scalars(query)).all()
