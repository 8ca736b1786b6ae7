"""The entry that answers a request: a new draft from its question and proposal, or a revision of one that is there."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.service import Audit
from crm.knowledge import repository as entries
from crm.knowledge.content import MOST_OF_ANSWER, MOST_OF_DETAILS, KnowledgeContent
from crm.knowledge.models import KnowledgeKind
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.schemas import EntryDraft, RevisionSave, RevisionStart
from crm.knowledge.service import KnowledgeService
from crm.knowledge.state import RevisionState
from crm.knowledge_requests.errors import KnowledgeRequestEntryError
from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.units import repository as units
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

_TITLE = 100
_KINDS = {KnowledgeRequestKind.POLICY: KnowledgeKind.LAW_AND_POLICY}


def prefilled(request: KnowledgeRequest, *, unit: str) -> KnowledgeContent:
    """The first draft of the entry: the question's first line is its title. Pure."""
    return KnowledgeContent(
        title=" ".join(request.question.strip().splitlines()[0].split())[:_TITLE],
        kind=_KINDS.get(KnowledgeRequestKind(request.kind), KnowledgeKind.QUESTION_AND_ANSWER),
        answer=request.proposal,
        issuing_body=unit,
    )


def amended(content: KnowledgeContent, proposal: str) -> KnowledgeContent:
    """The entry with the proposal after its answer, or after its details where the answer has no room; without
    room in either, as it is. Pure.
    """
    if not proposal or proposal in content.answer:
        return content
    answer = f"{content.answer}\n{proposal}".strip()
    if len(answer) <= MOST_OF_ANSWER:
        return content.model_copy(update={"answer": answer})
    details = f"{content.details}\n\n{proposal}".strip()
    return content.model_copy(update={"details": details}) if len(details) <= MOST_OF_DETAILS else content


class RequestDrafts:
    """Works in the caller's transaction."""

    def __init__(self, knowledge: KnowledgeService, reading: KnowledgeReading) -> None:
        self._knowledge = knowledge
        self._reading = reading

    async def draft_for(
        self, db: AsyncSession, request: KnowledgeRequest, entry_id: str | None, *, who: Principal, audit: Audit
    ) -> str:
        """The id of the entry. Raises KnowledgeRequestEntryError, and as the service of the knowledge base."""
        reader = await self._reading.reader_of(db, who)
        known = await entries.entry(db, entry_id, reader, lock=True) if entry_id else None
        if known is None:
            named = (await units.named(db, [request.unit_id])).get(request.unit_id) if request.unit_id else None
            content = prefilled(request, unit=named.name if named else "")
            draft = EntryDraft(id=entry_id or uuid7(), unit_id=request.unit_id, content=content)
            await self._knowledge.create(db, draft, who=who, audit=audit)
            return draft.id
        if not reader.writes_for(known.unit_id):
            raise KnowledgeRequestEntryError("Choose an entry of your own unit, or of one below it.")
        if known.revision_state == RevisionState.NONE:
            await self._knowledge.revise(db, known.id, RevisionStart(version=known.version), who=who, audit=audit)
            if request.kind == KnowledgeRequestKind.AMENDMENT:
                content = amended(KnowledgeContent.model_validate(known.revision), request.proposal)
                save = RevisionSave(version=known.version, content=content)
                await self._knowledge.save(db, known.id, save, who=who, audit=audit)
        return known.id
