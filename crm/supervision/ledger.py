"""The ledger (台账) of cases that were closed unsolved, or are to be solved by a plan: struck off one by one (销号)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.details.closing import Solved
from crm.cases.followers import Moved
from crm.cases.models import Case
from crm.cases.opening import ReadableCases
from crm.cases.service import Audit
from crm.cases.state import CaseAction
from crm.cases.viewers import viewer_of
from crm.cases.visibility import title_in_lists
from crm.supervision import repository
from crm.supervision.errors import LedgerEnteredError, LedgerError, SupervisionActorError, SupervisionVersionError
from crm.supervision.models import LedgerEntry, LedgerKind
from crm.supervision.schemas import LedgerDraft, LedgerEntryView, LedgerQuery, StrikeOff
from crm.units import repository as units
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.paging import Page

_UNSOLVED = {Solved.NO.value: "回访时来电人表示未解决。", Solved.PARTLY.value: "回访时来电人表示部分解决。"}
"""Why a closing enters a case, by what the caller said at the callback."""
_KEEPERS = frozenset({Role.SUPERVISOR, Role.DISPATCHER})


class UnsolvedLedger:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, readable: ReadableCases) -> None:
        self._clock = clock
        self._cases = readable

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        """A case that is closed though the caller said it is not solved enters the ledger. A `MoveFollower`."""
        if moved.action is not CaseAction.CLOSE:
            return
        said = [
            one.detail.get("solved") for one in moved.before.callbacks if one.reached and one.round == moved.case.round
        ]
        if said and said[-1] in _UNSOLVED:
            await self._enter(
                db, moved.case, LedgerEntry(kind=LedgerKind.UNSOLVED, reason=_UNSOLVED[said[-1]], entered_by="")
            )

    async def enter(self, db: AsyncSession, draft: LedgerDraft, *, who: Principal, audit: Audit) -> LedgerEntry:
        """Raises LedgerEnteredError, SupervisionActorError, and as `ReadableCases.read`."""
        _require_keeper(who)
        case = await self._cases.read(db, draft.case_id, who=who)
        row = LedgerEntry(kind=draft.kind, reason=draft.reason, planned_for=draft.planned_for, entered_by=who.user_id)
        entry = await self._enter(db, case, row)
        if entry is None:
            raise LedgerEnteredError("Strike its entry off first, or leave it.")
        await audit("ledger.enter", entry.id, case_id=case.id, kind=entry.kind)
        return entry

    async def strike_off(
        self, db: AsyncSession, entry_id: str, strike: StrikeOff, *, who: Principal, audit: Audit
    ) -> LedgerEntry:
        _require_keeper(who)
        entry = await repository.entry(db, entry_id, lock=True)
        if entry is None:
            raise NotFoundError("The ledger has no such entry.")
        await self._cases.read(db, entry.case_id, who=who)
        if entry.struck_off_at is not None:
            raise LedgerError("Load the ledger again.")
        if entry.version != strike.version:
            raise SupervisionVersionError("Load it again.", version=entry.version)
        entry.struck_off_at, entry.struck_off_by = self._clock.now(), who.user_id
        entry.struck_off_reason = strike.reason
        entry.version += 1
        await audit("ledger.strike_off", entry.id, case_id=entry.case_id)
        return entry

    async def page(self, db: AsyncSession, query: LedgerQuery, *, who: Principal) -> Page[LedgerEntryView]:
        viewer = await viewer_of(db, who)
        found = await repository.entries(db, query, viewer)
        views = {view.id: view for view in await self.views(db, list(found.rows), for_unit=not viewer.staff)}
        return found.page(lambda row: views[row.id])

    async def views(
        self, db: AsyncSession, rows: list[LedgerEntry], *, for_unit: bool = False
    ) -> list[LedgerEntryView]:
        about = await repository.cases_of(db, {row.case_id for row in rows})
        led = await units.named(db, {case.lead_unit_id for case in about.values() if case.lead_unit_id})
        people = await cases.names_of(db, {one for row in rows for one in (row.entered_by, row.struck_off_by or "")})

        def shown(row: LedgerEntry) -> LedgerEntryView:
            case = about[row.case_id]
            unit = led.get(case.lead_unit_id or "")
            return LedgerEntryView.of(
                row,
                number=case.number,
                title=title_in_lists(case, for_unit=for_unit),
                unit_name=unit.name if unit else None,
                people=people,
            )

        return [shown(row) for row in rows]

    async def _enter(self, db: AsyncSession, case: Case, row: LedgerEntry) -> LedgerEntry | None:
        """The entry, new or open again; None where it is open already."""
        known = await repository.entry_of_case(db, case.id)
        if known is not None and known.struck_off_at is None:
            return None
        now = self._clock.now()
        if known is None:
            row.id, row.case_id, row.entered_at, row.version = uuid7(), case.id, now, 1
            db.add(row)
            await db.flush()
            return row
        known.kind, known.reason, known.planned_for = row.kind, row.reason, row.planned_for
        known.entered_by, known.entered_at = row.entered_by, now
        known.struck_off_at, known.struck_off_by, known.struck_off_reason = None, None, ""
        known.version += 1
        return known


def _require_keeper(who: Principal) -> None:
    if _KEEPERS.isdisjoint(who.roles):
        raise SupervisionActorError("Supervisors and dispatchers keep the ledger.")
