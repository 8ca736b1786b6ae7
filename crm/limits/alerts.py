"""Who is notified of limits: due soon, overdue, decided by the deadline itself, escalated."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.followers import Moved
from crm.cases.models import Assignment, Case
from crm.cases.state import CaseAction
from crm.limits.models import CaseDeadline
from crm.limits.reminders import ReminderStage
from crm.limits.state import OF_UNITS, DeadlineKind
from crm.supervision.models import SupervisionCause
from crm.supervision.service import SupervisionService
from crm.units import repository as units
from hotline.accounts.roles import Role
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.service import NoticeService
from hotline.notices.templates import Value, Words

_CALLBACK = frozenset({DeadlineKind.CALLBACK, DeadlineKind.FOLLOW_UP})
ESCALATE_AFTER = 3
"""Reworks, or units that gave the case back."""
REASONS = {
    "overdue": Words(zh="超期未办结", en="it is overdue"),
    "reworks": Words(zh="重办三次", en="three reworks"),
    "returns": Words(zh="三个单位退回", en="three units returned it"),
}


class LimitAlerts:
    """Each in the caller's transaction; the same alert never twice for the same moment of the same deadline."""

    def __init__(self, notices: NoticeService, supervision: SupervisionService) -> None:
        self._notices = notices
        self._supervision = supervision

    async def due_soon(
        self, db: AsyncSession, case: Case, row: CaseDeadline, unit: Assignment | None, stage: ReminderStage
    ) -> None:
        kind = NoticeKind.DUE_SOON_48H if stage is ReminderStage.REMIND_48 else NoticeKind.DUE_SOON_24H
        await self._notify(db, kind, case, row, unit, supervisors=False)

    async def overdue(self, db: AsyncSession, case: Case, row: CaseDeadline, unit: Assignment | None) -> None:
        await self._notify(db, NoticeKind.OVERDUE, case, row, unit, supervisors=True)

    async def callback_due(self, db: AsyncSession, case: Case, row: CaseDeadline) -> None:
        await self._notify(db, NoticeKind.CALLBACK_DUE, case, row, None, supervisors=False)

    async def moved_by_calendar(self, db: AsyncSession, case: Case, row: CaseDeadline, unit: Assignment | None) -> None:
        await self._notify(db, NoticeKind.DEADLINE_MOVED, case, row, unit, supervisors=False)

    async def decided(self, db: AsyncSession, case: Case, row: CaseDeadline, unit: Assignment | None) -> None:
        """The deadline itself signed the case, or accepted its return."""
        signed = row.kind == DeadlineKind.SIGN
        kind = NoticeKind.SIGNED_BY_DEFAULT if signed else NoticeKind.RETURNED
        await self._notify(db, kind, case, row, unit, supervisors=True)

    async def escalate(self, db: AsyncSession, case: Case, reason: str, *, key: str) -> None:
        """To the supervisors, and as a supervision task (督办) of the lead unit where there is one.

        `reason` is one of `REASONS`.
        """
        await self._supervision.issue(db, case, SupervisionCause(reason), key=key)
        await self._notices.notify(
            db,
            Notice(
                kind=NoticeKind.ESCALATED,
                subject=NoticeSubject(kind="case", id=case.id, number=case.number),
                values={Placeholder.REASON: REASONS[reason]},
                roles=(Role.SUPERVISOR,),
                key=f"escalated:{reason}:{key}",
            ),
        )

    async def _notify(
        self,
        db: AsyncSession,
        kind: NoticeKind,
        case: Case,
        row: CaseDeadline,
        unit: Assignment | None,
        *,
        supervisors: bool,
    ) -> None:
        roles = {Role.SUPERVISOR} if supervisors else set()
        if row.kind not in OF_UNITS:
            roles.add(Role.CALLBACK if row.kind in _CALLBACK else Role.DISPATCHER)
        elif supervisors:
            roles.add(Role.DISPATCHER)
        values: dict[str, Value] = {Placeholder.DATE: row.due_at}
        if unit is None and case.lead_unit_id is None:
            named = None
        else:
            unit_id = unit.unit_id if unit else case.lead_unit_id or ""
            named = (await units.named(db, [unit_id])).get(unit_id)
        if named is not None:
            values[Placeholder.UNIT] = named.name
        await self._notices.notify(
            db,
            Notice(
                kind=kind,
                subject=NoticeSubject(kind="case", id=case.id, number=case.number),
                values=values,
                roles=roles,
                units=[unit.unit_id] if unit is not None else (),
                key=f"{kind}:{row.id}:{row.due_at:%Y%m%d%H%M}",
            ),
        )


class EscalationFollower:
    """A `MoveFollower`: what goes back too often goes up (提级)."""

    def __init__(self, alerts: LimitAlerts) -> None:
        self._alerts = alerts

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        case = moved.case
        if moved.action in (CaseAction.ORDER_REWORK, CaseAction.REOPEN) and case.reworks >= ESCALATE_AFTER:
            await self._alerts.escalate(db, case, "reworks", key=f"{case.id}:{case.reworks}")
        elif moved.action is CaseAction.DISPATCH and case.returns >= ESCALATE_AFTER:
            await self._alerts.escalate(db, case, "returns", key=f"{case.id}:{case.returns}")
