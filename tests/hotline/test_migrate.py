from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from crm.cases.models import CaseStep
from crm.enterprises.search_index import EnterpriseSearch, word_alternatives
from crm.limits.models import DeadlineRevision
from crm.supervision.models import SupervisionTask
from hotline.app.models import metadata
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.migrate import differences, downgrade, upgrade
from hotline.kernel.revision import MigrationError, shipped_revisions
from hotline.kernel.search import hit_ids


def shipped() -> MetaData:
    """The service's tables, without those that tests add to the same metadata."""
    own = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        if not table.name.startswith("test_"):
            _copied: Table = table.to_metadata(own)
    return own


async def run(url: str, *statements: str) -> None:
    database = Database(url)
    await database.open()
    try:
        async with database.transaction() as db:
            for statement in statements:
                await db.execute(text(statement))
    finally:
        await database.close()


def indices_of(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        return {" ".join(sql.split()) for (sql,) in rows}


USER = """INSERT INTO user_account (id, username, name, password_hash, organisation_id, roles, active, created_at,
password_state, totp_secret, totp_since, totp_last_step, recovery_codes) SELECT '{name}', '{name}', 'x', 'x', id, '[]',
true, '2026-03-02 09:00:00', 'own', '{secret}', '2026-03-02 09:00:00', 0, '["x"]' FROM organisation"""


async def test_the_migrations_make_the_tables_of_the_models(any_url: str) -> None:
    assert await differences(any_url, shipped()) != []
    await upgrade(any_url)
    assert await differences(any_url, shipped()) == []
    await upgrade(any_url)


async def test_the_migrated_indices_have_the_conditions_of_the_models(tmp_path: Path) -> None:
    """Which alembic does not compare."""
    migrated, made = tmp_path / "migrated.db", tmp_path / "made.db"
    await upgrade(f"sqlite:///{migrated}")
    engine = create_engine(f"sqlite:///{made}")
    shipped().create_all(engine)
    engine.dispose()
    assert indices_of(migrated) == indices_of(made)


async def test_each_step_can_be_taken_back(any_url: str) -> None:
    await upgrade(any_url)
    await downgrade(any_url, "base")
    await upgrade(any_url)
    assert await differences(any_url, shipped()) == []


async def test_the_migrated_audit_log_is_append_only(any_url: str) -> None:
    await upgrade(any_url)
    await run(
        any_url,
        "INSERT INTO audit_entry (id, at, username, action, target, address, detail) "
        "VALUES ('a', '2026-03-02 09:00:00', 'x', 'y', 'z', '', '{}')",
    )
    statements = ["UPDATE audit_entry SET username = 'x'", "DELETE FROM audit_entry"]
    if any_url.startswith("sqlite"):
        columns = "id, at, username, action, target, address, detail"
        statements.append(f"INSERT OR REPLACE INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            await run(any_url, statement)


async def test_several_processes_may_upgrade_at_once(any_url: str) -> None:
    await asyncio.gather(*(upgrade(any_url) for _ in range(3)))
    assert await differences(any_url, shipped()) == []


async def test_a_newer_database_is_refused_and_left_alone(any_url: str) -> None:
    await upgrade(any_url)
    await run(any_url, "UPDATE alembic_version SET version_num = '9999'")
    for _ in range(2):
        with pytest.raises(MigrationError, match="newer version"):
            await upgrade(any_url)
    assert await differences(any_url, shipped()) == []


async def test_rows_that_lost_their_parent_stop_the_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    await upgrade(url)
    await run(
        url,
        "PRAGMA defer_foreign_keys = ON",
        "CREATE TABLE parent (id TEXT PRIMARY KEY)",
        "CREATE TABLE child (id TEXT REFERENCES parent (id))",
        "INSERT INTO parent VALUES ('p')",
        "INSERT INTO child VALUES ('p')",
    )
    unchecked = Database(url, foreign_keys=False)
    await unchecked.open()
    async with unchecked.transaction() as db:
        await db.execute(text("DELETE FROM parent"))
    await unchecked.close()
    with pytest.raises(MigrationError, match="child"):
        await upgrade(url)


async def test_a_database_that_is_away_is_said_to_be() -> None:
    with pytest.raises(UnavailableError):
        await upgrade("postgresql://hotline@127.0.0.1:1/x")


def test_the_revisions_read_from_the_files_are_those_alembic_finds() -> None:
    script = ScriptDirectory(str(files("hotline") / "migrations"))
    known, heads = shipped_revisions()
    assert known == {step.revision for step in script.walk_revisions()}
    assert heads == set(script.get_heads())


async def test_enterprises_registered_before_are_found_by_pinyin(any_url: str) -> None:
    await upgrade(any_url)
    await downgrade(any_url, "0006")
    await run(
        any_url,
        "INSERT INTO enterprise (id, name, name_normal, initials, kind, industry, skips_menu, version, created_at, "
        "updated_at) VALUES ('e', '乌海酒店', '乌海酒店', ' whjd ', 'enterprise', '', true, 1, "
        "'2026-03-02 09:00:00', '2026-03-02 09:00:00')",
    )
    await upgrade(any_url)
    database = Database(any_url)
    await database.open()
    async with database.snapshot() as db:
        row = (await db.execute(text("SELECT pinyin, credit_code_confirmed FROM enterprise"))).one()
    await database.close()
    assert (row.pinyin, bool(row.credit_code_confirmed)) == (" wuhaijiudian ", False)


async def test_an_older_version_gets_no_second_factor_that_it_cannot_read(any_url: str) -> None:
    await upgrade(any_url)
    sealed, plain = f"1.{'x' * 100}", "JBSWY3DPEHPK3PXP"
    for name, secret in (("sealed", sealed), ("plain", plain)):
        await run(any_url, USER.format(name=name, secret=secret))
    await downgrade(any_url, "0028")
    database = Database(any_url)
    await database.open()
    async with database.snapshot() as db:
        rows = await db.execute(text("SELECT id, totp_secret, totp_since FROM user_account ORDER BY id"))
        found = {row.id: (row.totp_secret, row.totp_since is None) for row in rows}
    await database.close()
    assert found == {"plain": (plain, False), "sealed": (None, True)}
    await upgrade(any_url)


async def test_enterprises_indexed_before_are_found_by_short_beginnings(any_url: str) -> None:
    await upgrade(any_url, "0031")
    await run(
        any_url,
        "INSERT INTO enterprise (id, name, name_normal, name_folded, initials, pinyin, credit_code, "
        "credit_code_confirmed, kind, industry, skips_menu, version, created_at, updated_at) VALUES ('e', '乌海酒店', "
        "'乌海酒店', '乌海酒店', ' whjd ', ' wuhaijiudian ', '911503000000000000', false, 'enterprise', '', true, 1, "
        "'2026-03-02 09:00:00', '2026-03-02 09:00:00')",
        "INSERT INTO enterprise_search (subject_id, words) VALUES ('e', 'whjd hjd jd d wuhaijiudian')",
    )
    for _ in range(2):
        await upgrade(any_url)
        database = Database(any_url)
        await database.open()
        async with database.snapshot() as db:
            for text_, found in (("wh", ["e"]), ("wuhai", ["e"]), ("9115", ["e"]), ("海酒", ["e"]), ("xx", [])):
                searches = [[word_alternatives(text_)]]
                hits = hit_ids(db.get_bind().dialect.name, EnterpriseSearch, searches)
                assert list(await db.scalars(hits)) == found, text_
            assert await db.scalar(text("SELECT sort_name FROM enterprise")) == " wuhaijiudian "
        await database.close()
        await downgrade(any_url, "0031")


def insert(table: str, **given: object) -> str:
    """A row of these values and something for whatever else may not be empty."""
    filler = {"INTEGER": 0, "BOOLEAN": "false", "DATE": "'2026-03-02'", "JSON": "'{}'", "TEXT": "'x'"}
    values = {
        column.name: filler.get(str(column.type).replace("VARCHAR", "TEXT").partition("(")[0], "'2026-03-02 09:00:00'")
        for column in metadata.tables[table].columns
        if not column.nullable
    }
    values |= {name: f"'{value}'" for name, value in given.items()}
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


async def test_replaced_names_are_renamed_in_what_is_stored(any_url: str) -> None:
    await upgrade(any_url)
    await downgrade(any_url, "0032")
    steps = {
        "request_extension": '{"caller_told": true, "reason": "\\"caller_told\\": 1"}',
        "note_repeat": '{"told": "told", "words": ""}',
        "return": '{"told": 1}',
    }
    await run(
        any_url,
        insert("service_case", id="c"),
        insert("unit", id="u"),
        *(insert("case_step", id=name, case_id="c", action=name, detail=detail) for name, detail in steps.items()),
        insert("supervision_task", id="t", case_id="c", unit_id="u", state="withdrawal_asked"),
        "INSERT INTO deadline_revision (id, started_at, looked_at, moved, unreckoned) "
        "VALUES ('r', '2026-03-02 09:00:00', 5, 3, 2)",
    )
    await upgrade(any_url)
    database = Database(any_url)
    await database.open()
    async with database.snapshot() as db:
        details = {row.action: row.detail for row in await db.scalars(select(CaseStep))}
        assert details == {
            "request_extension": {"caller_informed": True, "reason": '"caller_told": 1'},
            "note_repeat": {"caller_message": "told", "words": ""},
            "return": {"told": 1},
        }
        assert [row.state for row in await db.scalars(select(SupervisionTask))] == ["withdrawal_requested"]
        counts = [(row.checked, row.moved, row.not_computable) for row in await db.scalars(select(DeadlineRevision))]
        assert counts == [(5, 3, 2)]
    await database.close()
    await downgrade(any_url, "0032")
    await upgrade(any_url)
