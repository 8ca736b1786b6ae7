from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises.directory import RELOAD, STALE_AFTER, EnterpriseDirectory, NumberIndex, identity
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.repository import DirectoryRow
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from tests.crm.conftest import Workspace
from tests.fakes.clock import FakeClock
from tests.hotline.web import NoJournal

MOBILE = "13912345678"


def a_row(enterprise: str, contact: str, number: str = "+8613912345678", **changes: Any) -> DirectoryRow:
    values: dict[str, Any] = {"purpose": "caller", "skips_menu": True} | changes
    return DirectoryRow(
        number=number,
        enterprise_id=enterprise,
        enterprise_name=f"企业{enterprise}",
        contact_id=contact,
        contact_name=f"联系人{contact}",
        **values,
    )


async def eventually(check: Any, *, within: float = 5.0) -> None:
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def test_one_contact_is_named_and_may_skip_the_menu() -> None:
    who = identity((a_row("1", "a"),))
    assert who is not None
    assert (who.enterprise_id, who.contact_id, who.skip_menu) == ("1", "a", True)


def test_kind_and_region_are_those_of_the_one_enterprise() -> None:
    known = {"kind": "enterprise", "credit_code": "91150302MA0N0N0N1X"}
    one = identity((a_row("1", "a", **known),))
    two = identity((a_row("1", "a", **known), a_row("2", "b", **known)))
    without = identity((a_row("1", "a", kind="individual_business"),))
    assert one is not None
    assert two is not None
    assert without is not None
    assert (one.kind, one.region) == ("enterprise", "150302")
    assert (two.kind, two.region) == ("", "")
    assert (without.kind, without.region) == ("individual_business", "")


def test_two_contacts_of_one_enterprise_name_the_enterprise_and_both_people() -> None:
    who = identity((a_row("1", "a"), a_row("1", "b")))
    assert who is not None
    assert (who.enterprise_id, who.contact_id) == ("1", None)
    assert who.contact_name == "联系人a / 联系人b"
    assert who.skip_menu


def test_two_enterprises_are_both_told_and_neither_decided() -> None:
    who = identity((a_row("1", "a"), a_row("2", "b")))
    assert who is not None
    assert (who.enterprise_id, who.contact_id, who.skip_menu) == (None, None, False)
    assert who.enterprise_name == "企业1 / 企业2"


def test_a_callback_number_identifies_without_skipping_the_menu() -> None:
    who = identity((a_row("1", "a", purpose="callback"),))
    assert who is not None
    assert (who.enterprise_id, who.skip_menu) == ("1", False)


def test_an_enterprise_that_wants_the_menu_hears_it() -> None:
    who = identity((a_row("1", "a", skips_menu=False),))
    assert who is not None
    assert not who.skip_menu


def test_nobody_is_none() -> None:
    assert identity(()) is None


def test_callers_come_before_those_to_be_called_back() -> None:
    index = NumberIndex()
    index.add([a_row("1", "a", purpose="callback"), a_row("2", "b")])
    assert [row.enterprise_id for row in index.find("+8613912345678")] == ["2"]


ROWS = st.lists(
    st.builds(a_row, st.sampled_from("123"), st.sampled_from("ab"), st.sampled_from(["n1", "n2", "n3"])), max_size=8
)


@given(ROWS, st.lists(st.tuples(st.sets(st.sampled_from("123")), ROWS), max_size=5))
def test_changes_leave_the_same_index_as_a_fresh_load(start: list[DirectoryRow], changes: Any) -> None:
    book, index = list(start), NumberIndex()
    index.add(start)
    for enterprises, rows in changes:
        theirs = [row for row in rows if row.enterprise_id in enterprises]
        book = [row for row in book if row.enterprise_id not in enterprises] + theirs
        index.replace(enterprises, theirs)
    fresh = NumberIndex()
    fresh.add(book)
    assert len(index) == len(fresh)
    for number in ("n1", "n2", "n3"):
        assert sorted(index.find(number)) == sorted(fresh.find(number))


async def test_a_new_contact_is_known_to_the_next_call(workspace: Workspace) -> None:
    directory = workspace.crm.directory
    assert await directory.identify(MOBILE) is None
    made = await workspace.post(
        "agent1",
        "/api/enterprises",
        {"name": "海勃湾酒店", "contacts": [{"name": "李娜", "numbers": [{"number": MOBILE}]}]},
    )
    await eventually(lambda: directory.matches(f"+86{MOBILE}"))
    who = await directory.identify(MOBILE)
    assert who is not None
    assert (who.enterprise_id, who.contact_name, who.skip_menu) == (made["id"], "李娜", True)
    contact = f"/api/enterprises/{made['id']}/contacts/{made['contacts'][0]['id']}"
    await workspace.patch("agent1", contact, {"version": 1, "numbers": []})
    await eventually(lambda: not directory.matches(MOBILE))
    assert await directory.identify("anonymous") is None


async def test_the_book_is_loaded_at_the_start_and_read_again_now_and_then(
    workspace: Workspace, morning: FakeClock
) -> None:
    body = {"name": "海勃湾酒店", "contacts": [{"name": "李娜", "numbers": [{"number": MOBILE}]}]}
    await workspace.post("agent1", "/api/enterprises", body)
    # Another process with a bus of its own: nobody tells it of changes.
    other = EnterpriseDirectory(workspace.database, Bus(NoJournal()), NumberPlan("0473"), morning)
    await other.start()
    assert other.matches(MOBILE)
    body["contacts"][0]["numbers"][0]["number"] = "13800000001"  # type: ignore[index]
    await workspace.post("agent1", "/api/enterprises", body)
    assert not other.matches("13800000001")
    await morning.advance(RELOAD + timedelta(seconds=1))
    await eventually(lambda: other.matches("13800000001"))
    await other.close()
    await other.close()


class Troubled(Database):
    trouble: Exception | None = None

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        if self.trouble is not None:
            raise self.trouble
        async with super().snapshot() as session:
            yield session


async def test_after_any_error_it_is_read_again_and_until_then_readiness_shows(
    database: Database, clock: FakeClock
) -> None:
    database = Troubled(str(database.url))
    await database.open()
    directory = EnterpriseDirectory(database, Bus(NoJournal()), NumberPlan("0473"), clock)
    await directory.start()
    assert await directory.check() == "0 numbers"
    database.trouble = KeyError("a bug")
    await clock.advance(RELOAD + timedelta(seconds=1))
    assert await directory.check() == "0 numbers"
    await clock.advance(STALE_AFTER)
    with pytest.raises(UnavailableError, match="0:00:3"):
        await directory.check()
    database.trouble = None
    await clock.advance(timedelta(seconds=3))
    await eventually(lambda: not directory.stale)
    await directory.check()
    await directory.close()
    await database.close()


async def test_it_starts_without_a_database_and_catches_up(database: Database, clock: FakeClock) -> None:
    await database.close()
    directory = EnterpriseDirectory(
        database, Bus(NoJournal()), NumberPlan("0473"), clock, patience=timedelta(milliseconds=50)
    )
    await directory.start()
    assert await directory.identify(MOBILE) is None
    await database.open()
    await clock.advance(timedelta(seconds=3))
    await eventually(lambda: directory.loaded)
    await directory.close()
