"""By which tokens cases are found: their title, content and demand."""

from __future__ import annotations

from sqlalchemy import Connection, ForeignKey, String, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from crm.cases.models import Case
from hotline.kernel.db import Base
from hotline.kernel.search import Alternatives, SearchDocument, SearchTerm, index_rows, keep_indexed
from hotline.kernel.search_tokens import character_pairs, part_tokens
from hotline.kernel.words import plain

_SOURCES = ("title", "content", "demand")
_NUMBER = "ª"
"""Before a case's number: no word can hold it, since words are folded to plain letters."""


class CaseSearch(SearchDocument, Base):
    __tablename__ = "case_search"

    subject_id: Mapped[str] = mapped_column(String(36), ForeignKey("service_case.id", ondelete="CASCADE"), unique=True)


keep_indexed(CaseSearch)


def case_tokens(number: str, *texts: str) -> set[str]:
    return {f"{_NUMBER}{number}", *(token for text in texts for token in character_pairs(text))}


def word_alternatives(word: str) -> Alternatives:
    """What a case has among its tokens if `word` is in what was written, or begins its number."""
    found: list[list[SearchTerm]] = []
    if terms := [SearchTerm(token, begins) for token, begins in part_tokens(word)]:
        found.append(terms)
    digits = plain(word).replace("-", "")
    if digits.isdecimal():
        found.append([SearchTerm(f"{_NUMBER}{digits}", begins=True)])
    return found


@event.listens_for(Case, "after_insert")
@event.listens_for(Case, "after_update")
def _follow(_mapper: Mapper[Case], connection: Connection, row: Case) -> None:
    state = inspect(row)
    if not state.persistent or any(state.attrs[column].history.has_changes() for column in _SOURCES):
        index_rows(connection, CaseSearch, [(row.id, case_tokens(row.number, row.title, row.content, row.demand))])
