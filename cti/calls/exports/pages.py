"""The calls of an export, page by page, however many they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from cti.calls import repository
from cti.calls.models import CallAttemptRow, CallRecordRow, CallStepRow, CallThreewayRow
from cti.calls.repository import Scope
from cti.calls.schemas import CLOSED_FIELDS, CallFilter, is_narrow
from cti.ports import CasesOfCalls
from hotline.kernel.db import Database
from hotline.kernel.gate import Principal

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCall:
    """A call with its parts in order, and the numbers of its cases."""

    row: CallRecordRow
    path: Sequence[CallStepRow]
    attempts: Sequence[CallAttemptRow]
    threeway: Sequence[CallThreewayRow]
    case_numbers: Sequence[str]


Pages = AsyncIterator[Sequence[ExportedCall]]


async def exported_pages(
    database: Database, query: CallFilter, scope: Scope, cases: CasesOfCalls, who: Principal
) -> Pages:
    """All calls that match, newest first; a session of its own for each page."""
    query = query.model_copy(update={"limit": PAGE, "cursor": None})
    while True:
        async with database.snapshot() as db:
            found = await repository.find(db, query, scope)
            page = await _whole(db, found.rows, cases, who, narrow=is_narrow(query))
        yield page
        if found.next is None:
            return
        query = query.model_copy(update={"cursor": found.next})


async def _whole(
    db: AsyncSession, rows: Sequence[CallRecordRow], cases: CasesOfCalls, who: Principal, *, narrow: bool
) -> list[ExportedCall]:
    closed = await cases.closed_to(db, [row.call_id for row in rows], who)
    rows = [row for row in rows if not (narrow and row.call_id in closed)]
    call_ids = [row.call_id for row in rows]
    references = await cases.of_calls(db, call_ids)
    path = await repository.parts_of(db, CallStepRow, call_ids)
    attempts = await repository.parts_of(db, CallAttemptRow, call_ids)
    threeway = await repository.parts_of(db, CallThreewayRow, call_ids)
    for row in rows:
        if row.call_id in closed:
            db.expunge(row)
            for field in CLOSED_FIELDS:
                setattr(row, field, "")
    return [
        ExportedCall(
            row=row,
            path=() if row.call_id in closed else path.get(row.call_id, ()),
            attempts=attempts.get(row.call_id, ()),
            threeway=() if row.call_id in closed else threeway.get(row.call_id, ()),
            case_numbers=[case.number for case in references.get(row.call_id, ())],
        )
        for row in rows
    ]
