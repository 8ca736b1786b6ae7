"""The tree of organisations, and where users belong in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from hotline.accounts.models import ROOT_ORGANISATION, AuditEntry
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.migrate import downgrade, upgrade
from hotline.kernel.trees import levels, would_cycle
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import PASSWORD, Accounts

PATH = "/api/organisations"


class Tree:
    """Organisations, as a system administrator sees them."""

    def __init__(self, accounts: Accounts, token: str) -> None:
        self.accounts = accounts
        self.token = token

    async def ask(self, method: str, path: str, json: Any = None) -> tuple[int, Any]:
        return await self.accounts.ask(method, path, self.token, json)

    async def add(self, name: str, parent: str = ROOT_ORGANISATION, kind: str = "vendor") -> dict[str, Any]:
        status, view = await self.ask("POST", PATH, {"name": name, "kind": kind, "parent_id": parent})
        assert status == 201, view
        assert isinstance(view, dict)
        return view

    async def change(self, view: dict[str, Any], **fields: Any) -> tuple[int, Any]:
        return await self.ask("PATCH", f"{PATH}/{view['id']}", {"version": view["version"], **fields})

    async def refused(self, view: dict[str, Any], **fields: Any) -> tuple[int, str]:
        status, body = await self.change(view, **fields)
        return status, body["error_id"]

    async def root(self) -> dict[str, Any]:
        _, views = await self.ask("GET", PATH)
        return next(view for view in views if view["parent_id"] is None)


@pytest.fixture
async def tree(any_database: Database, clock: FakeClock) -> AsyncIterator[Tree]:
    accounts = Accounts(any_database, clock)
    await accounts.start()
    await accounts.add("admin", Role.SYSTEM_ADMIN)
    yield Tree(accounts, await accounts.log_in("admin"))
    await accounts.close()


@given(st.lists(st.integers(0, 9), max_size=9), st.integers(0, 9), st.integers(0, 9))
def test_no_accepted_move_makes_a_cycle(above: list[int], node: int, parent: int) -> None:
    # Each node's parent comes before it: a tree.
    parents: dict[str, str | None] = {"0": None}
    for index, value in enumerate(above, 1):
        parents[str(index)] = str(value % index)
    moved, under = str(node % len(parents)), str(parent % len(parents))
    if would_cycle(parents, moved, under):
        return
    parents[moved] = under
    for start in parents:
        at: str | None = start
        for _ in range(len(parents) + 1):
            at = parents[at] if at is not None else None
        assert at is None


def test_a_node_is_neither_under_itself_nor_under_what_is_below_it() -> None:
    parents = {"root": None, "a": "root", "b": "a"}
    assert would_cycle(parents, "a", "a")
    assert would_cycle(parents, "a", "b")
    assert not would_cycle(parents, "b", "root")
    assert not would_cycle(parents, "b", None)


@given(st.lists(st.one_of(st.none(), st.integers(0, 11)), min_size=1, max_size=12))
def test_levels_and_cycles_of_any_graph(above_each: list[int | None]) -> None:
    parents = {str(node): None if up is None else str(up % len(above_each)) for node, up in enumerate(above_each)}
    level, cyclic = levels(parents)
    for node in parents:
        path = [node]
        while (up := parents[path[-1]]) is not None and up not in path:
            path.append(up)
        assert (node in cyclic) == (up == node)
        assert level.get(node) == (len(path) if up is None else None)


async def test_everybody_belongs_to_the_hotline_at_first(tree: Tree) -> None:
    root = await tree.root()
    assert (root["id"], root["kind"], root["users"]) == (ROOT_ORGANISATION, "hotline", 1)


async def test_an_organisation_is_added_moved_and_renamed_and_each_is_audited(tree: Tree) -> None:
    vendor = await tree.add("乌海外包公司")
    group = await tree.add("一组", kind="unit")
    status, moved = await tree.change(group, parent_id=vendor["id"], name="早班组")
    assert (status, moved["parent_id"], moved["name"], moved["version"]) == (200, vendor["id"], "早班组", 2)
    async with tree.accounts.database.snapshot() as db:
        entries = list(await db.scalars(select(AuditEntry).where(AuditEntry.target == group["id"])))
    assert {entry.action for entry in entries} == {"organisation.create", "organisation.change"}
    change = next(entry for entry in entries if entry.action == "organisation.change")
    assert change.detail == {
        "before": {"name": "一组", "parent_id": ROOT_ORGANISATION},
        "after": {"name": "早班组", "parent_id": vendor["id"]},
    }


async def test_a_cycle_a_stale_version_and_a_name_taken_are_refused(tree: Tree) -> None:
    vendor = await tree.add("外包公司")
    group = await tree.add("一组", vendor["id"])
    assert await tree.refused(vendor, parent_id=group["id"]) == (422, "organisation.cycle")
    assert await tree.refused(vendor, parent_id=vendor["id"]) == (422, "organisation.cycle")
    assert await tree.refused({**vendor, "version": 7}, name="别的") == (409, "organisation.version_conflict")
    assert await tree.refused(vendor, name="一组") == (409, "organisation.name_taken")
    assert await tree.refused(vendor, parent_id="nowhere") == (404, "organisation.not_found")
    for fields in ({"parent_id": vendor["id"]}, {"active": False}, {"kind": "unit"}):
        assert (await tree.refused(await tree.root(), **fields))[1] in ("organisation.root", "organisation.cycle")


async def test_one_with_active_users_or_children_cannot_be_deactivated(tree: Tree) -> None:
    vendor = await tree.add("外包公司")
    group = await tree.add("一组", vendor["id"])
    user = await tree.accounts.add("agent1", Role.AGENT)
    status, view = await tree.ask("PUT", f"/api/users/{user.id}/organisation", {"organisation_id": group["id"]})
    assert (status, view["organisation"]) == (200, "一组")
    assert await tree.refused(vendor, active=False) == (409, "organisation.in_use")
    assert await tree.refused(group, active=False) == (409, "organisation.in_use")
    assert (await tree.ask("POST", f"/api/users/{user.id}/deactivate"))[0] == 200
    status, group = await tree.change(group, active=False)
    assert (status, group["active"]) == (200, False)
    # Nobody comes into it again by another way.
    for method, path, body in (
        ("POST", f"/api/users/{user.id}/activate", None),
        ("PUT", f"/api/users/{user.id}/organisation", {"organisation_id": group["id"]}),
        ("POST", PATH, {"name": "二组", "kind": "unit", "parent_id": group["id"]}),
    ):
        status, answer = await tree.ask(method, path, body)
        assert (status, answer["error_id"]) == (409, "organisation.inactive"), path
    assert (await tree.change(vendor, active=False))[0] == 200
    assert await tree.refused(group, active=True) == (409, "organisation.inactive")


async def test_a_new_user_comes_into_the_organisation_chosen(tree: Tree) -> None:
    vendor = await tree.add("外包公司")
    body = {"username": "new", "name": "新人", "password": PASSWORD, "organisation_id": vendor["id"]}
    status, user = await tree.ask("POST", "/api/users", body)
    assert (status, user["organisation_id"], user["organisation"]) == (201, vendor["id"], "外包公司")
    async with tree.accounts.database.snapshot() as db:
        (entry,) = await db.scalars(select(AuditEntry).where(AuditEntry.action == "user.create"))
    assert entry.detail["organisation_id"] == vendor["id"]


async def test_the_migration_puts_users_who_are_there_into_the_hotline(any_url: str) -> None:
    await upgrade(any_url)
    await downgrade(any_url, "0010")
    columns = (
        "id, username, name, password_hash, roles, active, created_at, password_state, totp_last_step, recovery_codes"
    )
    database = Database(any_url)
    await database.open()
    try:
        async with database.transaction() as db:
            await db.execute(
                text(
                    f"INSERT INTO user_account ({columns}) "  # noqa: S608  # our own words
                    "VALUES ('u-1', 'old', '旧人', 'x', '[]', true, '2026-03-02 09:00:00', 'own', 0, '[]')"
                )
            )
            await db.execute(
                text(
                    "INSERT INTO user_session (id, token_hash, user_id, created_at, renewed_at, expires_at, address, "
                    "user_agent, second_factor) VALUES ('s-1', 'h', 'u-1', '2026-03-02 09:00:00', "
                    "'2026-03-02 09:00:00', '2026-03-03 09:00:00', '', '', false)"
                )
            )
        await database.close()
        await upgrade(any_url)
        await database.open()
        async with database.snapshot() as db:
            assert (await db.execute(text("SELECT organisation_id FROM user_account"))).scalar() == ROOT_ORGANISATION
            assert (await db.execute(text("SELECT count(*) FROM user_session"))).scalar() == 1
    finally:
        await database.close()
