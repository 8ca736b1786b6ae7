"""The audit log as JSON lines, page by page, however long it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hotline.accounts import repository
from hotline.accounts.schemas import AuditFilter, AuditQuery
from hotline.accounts.syslog import json_line
from hotline.kernel.db import Database

PAGE = 200


async def exported_lines(database: Database, query: AuditFilter) -> AsyncIterator[bytes]:
    """All entries that match, newest first, a page of lines at a time; each page has a session of its own."""
    cursor: str | None = None
    while True:
        page = AuditQuery.model_validate({**query.model_dump(by_alias=True), "limit": PAGE, "cursor": cursor})
        async with database.snapshot() as db:
            found = await repository.audit_entries(db, page)
        yield b"".join(map(json_line, found.rows))
        if found.next is None:
            return
        cursor = found.next


def filters_of(query: AuditFilter) -> dict[str, Any]:
    """What was asked for, as an audit entry's detail."""
    fields = set(AuditFilter.model_fields)
    return query.model_dump(mode="json", by_alias=True, exclude_none=True, include=fields)
