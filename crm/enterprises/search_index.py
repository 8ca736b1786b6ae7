"""By which tokens enterprises are found; numbers are looked up in their own table, where only whole ones match.

What people type of a pinyin, of initials or of a code are beginnings that thousands of enterprises share, and an index
joins the rows of all the tokens that begin so. So any three letters in a row are a token, and the usual beginnings of a
code are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, ForeignKey, String, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from crm.enterprises.credit_codes import code_prefix
from crm.enterprises.models import Enterprise
from crm.enterprises.names import normal_name
from hotline.kernel.db import Base
from hotline.kernel.search import Alternatives, SearchDocument, SearchTerm, index_rows, keep_indexed
from hotline.kernel.search_tokens import character_pairs, part_tokens

_LETTERS = re.compile("[a-z0-9]+")
_LONGEST = 12
"""Letters of a word that are looked up: what is typed beyond them is compared with the name itself."""
_ROW = 3
"""Letters of a token."""
_CODE_BEGINS = range(2, 9)
"""Lengths of a code's beginnings that are tokens: its first 8 characters name the authority and the place."""
_SOURCES = ("name", "credit_code")


class EnterpriseSearch(SearchDocument, Base):
    __tablename__ = "enterprise_search"

    subject_id: Mapped[str] = mapped_column(String(36), ForeignKey("enterprise.id", ondelete="CASCADE"), unique=True)


keep_indexed(EnterpriseSearch)


def enterprise_tokens(name: str, normal: str, initials: str, pinyin: str, code: str | None) -> set[str]:
    """Parts of the name, of its initials and of its pinyin; the code and its beginnings. Pure."""
    tokens = {*character_pairs(name), *character_pairs(normal)}
    for reading in (*initials.split(), *pinyin.split()):
        tokens |= {reading[at : at + size] for at in range(len(reading)) for size in range(1, _ROW + 1)}
    if code:
        tokens |= {code.lower(), *(code[:size].lower() for size in _CODE_BEGINS)}
    return tokens


def word_alternatives(word: str) -> Alternatives:
    """What an enterprise has among its tokens if `word` is part of its name, or begins its code; maybe others too."""
    found: list[list[SearchTerm]] = []
    if terms := [term for token, begins in part_tokens(normal_name(word)) for term in _terms(token, begins)]:
        found.append(terms)
    if prefix := code_prefix(word):
        found.append([SearchTerm(prefix.lower(), begins=len(prefix) not in _CODE_BEGINS)])
    return found


def _terms(token: str, begins: bool) -> list[SearchTerm]:
    if not _LETTERS.fullmatch(token):
        return [SearchTerm(token, begins)]
    letters = token[:_LONGEST]
    return [SearchTerm(letters[at : at + _ROW]) for at in range(max(len(letters) - _ROW, 0) + 1)]


def index_enterprises(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Index rows, given by column, that were inserted in bulk."""
    index_rows(connection, EnterpriseSearch, [(row["id"], _tokens_of(row)) for row in rows])


def _tokens_of(row: dict[str, Any]) -> set[str]:
    forms = (row[column] for column in ("name", "name_normal", "initials", "pinyin", "credit_code"))
    return enterprise_tokens(*forms)


@event.listens_for(Enterprise, "after_insert")
@event.listens_for(Enterprise, "after_update")
def _follow(_mapper: Mapper[Enterprise], connection: Connection, row: Enterprise) -> None:
    state = inspect(row)
    if not state.persistent or any(state.attrs[column].history.has_changes() for column in _SOURCES):
        index_enterprises(connection, [{column: getattr(row, column) for column in _COLUMNS}])


_COLUMNS = ("id", "name", "name_normal", "initials", "pinyin", "credit_code")
