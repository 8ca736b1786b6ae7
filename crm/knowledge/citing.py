"""Cases that are answered from the knowledge base: what may be cited, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.details.intake import DirectAnswer
from crm.cases.followers import Moved
from crm.knowledge import citing_repository as repository
from crm.knowledge.models import AnswerScope, KnowledgeCitation
from crm.ports import CitableKnowledge
from hotline.kernel.ids import uuid7


class KnowledgeCiting:
    """Cases' `KnowledgeBook`, and their follower: a citation stands in the transaction that closes the case."""

    async def citable(
        self, db: AsyncSession, wanted: Collection[tuple[str, int]]
    ) -> Mapping[tuple[str, int], CitableKnowledge]:
        found = await repository.citable(db, wanted)
        return {
            key: CitableKnowledge(
                title=str(version.content["title"]), for_agents=version.content["scope"] != AnswerScope.SPECIALIST
            )
            for key, version in found.items()
        }

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        if not isinstance(moved.detail, DirectAnswer) or not moved.detail.knowledge:
            return
        wanted = [(one.entry_id, one.number) for one in moved.detail.knowledge]
        versions = await repository.citable(db, wanted)
        rows = [
            KnowledgeCitation(
                id=uuid7(),
                case_id=moved.case.id,
                entry_id=versions[key].entry_id,
                version_id=versions[key].id,
                cited_by=moved.step.by,
                cited_at=moved.step.at,
            )
            for key in dict.fromkeys(wanted)
        ]
        await repository.cite(db, rows)
