"""Queries on the call log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from cti.calls.history.record import Outcome
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow, CallThreewayRow
from cti.calls.numbers import search_digits, searched_digits
from cti.calls.schemas import CallFilter
from hotline.accounts.masking import SHOWN_AT_BEGIN, SHOWN_AT_END
from hotline.kernel.ids import is_uuid
from hotline.kernel.paging import Slice, fetch_page
from hotline.kernel.words import search_words, visible

R = TypeVar("R", CallStepRow, CallAttemptRow, CallThreewayRow)
_C = CallRecordRow
_COUNTED = timedelta(days=31)
"""Calls within so short a time are cheap to count."""
_MOST_COUNTED = 10_000


_BY = (_C.started_at, _C.call_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls somebody may see: all, or those that rang or were answered at `agent`; None is no agent."""

    everything: bool
    agent: str | None = None
    numbers: bool = False
    """Whether they may see callers' numbers; if not, a search must not reveal hidden digits either."""


async def find(db: AsyncSession, query: CallFilter, scope: Scope) -> Slice[CallRecordRow]:
    """A page of calls, newest first, with the total where `query` is for a month at most."""
    brief = query.since is not None and query.before is not None and query.before - query.since <= _COUNTED
    return await fetch_page(db, _matching(query, scope), query, by=_BY, with_total=brief, most_counted=_MOST_COUNTED)


async def count(db: AsyncSession, query: CallFilter, scope: Scope, *, up_to: int) -> int:
    """How many calls match; counting stops at `up_to`."""
    some = _matching(query, scope).with_only_columns(_C.call_id).limit(up_to).subquery()
    return await db.scalar(select(func.count()).select_from(some)) or 0


async def call(db: AsyncSession, call_id: str, scope: Scope) -> CallRecordRow | None:
    """The call, where it is one that `scope` holds."""
    return (await db.scalars(_visible(select(_C).where(_C.call_id == call_id), scope))).one_or_none()


async def parts(db: AsyncSession, model: type[R], call_id: str) -> Sequence[R]:
    """The steps, attempts or consultations of a call, in order."""
    return (await db.scalars(select(model).where(model.call_id == call_id).order_by(model.place))).all()


async def parts_of(db: AsyncSession, model: type[R], call_ids: Sequence[str]) -> dict[str, list[R]]:
    """The same of several calls, by call; one without any is not there."""
    query = select(model).where(model.call_id.in_(call_ids)).order_by(model.call_id, model.place)
    found: dict[str, list[R]] = {}
    for part in await db.scalars(query):
        found.setdefault(part.call_id, []).append(part)
    return found


async def attempts_of(db: AsyncSession, call_ids: Sequence[str]) -> Sequence[CallAttemptRow]:
    query = select(CallAttemptRow).where(CallAttemptRow.call_id.in_(call_ids))
    return (await db.scalars(query.order_by(CallAttemptRow.call_id, CallAttemptRow.place))).all()


async def records(db: AsyncSession, call_ids: Sequence[str]) -> dict[str, CallRecordRow]:
    rows = await db.scalars(select(_C).where(_C.call_id.in_(call_ids)))
    return {row.call_id: row for row in rows}


async def live(db: AsyncSession) -> Sequence[CallRecordRow]:
    """Calls that have not ended as far as the log knows."""
    return (await db.scalars(select(_C).where(_C.outcome == Outcome.LIVE))).all()


async def earlier(
    db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], excluding: str, limit: int
) -> Sequence[CallRecordRow]:
    """The latest calls from this number or of this enterprise, newest first."""
    sources: list[ColumnElement[bool]] = []
    if digits := search_digits(number):
        sources.append(_C.number_digits == digits)
    if enterprise_ids:
        sources.append(_C.enterprise_id.in_(enterprise_ids))
    if not sources:
        return ()
    query = select(_C).where(or_(*sources), _C.call_id != excluding)
    return (await db.scalars(query.order_by(_C.started_at.desc(), _C.call_id.desc()).limit(limit))).all()


async def had_merge(db: AsyncSession, call_id: str) -> bool:
    query = select(CallThreewayRow.call_id).where(
        CallThreewayRow.call_id == call_id, CallThreewayRow.result == "merged"
    )
    return (await db.scalars(query.limit(1))).first() is not None


async def merged_specialists(db: AsyncSession, call_id: str) -> Sequence[str]:
    query = select(CallThreewayRow.specialist_id).where(
        CallThreewayRow.call_id == call_id, CallThreewayRow.result == "merged"
    )
    return (await db.scalars(query.order_by(CallThreewayRow.place))).all()


def _visible(statement: Select[Any], scope: Scope) -> Select[Any]:
    if scope.everything:
        return statement
    return statement.where(_rang_at([scope.agent]) if scope.agent else false())


def _rang_at(agents: Sequence[str]) -> ColumnElement[bool]:
    attempts = select(CallAttemptRow.call_id).where(
        CallAttemptRow.agent.in_(agents), CallAttemptRow.call_id == _C.call_id
    )
    return attempts.exists()


def _matching(query: CallFilter, scope: Scope) -> Select[Any]:
    statement: Select[Any] = _visible(select(_C), scope)
    if query.since is not None:
        statement = statement.where(_C.started_at >= query.since)
    if query.before is not None:
        statement = statement.where(_C.started_at < query.before)
    if query.queue:
        statement = statement.where(_C.queue.in_(query.queue))
    if query.outcome:
        statement = statement.where(_C.outcome.in_(query.outcome))
    if query.survey:
        statement = statement.where(_C.survey.in_(query.survey))
    if query.agent:
        statement = statement.where(_rang_at(query.agent))
    if query.enterprise_id:
        statement = statement.where(_C.enterprise_id.in_(query.enterprise_id))
    if query.specialist_id:
        # A set of ids rather than `exists`: few calls have a specialist, so the planner begins with those.
        asked = select(CallThreewayRow.call_id).where(CallThreewayRow.specialist_id.in_(query.specialist_id))
        statement = statement.where(_C.call_id.in_(asked))
    if text := query.search.strip():
        statement = statement.where(_found_by(text, masked=not scope.numbers))
    return statement


def _found_by(text: str, *, masked: bool) -> ColumnElement[bool]:
    text = visible(text).strip()
    if is_uuid(text):
        return _C.call_id == text.lower()
    # A number may be written in groups; other spaces part words, all of which must be there.
    if (number := _has_number(text, masked=masked)) is not None:
        return number
    words = (_has_word(word, masked=masked) for word in search_words(text))
    return and_(true(), *words)


def _has_word(word: str, *, masked: bool) -> ColumnElement[bool]:
    if (number := _has_number(word, masked=masked)) is None:
        return _C.names.contains(word.lower(), autoescape=True)
    # Digits among words may be part of an enterprise's name; a caller's name may hold the caller's number.
    return or_(number, _C.enterprise_name.contains(word, autoescape=True))


def _has_number(text: str, *, masked: bool) -> ColumnElement[bool] | None:
    """Whether the caller's number is, begins or ends with `text`; None where `text` is no digits."""
    begins, ends = searched_digits(text)
    if not begins and not ends:
        return None
    by_number = [_C.number_digits == begins] if begins else []
    if begins and (not masked or len(begins) <= SHOWN_AT_BEGIN):
        by_number.append(_begins(_C.number_digits, begins))
    if ends and (not masked or len(ends) <= SHOWN_AT_END):
        by_number.append(_begins(_C.number_backwards, ends[::-1]))
    return or_(false(), *by_number)


def _begins(column: InstrumentedAttribute[str], digits: str) -> ColumnElement[bool]:
    """As a range, which both databases answer from the index, whatever their collation; "a" comes after all digits."""
    return and_(column >= digits, column < digits + "a")
