"""Cases: written as drafts while the caller speaks, then moved along the table of `state`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.audited import TEXTS, audited_fields
from crm.cases.checks import CaseChecks
from crm.cases.errors import (
    CallNotYoursError,
    CaseHiddenError,
    CaseIncompleteError,
    CaseNotEditableError,
    CaseNotYoursError,
    CaseVersionConflictError,
)
from crm.cases.events import (
    CaseClosedDirectly,
    CaseDrafted,
    CaseLinkedToCall,
    CaseMoved,
    CaseNotAccepted,
    CaseOpened,
    CaseSubmitted,
    CaseTransferredToEmergency,
)
from crm.cases.models import Case, CaseCall, CaseStep
from crm.cases.numbering import next_number
from crm.cases.schemas import CaseChange, CaseDraft, CaseView, DirectAnswer, EmergencyTransfer, NotAccepted, case_view
from crm.cases.state import EDITABLE, CaseAction, CaseState, advance
from crm.cases.visibility import is_staff, may_edit, may_view
from crm.enterprises import repository as enterprises
from crm.enterprises.numbers import NumberPlan
from crm.ports import CallHistory
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.kernel.events import Event
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

log = structlog.get_logger(__name__)
Emit = Callable[[Event], None]


class Audit(Protocol):
    """Writes to the audit log in the transaction of the request."""

    async def __call__(self, action: str, target: str, **detail: Any) -> None: ...


class CaseService:
    """Each method works in the caller's transaction and emits its events, to be published after the commit.

    Commands raise NotFoundError for an unknown case, and CaseNotYoursError for whoever may not write it.
    """

    def __init__(self, clock: Clock, plan: NumberPlan, calls: CallHistory, zone: ZoneInfo) -> None:
        self._clock = clock
        self._plan = plan
        self._calls = calls
        self._checks = CaseChecks(plan, calls)
        self._zone = zone

    async def open(self, db: AsyncSession, draft: CaseDraft, *, who: Principal, emit: Emit) -> Case:
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
        emit(
            CaseOpened(
                at=row.created_at, call_id=draft.call_id or "", case_id=row.id, number=row.number, by=who.user_id
            )
        )
        if draft.call_id is not None:
            await self.link_call(db, row.id, draft.call_id, who=who, emit=emit)
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
        db.add(row)
        await db.flush()
        return row

    async def read(self, db: AsyncSession, case_id: str, *, who: Principal) -> Case:
        """Raises CaseHiddenError for whoever may not open it. The caller audits the view of a confidential one."""
        row = await self._load(db, case_id)
        if not may_view(who, row):
            raise CaseHiddenError("Ask a supervisor, who can open it.")
        return row

    async def view(self, db: AsyncSession, row: Case, *, who: Principal) -> CaseView:
        """`row` with its calls, its history, and what it still lacks."""
        calls = await repository.call_ids(db, row.id)
        names = await enterprises.names(db, [row.enterprise_id] if row.enterprise_id else [])
        return case_view(
            row,
            enterprise_name=names.get(row.enterprise_id or ""),
            created_by_name=await repository.writer_name(db, row.created_by),
            call_ids=calls,
            steps=await repository.steps(db, row.id),
            missing=await self._checks.missing(db, row, calls) if row.state in EDITABLE else (),
            reveal=row.created_by == who.user_id,
        )

    async def save(
        self, db: AsyncSession, case_id: str, change: CaseChange, *, who: Principal, emit: Emit, audit: Audit
    ) -> Case:
        """Take `change` into the draft, which grows its version; the same change sent again does nothing."""
        row = await self._writable(db, case_id, who)
        if row.state not in EDITABLE:
            raise CaseNotEditableError(f"It is {row.state}; only a draft, or a case sent back for information, is.")
        given = change.model_dump(exclude_unset=True, exclude={"version"})
        changed = {field: value for field, value in given.items() if getattr(row, field) != value}
        if not changed:
            return row
        if change.version != row.version:
            raise CaseVersionConflictError(
                f"It is at version {row.version}, not {change.version}; load it and merge.", version=row.version
            )
        before = {field: getattr(row, field) for field in changed}
        was_confidential = row.confidential
        for field, value in changed.items():
            setattr(row, field, value)
        await _audit_edit(audit, row, before, was_confidential=was_confidential, who=who)
        if not changed.keys().isdisjoint(("enterprise_id", "contact_id")):
            await self._checks.require_caller(db, row)
        row.version += 1
        row.updated_at = self._clock.now()
        fields = tuple(sorted(changed))
        emit(CaseDrafted(at=row.updated_at, case_id=row.id, version=row.version, fields=fields, by=who.user_id))
        return row

    async def link_call(self, db: AsyncSession, case_id: str, call_id: str, *, who: Principal, emit: Emit) -> Case:
        """Note that this call was about this case; safe to repeat. Raises CallNotYoursError for a stranger's call."""
        row = await self.read(db, case_id, who=who)
        if await db.get(CaseCall, (case_id, call_id)) is None:
            if not await self._calls.known_to(db, call_id, who):
                raise CallNotYoursError("Link a call that rang at your phone, or ask a supervisor to link this one.")
            now = self._clock.now()
            try:
                async with db.begin_nested():
                    db.add(CaseCall(case_id=case_id, call_id=call_id, linked_at=now))
            except IntegrityError as error:
                if is_duplicate(error):
                    return row  # The same request, sent at the same moment, was faster.
                raise
            emit(CaseLinkedToCall(at=now, call_id=call_id, case_id=case_id, by=who.user_id))
        return row

    async def submit(self, db: AsyncSession, case_id: str, *, who: Principal, emit: Emit, audit: Audit) -> Case:
        """Hand a complete draft, or one completed on request, to review. Raises CaseIncompleteError."""
        row = await self._writable(db, case_id, who)
        action = CaseAction.GIVE_INFO if row.state == CaseState.NEED_INFO else CaseAction.SUBMIT
        advance(CaseState(row.state), action)
        if lacking := await self._checks.missing(db, row, await repository.call_ids(db, row.id)):
            raise CaseIncompleteError(f"Fill in: {', '.join(lacking)}.", missing=list(lacking))
        if row.callback_number:
            row.callback_number = self._plan.require(row.callback_number)
        fields = {field: getattr(row, field) for field in CaseChange.model_fields if field != "version"}
        await audit("case.submit", row.id, after=audited_fields(fields, confidential=row.confidential))
        self._move(db, row, action, CaseSubmitted, who=who, emit=emit)
        return row

    async def not_accept(
        self, db: AsyncSession, case_id: str, body: NotAccepted, *, who: Principal, emit: Emit
    ) -> Case:
        """End a draft for one of the standard's reasons, explained to the caller."""
        row = await self._writable(db, case_id, who)
        detail = body.model_dump(mode="json")
        self._move(
            db, row, CaseAction.NOT_ACCEPT, CaseNotAccepted, who=who, emit=emit, detail=detail, reason=body.reason
        )
        return row

    async def transfer_to_emergency(
        self, db: AsyncSession, case_id: str, body: EmergencyTransfer, *, who: Principal, emit: Emit
    ) -> Case:
        """End a draft that 110, 119, 120 or 122 takes over; it needs no other field."""
        row = await self._writable(db, case_id, who)
        self._move(
            db,
            row,
            CaseAction.TRANSFER_EMERGENCY,
            CaseTransferredToEmergency,
            who=who,
            emit=emit,
            detail=body.model_dump(mode="json"),
            service=body.service,
        )
        return row

    async def close_directly(
        self, db: AsyncSession, case_id: str, body: DirectAnswer, *, who: Principal, emit: Emit
    ) -> Case:
        """End a draft that was answered on a three-way call of its own. Raises AnswerNotCitedError."""
        row = await self._writable(db, case_id, who)
        advance(CaseState(row.state), CaseAction.CLOSE_DIRECT)
        await self._checks.require_citation(db, await repository.call_ids(db, row.id), body)
        detail = body.model_dump(mode="json", exclude={"article_ids"})
        self._move(db, row, CaseAction.CLOSE_DIRECT, CaseClosedDirectly, who=who, emit=emit, detail=detail)
        return row

    async def _load(self, db: AsyncSession, case_id: str, *, lock: bool = False) -> Case:
        row = await repository.case(db, case_id, lock=lock)
        if row is None:
            raise NotFoundError("No case has this id.")
        return row

    async def _writable(self, db: AsyncSession, case_id: str, who: Principal) -> Case:
        row = await self._load(db, case_id, lock=True)
        if not may_edit(who, row):
            raise CaseNotYoursError("Ask the agent who opened it, or a supervisor.")
        return row

    def _move(
        self,
        db: AsyncSession,
        row: Case,
        action: CaseAction,
        event: type[CaseMoved],
        *,
        who: Principal,
        emit: Emit,
        detail: dict[str, Any] | None = None,
        **details: Any,
    ) -> None:
        """The one place where a case changes its state: checked, written to its history, logged and published."""
        source, target = CaseState(row.state), advance(CaseState(row.state), action).target
        now = self._clock.now()
        db.add(
            CaseStep(
                id=uuid7(),
                case_id=row.id,
                at=now,
                by=who.user_id,
                action=action,
                source=source,
                target=target,
                detail=detail or {},
            )
        )
        row.state = target
        row.version += 1
        row.updated_at = now
        log.info("case state changed", case_id=row.id, action=action.value, source=source.value, target=target.value)
        emit(
            event(
                at=now,
                case_id=row.id,
                action=action.value,
                source=source.value,
                target=target.value,
                by=who.user_id,
                **{name: str(value) for name, value in details.items()},
            )
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
