"""By which tokens entries are found: those of what is published, else of the revision."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.enterprises.names import full_pinyin, initials
from crm.knowledge.content import KnowledgeContent
from hotline.kernel.db import Base
from hotline.kernel.search import Alternatives, SearchDocument, SearchTerm, index_rows, keep_indexed
from hotline.kernel.search_tokens import character_pairs, part_tokens

_LONGEST = 12
"""Letters of a pinyin token: what is typed beyond them is not compared."""
_DETAILS = 5000
"""Characters of the details that are indexed."""


class KnowledgeSearch(SearchDocument, Base):
    __tablename__ = "knowledge_search"

    subject_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("knowledge_entry.id", ondelete="CASCADE"), unique=True
    )


keep_indexed(KnowledgeSearch)


def knowledge_tokens(content: KnowledgeContent) -> set[str]:
    """Parts of every text; the title's initials and pinyin from each of their letters on. Pure."""
    texts = (
        *(content.title, content.title_en, content.answer, content.answer_en, content.details[:_DETAILS]),
        *(content.issuing_body, content.document_number, content.region),
        *(*content.keywords, *content.synonyms, *content.industries),
    )
    tokens = {token for text in texts for token in character_pairs(text)}
    for reading in (*initials(content.title).split(), *full_pinyin(content.title).split()):
        tokens |= {reading[at : at + _LONGEST] for at in range(len(reading))}
    return tokens


def word_alternatives(word: str) -> Alternatives:
    """What an entry has among its tokens if `word` is part of what it says, or of the pinyin of its title."""
    terms = [SearchTerm(token[:_LONGEST], begins) for token, begins in part_tokens(word)]
    return [terms] if terms else []


async def index_entry(db: AsyncSession, entry_id: str, content: KnowledgeContent) -> None:
    """In the transaction of the change."""
    await index_entries(db, [(entry_id, content)])


async def index_entries(db: AsyncSession, contents: Sequence[tuple[str, KnowledgeContent]]) -> None:
    rows = [(entry_id, knowledge_tokens(content)) for entry_id, content in contents]
    await (await db.connection()).run_sync(index_rows, KnowledgeSearch, rows)
