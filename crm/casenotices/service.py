"""Notices of what happens to cases, written in the transaction of the move."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from crm.casenotices.caller import CallerNotices
from crm.casenotices.staff import MoveFacts, pressed_notice, staff_notices
from crm.cases.followers import CaseDeadlines, Moved
from crm.cases.models import Case
from crm.cases.state import CaseAction
from crm.cases.visibility import UNIT_STAFF
from crm.units import repository as units
from hotline.notices.service import NoticeService


class CaseNotices:
    """A `crm.cases.followers.MoveFollower`; it comes after the deadlines, whose dates it names."""

    def __init__(self, notices: NoticeService, deadlines: CaseDeadlines, caller: CallerNotices) -> None:
        self._notices = notices
        self._deadlines = deadlines
        self._caller = caller

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        ids = {one.unit_id for one in (*moved.before.assignments, *moved.created)} | {moved.case.lead_unit_id or ""}
        names = {id: row.name for id, row in (await units.named(db, ids)).items()}
        facts = MoveFacts(units=names, deadlines=(await self._deadlines.limits(db, moved.case)).running)
        if moved.action is CaseAction.GRANT_EXTENSION and (until := facts.deadlines.get("close")) is not None:
            moved.case.promised_at = until  # A guard saw to it that the caller knows of the delay.
        for notice in staff_notices(moved, facts):
            await self._notices.notify(db, notice)
        if (message := await self._caller.of(db, moved, facts)) is not None:
            await self._notices.notify(db, message)

    async def pressed(self, db: AsyncSession, case: Case, *, by: str, request_id: str) -> None:
        """A unit pressed the caller to withdraw the case, so that it was refused."""
        await self._notices.notify(db, pressed_notice(case, by=by, request_id=request_id))


async def unit_members(db: AsyncSession, ids: Collection[str]) -> list[str]:
    """The users who handle cases for one of these units now."""
    people = await units.people_of(db, ids)
    return [user.id for user in people if not UNIT_STAFF.isdisjoint(user.roles)]
