"""What one row of a file of entries says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from crm.knowledge.content import IncentiveTerms, KnowledgeContent
from crm.knowledge.models import KnowledgeKind
from crm.knowledge_files.columns import (
    INCENTIVE,
    KIND_WORDS,
    LISTS,
    REFERENCES,
    SCOPE_WORDS,
    STAGE_WORDS,
    TEXTS,
    split,
    whole,
)
from hotline.kernel.imports.cells import choice_cell
from hotline.kernel.imports.ports import ImportedRecord, PreparedRow, RowProblem
from hotline.kernel.words import plain

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CODES = {
    **{name: "keywords_invalid" for name in LISTS},
    "source": "link_invalid",
    "effective_on": "date_invalid",
    "expires_on": "date_invalid",
}
_HINTS = {
    "keywords_invalid": "At most 50 words of 30 characters each, with commas between.",
    "link_invalid": "Write an address that begins with https:// or http://.",
    "date_invalid": "Write a date such as 2026-10-01; the last day is not before the first.",
    "text_invalid": "It is empty, too long, or holds a character that is not allowed there; type it again.",
}


def prepare_row(record: ImportedRecord) -> PreparedRow:
    """The row's `value`: `fields` of the content as far as the row has them, and names that `compare` looks up."""
    problems: list[RowProblem] = []
    given = record.values
    fields = _texts(record) | _choices(record, problems)
    for name in ("effective_on", "expires_on"):
        if name in fields:
            fields[name] = _date(fields[name], name, problems)
    value = {
        "id": given.get("id", "") or None,
        "unit": given.get("unit", "") or None,
        "category": given.get("category", "") or None,
        "references": {name: split(given[name]) for name in REFERENCES if given.get(name)},
        "fields": fields,
    }
    if not problems:
        problems += check_fields(fields)
    title = str(fields["title"])
    keys: tuple[str, ...] = (f"entry:{value['unit'] or ''}:{title}"[:200],)
    if value["id"]:
        keys += (f"entry id:{value['id']}"[:200],)
    return PreparedRow(number=record.number, keys=keys, seeks=keys, subject=title[:150], value=value, problems=problems)


def merged(present: KnowledgeContent | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is there with what the row says put over it."""
    before: dict[str, Any] = present.stored() if present else {"kind": KnowledgeKind.QUESTION_AND_ANSWER.value}
    terms = fields.get("incentive")
    if terms is None:
        return {**before, **fields}
    return {**before, **fields, "incentive": {**(before.get("incentive") or {}), **terms}}


def check_fields(fields: Mapping[str, Any], present: KnowledgeContent | None = None) -> list[RowProblem]:
    """What is wrong with the content as it would be."""
    try:
        KnowledgeContent.model_validate(merged(present, fields))
    except ValidationError as error:
        return list({problem.column: problem for problem in map(_problem, error.errors())}.values())
    return []


def _problem(error: Any) -> RowProblem:
    place = [str(part) for part in error["loc"]] or ["expires_on"]
    column = place[1] if place[0] == "incentive" and len(place) > 1 else place[0]
    code = _CODES.get(column, "text_invalid")
    return RowProblem(code=code, detail=_HINTS[code], column=column)


def _date(text: str, column: str, problems: list[RowProblem]) -> str | None:
    found = _DATE.fullmatch(plain(text).strip())
    try:
        year, month, day = map(int, found.groups() if found else ())
        return date(year, month, day).isoformat()
    except ValueError:
        problems.append(RowProblem(code="date_invalid", detail=_HINTS["date_invalid"], column=column))
        return None


def _texts(record: ImportedRecord) -> dict[str, Any]:
    given = record.values
    fields: dict[str, Any] = {"title": given.get("title", "")}
    fields |= {name: whole(given[name], given.get(f"{name}_more", "")) for name in TEXTS if given.get(name)}
    fields |= {name: split(given[name]) for name in LISTS if given.get(name)}
    terms = {name: given[name] for name in INCENTIVE if given.get(name)}
    return fields | ({"incentive": terms} if terms else {})


def _choices(record: ImportedRecord, problems: list[RowProblem]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, words in (("kind", KIND_WORDS), ("scope", SCOPE_WORDS)):
        if chosen := choice_cell(record, name, words, problems):
            fields[name] = chosen
    parts = split(record.values.get("stages", ""))
    stages = [
        choice_cell(ImportedRecord(record.number, {"stages": part}), "stages", STAGE_WORDS, problems) for part in parts
    ]
    return fields | ({"stages": stages} if stages else {})


def equal(present: KnowledgeContent, wanted: KnowledgeContent) -> bool:
    """Whether nothing would change; a spreadsheet loses the spaces around a text."""
    return _stripped(present) == _stripped(wanted)


def _stripped(content: KnowledgeContent) -> dict[str, Any]:
    values = {name: value.strip() if isinstance(value, str) else value for name, value in content.stored().items()}
    if content.incentive == IncentiveTerms():
        values["incentive"] = None
    return values
