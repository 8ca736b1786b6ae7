"""What one row of a file of items says. Pure."""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crm.catalogue.models import ItemLimitUnit
from crm.catalogue.schemas import ItemCode, ItemLimit, ItemName, Keywords
from hotline.kernel.imports.cells import text_cell
from hotline.kernel.imports.ports import ImportColumn, ImportedRecord, PreparedRow, RowProblem
from hotline.kernel.words import plain

COLUMNS = (
    ImportColumn(key="code", names=("事项编码", "Code", "编码", "事项代码", "代码"), required=True),
    ImportColumn(key="name", names=("事项名称", "Name", "名称", "事项"), required=True),
    ImportColumn(key="parent", names=("上级编码", "Parent code", "上级事项编码", "父级编码", "上级代码", "上级")),
    ImportColumn(key="unit", names=("承办单位", "Unit", "主办单位", "责任单位", "单位名称", "unit name")),
    ImportColumn(key="limit", names=("办结时限", "Limit", "办理时限", "法定时限", "时限")),
    ImportColumn(key="law", names=("时限依据", "Law", "法律依据", "依据")),
    ImportColumn(key="keywords", names=("关键词", "Keywords", "关键字")),
)

_SEPARATOR = re.compile(r"[,;、/|\n]+")
_LIMIT = re.compile(r"(\d{1,3})(.*)")
_UNITS = {
    **dict.fromkeys(("", "工作日", "个工作日", "workingday", "workingdays"), ItemLimitUnit.DAY),
    **dict.fromkeys(("工作小时", "个工作小时", "workinghour", "workinghours"), ItemLimitUnit.HOUR),
}
_CODE, _NAME = TypeAdapter[str](ItemCode), TypeAdapter[str](ItemName)
_KEYWORDS = TypeAdapter[list[str]](Keywords)


def prepare_row(record: ImportedRecord) -> PreparedRow:
    """The row as values to store; None: the cell is empty and changes nothing."""
    problems: list[RowProblem] = []
    value: dict[str, Any] = {
        "code": text_cell(record, "code", _CODE, problems),
        "name": text_cell(record, "name", _NAME, problems),
        "parent": text_cell(record, "parent", _CODE, problems) if record.values.get("parent") else None,
        # Compared with the names of units alone, and never stored.
        "unit": record.values.get("unit") or None,
        "limit": _limit(record, problems),
        "keywords": _keywords(record, problems),
    }
    subject = " ".join(filter(None, (record.values.get("code", ""), record.values.get("name", ""))))[:150]
    key = f"code:{value['code']}"
    return PreparedRow(number=record.number, keys=(key,), seeks=(key,), subject=subject, value=value, problems=problems)


def _limit(record: ImportedRecord, problems: list[RowProblem]) -> dict[str, Any] | None:
    text = re.sub(r"\s+", "", plain(record.values.get("limit", ""))).casefold()
    law = record.values.get("law", "")
    if not text and not law:
        return None
    if not text or not law:
        problems.append(
            RowProblem(
                code="limit_without_law",
                detail="A limit of its own and the law that sets it go together; write both, or neither.",
                column="law" if text else "limit",
            )
        )
        return None
    found = _LIMIT.fullmatch(text)
    try:
        unit = _UNITS.get(found[2]) if found else None
        limit = ItemLimit.model_validate({"amount": int(found[1]) if found else 0, "unit": unit, "basis": law})
    except ValidationError:
        detail = "Write 1 to 365 working days or hours, such as 15个工作日 or 4个工作小时; a law has up to 200 letters."
        problems.append(RowProblem(code="limit_invalid", detail=detail, column="limit"))
        return None
    return limit.model_dump(mode="json")


def _keywords(record: ImportedRecord, problems: list[RowProblem]) -> list[str] | None:
    text = record.values.get("keywords", "")
    words = list(dict.fromkeys(filter(None, map(str.strip, _SEPARATOR.split(plain(text))))))
    if not words:
        return None
    try:
        return _KEYWORDS.validate_python(words)
    except ValidationError:
        detail = "At most 50 keywords of 30 characters each, with commas between."
        problems.append(RowProblem(code="keywords_invalid", detail=detail, column="keywords"))
        return None
