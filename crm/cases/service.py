"""Cases: written as drafts while the caller speaks, then moved along the table of `state`."""

from __future__ import annotations

from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.audited import TEXTS, audited_fields
from crm.cases.checks import CaseChecks
from crm.cases.errors import (
    CallNotYoursError,
    CaseHiddenError,
    CaseNotEditableError,
    CaseNotYoursError,
    CaseVersionConflictError,
)
from crm.cases.models import Case, CaseCall, CaseStep
from crm.cases.numbering import next_number
from crm.cases.schemas import CaseChange, CaseDraft
from crm.cases.state import EDITABLE, CaseState
from crm.cases.viewers import viewer_of
from crm.cases.visibility import Viewer, is_staff, may_edit
from crm.ports import CallHistory
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

REVIEWABLE = frozenset({CaseState.PENDING_REVIEW, CaseState.PENDING_DISPATCH})
_REVIEWERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR})


class Audit(Protocol):
    """Writes to the audit log in the transaction of the request."""

    async def __call__(self, action: str, target: str, **detail: Any) -> None: ...


class CaseService:
    """Each method works in the caller's transaction.

    Commands raise NotFoundError for an unknown case, and CaseNotYoursError for whoever may not write it.
    """

    def __init__(self, clock: Clock, checks: CaseChecks, calls: CallHistory, zone: ZoneInfo) -> None:
        self._clock = clock
        self._calls = calls
        self._checks = checks
        self._zone = zone

    async def open(self, db: AsyncSession, draft: CaseDraft, *, who: Principal) -> Case:
        """A new draft; the same one again for the same `draft.id`."""
        if not is_staff(who):
            raise ForbiddenError("Only the hotline's own staff open cases.")
        if draft.id is not None and (known := await repository.case(db, draft.id)) is not None:
            return _own(known, who)
        try:
            async with db.begin_nested():
                row = await self._new(db, draft, who)
        except IntegrityError as error:
            known = await repository.case(db, draft.id) if draft.id is not None and is_duplicate(error) else None
            if known is None:
                raise
            return _own(known, who)  # The same request, sent at the same moment, was faster.
        if draft.call_id is not None:
            await self._link(db, row, draft.call_id, who)
        return row

    async def _new(self, db: AsyncSession, draft: CaseDraft, who: Principal) -> Case:
        now = self._clock.now()
        row = Case(
            id=draft.id or uuid7(),
            number=await next_number(db, now.astimezone(self._zone).date()),
            state=CaseState.DRAFT,
            version=1,
            created_by=who.user_id,
            created_at=now,
            updated_at=now,
            **draft.model_dump(exclude={"id", "call_id"}),
        )
        await self._checks.require_caller(db, row)
        await self._checks.require_unit(db, row)
        await self._checks.require_item(db, row.item_id)
        db.add(row)
        await db.flush()
        return row

    async def read(
        self, db: AsyncSession, case_id: str, *, who: Principal, viewer: Viewer | None = None, lock: bool = False
    ) -> Case:
        """The case; with `lock` its row is kept until the transaction ends. Raises CaseHiddenError."""
        row = await self._load(db, case_id, lock=lock)
        viewer = viewer or await viewer_of(db, who)
        assigned = () if viewer.staff else await repository.assigned_units(db, row.id)
        if not viewer.may_view(row, assigned, await repository.is_recused(db, row.id, who.user_id)):
            raise CaseHiddenError(
                "A confidential case is for whoever wrote it and for those entrusted with such cases; a unit sees the "
                "cases assigned to it."
            )
        return row

    async def save(self, db: AsyncSession, case_id: str, change: CaseChange, *, who: Principal, audit: Audit) -> Case:
        """Take `change` into the draft, which grows its version; the same change sent again does nothing."""
        row = await self._editable(db, case_id, who)
        given = change.model_dump(exclude_unset=True, exclude={"version"})
        changed = {field: value for field, value in given.items() if getattr(row, field) != value}
        if not changed:
            return row
        if change.version != row.version:
            raise CaseVersionConflictError(
                f"It is at version {row.version}, not {change.version}; load it and merge.",
                version=row.version,
                changes=await repository.changes_since(db, row.id, change.version),
            )
        before = {field: getattr(row, field) for field in changed}
        was_confidential = row.confidential
        for field, value in changed.items():
            setattr(row, field, value)
        await _audit_edit(audit, row, before, was_confidential=was_confidential, who=who)
        if not changed.keys().isdisjoint(("enterprise_id", "contact_id")):
            await self._checks.require_caller(db, row)
        if "unit_complained_of_id" in changed:
            await self._checks.require_unit(db, row)
        if "item_id" in changed:
            await self._checks.require_item(db, row.item_id)
        row.version += 1
        row.updated_at = self._clock.now()
        if row.state != CaseState.DRAFT:
            db.add(self._edit_step(row, before, who))
        return row

    async def link_call(self, db: AsyncSession, case_id: str, call_id: str, *, who: Principal, audit: Audit) -> Case:
        """Link this call to this case; safe to repeat. Raises CallNotYoursError for another agent's call."""
        row = await self.read(db, case_id, who=who, lock=True)
        if await self._link(db, row, call_id, who):
            await audit("case.link_call", row.id, call_id=call_id)
        return row

    async def _link(self, db: AsyncSession, row: Case, call_id: str, who: Principal) -> bool:
        """Whether it was not linked yet."""
        if await db.get(CaseCall, (row.id, call_id)) is not None:
            return False
        if not await self._calls.known_to(db, call_id, who):
            raise CallNotYoursError("Link a call that rang at your phone, or ask a supervisor to link this one.")
        try:
            async with db.begin_nested():
                db.add(CaseCall(case_id=row.id, call_id=call_id, linked_at=self._clock.now()))
        except IntegrityError as error:
            if is_duplicate(error):
                return False  # The same request, sent at the same moment, was faster.
            raise
        return True

    async def _load(self, db: AsyncSession, case_id: str, *, lock: bool = False) -> Case:
        row = await repository.case(db, case_id, lock=lock)
        if row is None:
            raise NotFoundError("No case has this id.")
        return row

    async def _editable(self, db: AsyncSession, case_id: str, who: Principal) -> Case:
        """The locked case, which its agent writes until it is submitted, and a reviewer until it is dispatched."""
        row = await self._load(db, case_id, lock=True)
        if await repository.is_recused(db, row.id, who.user_id):
            raise CaseHiddenError("Whoever stepped aside from a case neither sees nor changes it.")
        by_reviewer = row.state in REVIEWABLE and not _REVIEWERS.isdisjoint(who.roles)
        if not by_reviewer and not may_edit(who, row):
            raise CaseNotYoursError("Ask the agent who opened it, or a supervisor.")
        if not by_reviewer and row.state not in EDITABLE:
            raise CaseNotEditableError(f"It is {row.state}; only a draft, or a case sent back for information, is.")
        return row

    def _edit_step(self, row: Case, before: dict[str, Any], who: Principal) -> CaseStep:
        """What was changed after the case had left its agent, with before and after, for its history."""
        after = {field: getattr(row, field) for field in before}
        secret = row.confidential
        detail = {
            "before": audited_fields(before, confidential=secret),
            "after": audited_fields(after, confidential=secret),
        }
        return CaseStep(
            id=uuid7(),
            case_id=row.id,
            version=row.version,
            at=row.updated_at,
            by=who.user_id,
            action="edit",
            source=row.state,
            target=row.state,
            detail=detail,
        )


async def _audit_edit(
    audit: Audit, row: Case, before: dict[str, Any], *, was_confidential: bool, who: Principal
) -> None:
    """A writer's own draft is saved at every pause of the typing: its texts are on record when it is submitted."""
    typing = row.state == CaseState.DRAFT and row.created_by == who.user_id
    seen = {field: value for field, value in before.items() if not (typing and field in TEXTS)}
    after = {field: getattr(row, field) for field in seen}
    secret = was_confidential or row.confidential
    if seen:
        await audit(
            "case.edit",
            row.id,
            before=audited_fields(seen, confidential=secret),
            after=audited_fields(after, confidential=secret),
        )
    if was_confidential and not row.confidential:
        await audit("case.unset_confidential", row.id)


def _own(known: Case, who: Principal) -> Case:
    if known.created_by != who.user_id:
        raise ConflictError("Another case has this id; create a new one.")
    return known
