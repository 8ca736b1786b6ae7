"""What is said about the knowledge base when a consult case is closed becomes a request, and is kept with the case."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.details.closing import Closing
from crm.cases.details.follow_up import FollowUpNeed, KnowledgeFollowUp
from crm.cases.details.intake import DirectAnswer
from crm.cases.followers import Moved
from crm.cases.models import Case, CaseType
from crm.knowledge.content import MOST_OF_ANSWER
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge_requests.errors import FollowUpRefusedError
from crm.knowledge_requests.models import CaseFollowUp, KnowledgeRequestKind
from crm.knowledge_requests.schemas import KnowledgeRequestDraft
from crm.knowledge_requests.service import KnowledgeRequests
from crm.ports import CallHistory
from crm.units import repository as units
from hotline.kernel.clock import Clock
from hotline.kernel.http import AuditRecord, AuditTrail, Principal
from hotline.kernel.ids import uuid7


class CaseFollowUps:
    """A follower of cases: the request stands in the transaction that closes the case."""

    def __init__(
        self,
        clock: Clock,
        requests: KnowledgeRequests,
        reading: KnowledgeReading,
        calls: CallHistory,
        trail: AuditTrail,
    ) -> None:
        self._clock = clock
        self._requests = requests
        self._reading = reading
        self._calls = calls
        self._trail = trail

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        """Raises FollowUpRefusedError, KnowledgeRequestEntryError."""
        detail = moved.detail
        if not isinstance(detail, Closing | DirectAnswer) or (said := detail.follow_up) is None:
            return
        case, who = moved.case, moved.before.viewer.who
        if case.type != CaseType.CONSULT:
            raise FollowUpRefusedError("Only a consult case says whether the knowledge base needs an entry.")
        request_id = None
        if said.need is not FollowUpNeed.NONE:
            draft = await self._draft(db, case, detail, said)
            await self._requests.make(db, draft, who=who, audit=_Audit(db, self._trail, who))
            request_id = draft.id
            # The record of the case leads to it.
            followed = {**moved.step.detail.get("follow_up", {}), "request_id": request_id}
            moved.step.detail = {**moved.step.detail, "follow_up": followed}
        # The answer of an earlier closing is replaced.
        await db.merge(
            CaseFollowUp(case_id=case.id, need=said.need, request_id=request_id, by=who.user_id, at=self._clock.now())
        )
        await db.flush()

    async def _draft(
        self, db: AsyncSession, case: Case, detail: Closing | DirectAnswer, said: KnowledgeFollowUp
    ) -> KnowledgeRequestDraft:
        amends = said.need is FollowUpNeed.AMEND
        answer = ""
        # What a confidential case was answered stays with it, unless somebody writes it for the entry.
        if isinstance(detail, DirectAnswer) and not case.confidential:
            answer = detail.answer[:MOST_OF_ANSWER]
        return KnowledgeRequestDraft(
            id=uuid7(),
            kind=KnowledgeRequestKind.AMENDMENT if amends else KnowledgeRequestKind.GAP,
            unit_id=None if amends else await self._unit(db, case, detail),
            question=said.question,
            proposal=said.proposal or answer,
            entry_id=said.entry_id if amends else None,
            entry_number=said.entry_number if amends else None,
            case_id=case.id,
        )

    async def _unit(self, db: AsyncSession, case: Case, detail: Closing | DirectAnswer) -> str | None:
        """Of those who answered; None where it is not known or not in use any more."""
        unit_id = case.lead_unit_id
        if isinstance(detail, DirectAnswer) and detail.three_way_call_id is not None:
            spoke = await self._calls.specialists_of(db, detail.three_way_call_id)
            specialist = await units.specialist(db, spoke[-1]) if spoke else None
            unit_id = specialist.unit_id if specialist else None
        return unit_id if unit_id and await self._reading.unit_active(db, unit_id) else None


class _Audit:
    def __init__(self, db: AsyncSession, trail: AuditTrail, who: Principal) -> None:
        self._db = db
        self._trail = trail
        self._who = who

    async def __call__(self, action: str, target: str, **detail: Any) -> None:
        who = self._who
        record = AuditRecord(
            user_id=who.user_id, username=who.username, action=action, target=target, address="", detail=detail
        )
        await self._trail.record(self._db, record)
