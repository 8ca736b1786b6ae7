"""What the page of a case costs the database: each thing about it is read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.crm.city import CaseCity
from tests.crm.conftest import Workspace


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_the_page_of_a_case_reads_each_thing_once(sqlite_workspace: Workspace) -> None:
    city = CaseCity(sqlite_workspace)
    await city.build()
    case_id = await city.signed(assisting=("other",))
    draft = (await sqlite_workspace.post("agent1", "/api/cases", {"type": "consult"}))["id"]
    for who, path, bound in (("dispatcher", case_id, 12), ("bureau", case_id, 16), ("agent1", draft, 12)):
        with statements() as sent:
            await sqlite_workspace.get(who, f"/api/cases/{path}")
        assert 5 < len(sent) <= bound, sent
        twice = [statement for statement in sent if sent.count(statement) > 1]
        assert not twice, who
