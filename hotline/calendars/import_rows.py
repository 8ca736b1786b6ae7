"""What one row of a notice's file says. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from hotline.calendars.schemas import DayName, Source
from hotline.kernel.imports.cells import choice_cell, text_cell
from hotline.kernel.imports.ports import ImportColumn, ImportedRecord, PreparedRow, RowProblem
from hotline.kernel.words import plain
from hotline.kernel.workcalendar import DayKind

COLUMNS = (
    ImportColumn(key="day", names=("日期", "Date", "day"), required=True),
    ImportColumn(key="kind", names=("类型", "Kind", "放假或上班", "type"), required=True),
    ImportColumn(key="name", names=("名称", "Name", "节日", "节假日", "说明")),
    ImportColumn(key="source", names=("来源", "Source", "文号", "通知文号"), required=True),
    ImportColumn(key="published", names=("发布日期", "Published", "公布日期", "发文日期"), required=True),
)

_KINDS = {
    **dict.fromkeys(("放假", "休", "休息", "节假日", "holiday", "off"), DayKind.OFF),
    **dict.fromkeys(("上班", "班", "调休上班", "补班", "workday", "work"), DayKind.WORK),
}
_DATE = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{4})(\d\d)(\d\d)")
_NAME, _SOURCE = TypeAdapter[str](DayName), TypeAdapter[str](Source)


def prepare_row(record: ImportedRecord) -> PreparedRow:
    """One day. Source and publication may stand in one row of the file alone; there they are None."""
    problems: list[RowProblem] = []
    day = _date(record, "day", problems)
    kind = choice_cell(record, "kind", _KINDS, problems, required=True)
    value: dict[str, Any] = {"day": day, "kind": kind, "name": text_cell(record, "name", _NAME, problems)}
    value["source"] = text_cell(record, "source", _SOURCE, problems) if record.values.get("source") else None
    value["published"] = _date(record, "published", problems) if record.values.get("published") else None
    subject = " ".join(filter(None, (record.values.get("day", ""), record.values.get("name", ""))))[:100]
    key = f"day:{day}"
    return PreparedRow(number=record.number, keys=(key,), seeks=(key,), subject=subject, value=value, problems=problems)


def _date(record: ImportedRecord, key: str, problems: list[RowProblem]) -> str | None:
    found = _DATE.fullmatch(re.sub(r"\s+", "", plain(record.values.get(key, ""))))
    try:
        year, month, day = map(int, filter(None, found.groups() if found else ()))
        return date(year, month, day).isoformat()
    except ValueError:
        problems.append(RowProblem(code="date_invalid", detail="Write a date such as 2026-10-01.", column=key))
        return None
