"""From records to rows of the database. Whatever a caller's name holds, the database takes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, delete, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from cti.calls.history.record import CallRecord
from cti.calls.models import CallAttemptRow, CallLogCursor, CallRecordRow, CallStepRow, CallThreewayRow
from cti.calls.numbers import search_digits
from hotline.kernel.db import Base

Row = dict[str, Any]
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CHILDREN: tuple[tuple[str, type[Base]], ...] = (
    ("path", CallStepRow),
    ("attempts", CallAttemptRow),
    ("threeway", CallThreewayRow),
)

# Asked of the tables once: that takes longer than to fill a row.
# Only retention writes recording_removed_at; a rebuilt record must not reset it.
_RECORD = [(c.name, c.type) for c in CallRecordRow.__table__.columns if c.name != "recording_removed_at"]
_COLUMNS = {
    model: [(c.name, c.type) for c in model.__table__.columns if c.name not in ("call_id", "place")]
    for _, model in _CHILDREN
}


async def write_records(db: AsyncSession, records: Sequence[tuple[CallRecord, bool]]) -> None:
    """Write these records, each with whether it has a recording, in place of their older rows."""
    if not records:
        return
    await _upsert(db, CallRecordRow, [_record_row(record, recorded) for record, recorded in records])
    call_ids = [record.call_id for record, _ in records]
    for part, model in _CHILDREN:
        await db.execute(delete(model).where(model.__table__.c.call_id.in_(call_ids)))
        rows = [row for record, _ in records for row in _child_rows(record, part, model)]
        if rows:
            await db.execute(model.__table__.insert(), rows)  # type: ignore[attr-defined]  # __table__ is a Table


async def write_cursor(db: AsyncSession, source: str, position: dict[str, Any]) -> None:
    await _upsert(db, CallLogCursor, [{"source": source, "position": position}])


async def read_cursor(db: AsyncSession, source: str) -> dict[str, Any]:
    """The position last written; empty where there is none."""
    cursor = await db.get(CallLogCursor, source)
    return cursor.position if cursor else {}


async def _upsert(db: AsyncSession, model: type[Base], rows: list[Row]) -> None:
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(model)
    keys = [column.name for column in inspect(model).primary_key]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    await db.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _record_row(record: CallRecord, recorded: bool) -> Row:
    digits = search_digits(record.caller_number)
    names = " ".join(filter(None, (record.caller_name, record.enterprise_name, record.contact_name))).lower()
    derived: Row = {
        "number_digits": digits,
        "number_backwards": digits[::-1],
        "names": names,
        "outcome": record.outcome.value,
        "has_recording": recorded,
        "threeway_moves": [
            {"at": move.at.isoformat(), "kind": move.kind.value, "agent": move.agent} for move in record.threeway_moves
        ],
    }
    return {name: _storable(derived.get(name, getattr(record, name, None)), kind) for name, kind in _RECORD}


def _child_rows(record: CallRecord, part: str, model: type[Base]) -> list[Row]:
    columns = _COLUMNS[model]
    rows = []
    for place, item in enumerate(getattr(record, part)):
        row = {name: _storable(getattr(item, name), kind) for name, kind in columns}
        rows.append({"call_id": record.call_id, "place": place, **row})
    return rows


def _storable(value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = _UNSTORABLE.sub("\ufffd", value)
    return text[: kind.length] if isinstance(kind, String) and kind.length else text
