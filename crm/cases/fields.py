"""What a case must say before it can be submitted (clause 9 of docs/conformance.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from crm.cases.models import CaseType


class Written(Protocol):
    """The fields that count; a row of the table is one."""

    type: str | None
    title: str
    content: str
    unit_complained_of: str
    complaint_type: str
    demand: str


_ALWAYS = ("type", "title", "content")
_OF_A_UNIT = ("unit_complained_of", "complaint_type", "demand")
REQUIRED: Mapping[CaseType, tuple[str, ...]] = {
    CaseType.CONSULT: _ALWAYS,
    CaseType.HELP: _ALWAYS,
    CaseType.SUGGESTION: _ALWAYS,
    CaseType.COMPLAINT: (*_ALWAYS, *_OF_A_UNIT),
    CaseType.REPORT: (*_ALWAYS, *_OF_A_UNIT),
    CaseType.PRAISE: _ALWAYS,
}
ANONYMOUS_ALLOWED = frozenset({CaseType.REPORT, CaseType.PRAISE, CaseType.SUGGESTION})
"""Types that may leave no way to reach the caller; for the others the unit must be able to reply (clause 10)."""


def missing(case: Written, *, reachable: bool) -> tuple[str, ...]:
    """The fields that `case` still lacks, in the order of the form; `callback_number` if there is no other way back."""
    if case.type is None:
        wanted: tuple[str, ...] = _ALWAYS
        needs_reply = True
    else:
        kind = CaseType(case.type)
        wanted = REQUIRED[kind]
        needs_reply = kind not in ANONYMOUS_ALLOWED
    lacking = tuple(field for field in wanted if not (getattr(case, field) or "").strip())
    return lacking if reachable or not needs_reply else (*lacking, "callback_number")
