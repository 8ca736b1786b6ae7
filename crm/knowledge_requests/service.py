"""What is asked of units about the knowledge base, and what they do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.opening import ReadableCases
from crm.cases.service import Audit
from crm.knowledge import repository as entries
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.state import KnowledgeState
from crm.knowledge_requests import repository
from crm.knowledge_requests.drafting import RequestDrafts
from crm.knowledge_requests.errors import (
    KnowledgeRequestActorError,
    KnowledgeRequestEntryError,
    KnowledgeRequestRefusedError,
    KnowledgeRequestTransitionError,
    KnowledgeRequestUnitError,
    KnowledgeRequestVersionError,
)
from crm.knowledge_requests.guards import MAKERS, refused_by, request_actors
from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.notices import after_step, for_the_unit, overdue_notice
from crm.knowledge_requests.schemas import KnowledgeRequestDraft, KnowledgeRequestStep
from crm.knowledge_requests.state import (
    REASON_ASKED,
    KnowledgeRequestAction,
    KnowledgeRequestMove,
    KnowledgeRequestOutcome,
    KnowledgeRequestState,
    request_move,
)
from crm.units import repository as units
from hotline.accounts.masking import mask_numbers_in
from hotline.calendars.current import Calendars
from hotline.calendars.seed import OFFICE
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.jobs import JobContext
from hotline.kernel.workcalendar import WorkTime
from hotline.notices.service import NoticeService

REQUESTS_SWEEP = "knowledge_requests.sweep"
REQUESTS_EVERY = timedelta(minutes=1)
_AT_ONCE = 100


class KnowledgeRequests:
    """Each method works in the caller's transaction. A follower of the knowledge base's publications."""

    def __init__(
        self,
        clock: Clock,
        reading: KnowledgeReading,
        drafts: RequestDrafts,
        cases: ReadableCases,
        notices: NoticeService,
        calendars: Callable[[], Calendars],
        *,
        days: Mapping[KnowledgeRequestKind, int],
    ) -> None:
        """`days`: working days that a unit has for each kind."""
        self._clock = clock
        self._reading = reading
        self._drafts = drafts
        self._cases = cases
        self._notices = notices
        self._calendars = calendars
        self._days = days

    async def make(self, db: AsyncSession, draft: KnowledgeRequestDraft, *, who: Principal, audit: Audit) -> None:
        """The same again for a draft sent twice. Raises the errors of actor, unit and entry, and as reading a case."""
        if MAKERS.isdisjoint(who.roles):
            raise KnowledgeRequestActorError("The hotline's staff and its knowledge editors make requests.")
        if (known := await repository.request_of_id(db, draft.id)) is not None:
            return _require_same_request(known, who)
        unit_id = await self._addressed(db, draft, await self._reading.reader_of(db, who))
        if draft.case_id is not None:
            await self._cases.read(db, draft.case_id, who=who)
        now, days = self._clock.now(), self._days[draft.kind]
        row = KnowledgeRequest(
            id=draft.id,
            kind=draft.kind,
            unit_id=unit_id,
            state=KnowledgeRequestState.OPEN,
            version=1,
            question=mask_numbers_in(draft.question),
            proposal=mask_numbers_in(draft.proposal),
            entry_id=draft.entry_id,
            entry_number=draft.entry_number,
            case_id=draft.case_id,
            days=days,
            due_from=now,
            due_at=self._due(now, days),
            reason="",
            made_by=who.user_id,
            made_at=now,
            updated_at=now,
        )
        try:
            async with db.begin_nested():
                db.add(row)
                await db.flush()
        except IntegrityError as error:
            known = await repository.request_of_id(db, draft.id) if is_duplicate(error) else None
            if known is None:
                raise
            return _require_same_request(known, who)
        if draft.miss_id is not None:
            await repository.forget_miss(db, draft.miss_id)
        made = {"kind": row.kind, "unit_id": unit_id, "entry_id": row.entry_id, "case_id": row.case_id}
        await audit("knowledge_request.make", row.id, after=made)
        await self._notices.notify(db, for_the_unit(row, by=who.user_id))

    async def act(
        self,
        db: AsyncSession,
        request_id: str,
        action: KnowledgeRequestAction,
        step: KnowledgeRequestStep,
        *,
        who: Principal,
        audit: Audit,
    ) -> None:
        """Raises NotFoundError, and the errors of version, table, actor, guards, unit and entry."""
        if action in REASON_ASKED and not step.reason:
            raise InvalidInputError("Say in `reason` why.")
        reader = await self._reading.reader_of(db, who)
        row, move = await self._begin(db, request_id, action, step, reader)
        before = {"state": row.state, "unit_id": row.unit_id, "answer_id": row.answer_id}
        match action:
            case KnowledgeRequestAction.TAKE:
                row.taken_by, row.answer_id = who.user_id, None
            case KnowledgeRequestAction.PASS_ON:
                row.unit_id, row.taken_by = await self._unit_in_use(db, step.unit_id), None
                row.answer_id = None
                row.due_from, row.alerted_at = self._clock.now(), None
                row.due_at = self._due(row.due_from, row.days)
            case KnowledgeRequestAction.DECLINE:
                row.declined_by = who.user_id
            case KnowledgeRequestAction.REFUSE:
                row.taken_by = None
            case KnowledgeRequestAction.REFER:
                row.answer_id = (await self._published(db, step.entry_id)).id
            case KnowledgeRequestAction.ANSWER:
                row.answer_id = await self._drafts.draft_for(db, row, step.entry_id, who=who, audit=audit)
        row.reason = step.reason or ""
        await self._finish(db, row, move.target, move.outcome, by=who.user_id)
        after = {"state": row.state, "unit_id": row.unit_id, "answer_id": row.answer_id}
        await audit(f"knowledge_request.{action.value}", row.id, before=before, after=after, reason=step.reason)

    async def published(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None:
        """An entry was published: it closes the requests that it answers, and their makers are notified."""
        for row in await repository.answered_by(db, entry.id):
            row.reason = ""
            await self._finish(
                db, row, KnowledgeRequestState.CLOSED, KnowledgeRequestOutcome.PUBLISHED, by=by, title=entry.title
            )

    async def discarded(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None:
        """A draft was given up: the requests that it was to answer wait for their units again."""
        for row in await repository.answered_by(db, entry.id):
            row.reason, row.answer_id, row.taken_by = "", None, None
            await self._finish(db, row, KnowledgeRequestState.OPEN, None, by=by)

    async def sweep(self, ctx: JobContext) -> None:
        """Notify of those that are overdue, each once."""
        while True:
            async with ctx.database.transaction() as db:
                rows = await repository.overdue(db, now=self._clock.now(), most=_AT_ONCE)
                names = await units.named(db, {row.unit_id for row in rows if row.unit_id})
                for row in rows:
                    unit = names.get(row.unit_id or "")
                    await self._notices.notify(db, overdue_notice(row, unit=unit.name if unit else ""))
                    row.alerted_at = self._clock.now()
                await db.flush()
            if len(rows) < _AT_ONCE:
                return

    def _due(self, since: datetime, days: int) -> datetime:
        return self._calendars().calendar(OFFICE).add(since, WorkTime(days=days)).at

    async def _begin(
        self,
        db: AsyncSession,
        request_id: str,
        action: KnowledgeRequestAction,
        step: KnowledgeRequestStep,
        reader: KnowledgeReader,
    ) -> tuple[KnowledgeRequest, KnowledgeRequestMove]:
        row = await repository.request(db, request_id, reader, lock=True)
        if row is None:
            raise NotFoundError("There is no such request, or it is another unit's.")
        if row.version != step.version:
            raise KnowledgeRequestVersionError(
                f"It is at version {row.version}, not {step.version}: load it again.", version=row.version
            )
        move = request_move(KnowledgeRequestState(row.state), action)
        if move is None:
            raise KnowledgeRequestTransitionError(
                f"A request that is {row.state} cannot take the action {action.value}; load it again.",
                state=row.state,
                action=action.value,
            )
        if move.by not in request_actors(row, reader):
            raise KnowledgeRequestActorError(f"That is for the {move.by.value}.")
        if refused := refused_by(move, row, reader):
            raise KnowledgeRequestRefusedError(refused[1], action=action.value, reason=refused[0].value)
        return row, move

    async def _finish(
        self,
        db: AsyncSession,
        row: KnowledgeRequest,
        target: KnowledgeRequestState,
        outcome: KnowledgeRequestOutcome | None,
        *,
        by: str,
        title: str = "",
    ) -> None:
        now = self._clock.now()
        fresh = row.state != target or row.state == KnowledgeRequestState.OPEN
        row.state, row.outcome = target, outcome
        row.closed_at = now if target is KnowledgeRequestState.CLOSED else None
        row.version += 1
        row.updated_at = now
        await db.flush()
        if not fresh:
            return
        if row.answer_id and not title and outcome is not None:
            entry = await entries.entry_of_id(db, row.answer_id)
            title = entry.title if entry else ""
        named = (await units.named(db, [row.unit_id])).get(row.unit_id) if row.unit_id else None
        notice = after_step(row, by=by, unit=named.name if named else "", title=title)
        if notice is not None:
            await self._notices.notify(db, notice)

    async def _addressed(self, db: AsyncSession, draft: KnowledgeRequestDraft, reader: KnowledgeReader) -> str | None:
        """The unit that it goes to. Raises KnowledgeRequestEntryError, KnowledgeRequestUnitError."""
        if draft.entry_id is not None:
            entry = await entries.entry(db, draft.entry_id, reader)
            if entry is None:
                raise KnowledgeRequestEntryError("There is no such entry.")
            if draft.entry_number is not None and not await entries.version(db, entry.id, draft.entry_number):
                raise KnowledgeRequestEntryError("The entry has no version of this number.")
            if draft.unit_id is None:
                active = entry.unit_id is not None and await self._reading.unit_active(db, entry.unit_id)
                return entry.unit_id if active else None
        return None if draft.unit_id is None else await self._unit_in_use(db, draft.unit_id)

    async def _unit_in_use(self, db: AsyncSession, unit_id: str | None) -> str:
        if unit_id is None or not await self._reading.unit_active(db, unit_id):
            raise KnowledgeRequestUnitError("Choose a unit that is in use.")
        return unit_id

    async def _published(self, db: AsyncSession, entry_id: str | None) -> KnowledgeEntry:
        entry = await entries.entry_of_id(db, entry_id) if entry_id else None
        if entry is None or entry.state != KnowledgeState.PUBLISHED:
            raise KnowledgeRequestEntryError("Choose an entry that is published.")
        return entry


def _require_same_request(known: KnowledgeRequest, who: Principal) -> None:
    if known.made_by != who.user_id:
        raise ConflictError("Another request has this id; make a new one.")
