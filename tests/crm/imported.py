"""Imports of enterprises that are checked and confirmed, without the way there; as a program, one that is written."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import insert

import hotline.app.models  # noqa: F401  # all tables, as in the service
from crm.enterprises.importing import EnterpriseImporter
from crm.enterprises.numbers import NumberPlan
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.imports.models import ImportRecord, ImportRow
from hotline.kernel.jobs import JobQueue


def feature(database: Database) -> ImportFeature:
    clock = SystemClock()
    imports = ImportFeature(database, JobQueue(clock), clock, lambda _event: None)
    imports.register(EnterpriseImporter(NumberPlan("473")))
    return imports


async def confirmed(database: Database, count: int) -> str:
    """The id of an import of so many new enterprises, one contact each, that is to be written."""
    import_id, now = uuid7(), SystemClock().now()
    record = ImportRecord(
        id=import_id,
        kind="enterprises",
        state="applying",
        file_name="x.csv",
        format="csv",
        encodings=[],
        mapping={},
        rows_total=count,
        counts={"create": count},
        created_by="id-supervisor",
        created_at=now,
        updated_at=now,
    )
    async with database.transaction() as db:
        db.add(record)
        await db.flush()
        for start in range(0, count, 2000):
            rows = [_row(import_id, number) for number in range(start, min(start + 2000, count))]
            await (await db.connection()).execute(insert(ImportRow), rows)
    return import_id


def _row(import_id: str, number: int) -> dict[str, object]:
    name = f"第{number}公司"
    value = {
        **{"name": name, "name_normal": name, "name_folded": name, "initials": " dgs ", "pinyin": " digongsi "},
        **{"credit_code": None, "kind": None, "size": None, "contact": "李娜", "role": "", "version": None},
        "numbers": [[f"+86139{number:08}", "caller"]],
    }
    verdict = {"outcome": "create", "key": None, "other_key": None, "subject": name, "target": uuid7(), "value": value}
    return {"import_id": import_id, "number": number + 2, "cells": [], "faults": {}, "problems": [], **verdict}


async def _write(url: str, import_id: str) -> None:
    database = Database(url)
    await database.open()
    await feature(database).worker.work_on(import_id)


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1], sys.argv[2]))
