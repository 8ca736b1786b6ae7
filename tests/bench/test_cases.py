"""The city that is measured fits the tables as they are, and each of its requests is answered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bench import cases
from bench.case_report import goals, ranked, section
from bench.case_service import Took
from bench.case_speed import CitySpeed
from bench.large_city import VERSION
from bench.large_city_copies import multiply

CASES = 2000


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_every_request_is_answered_and_the_rows_fit(tmp_path: Path) -> None:
    (speed,) = await cases.measure([CASES], ["sqlite"], lambda _: None, rounds=1, cache=tmp_path)
    assert {"writes", "similar cases", "enterprise search"} < speed.groups().keys()
    page = section([speed], 1)
    assert "| writes | " in page
    assert "2,000: p50 / p95 (ms)" in page
    made = tmp_path / f"cases_{CASES}_v{VERSION}.db"
    multiply(made, tmp_path / "copies.db", 3)
    with sqlite3.connect(tmp_path / "copies.db") as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        made_here = "SELECT count(*), count(DISTINCT number) FROM service_case WHERE id GLOB '*-7000-800?-*'"
        assert db.execute(made_here).fetchone() == (3 * CASES, 3 * CASES)
        # Each is found by its own number.
        assert db.execute(
            "SELECT count(*) FROM case_search JOIN service_case ON service_case.id = subject_id "
            "WHERE substr(words, 2, length(service_case.number)) = service_case.number "
            "AND subject_id GLOB '*-7000-800?-*'"
        ).fetchone() == (3 * CASES,)


def test_a_row_is_as_slow_as_its_slowest_kind() -> None:
    speed = CitySpeed("sqlite", 10, peer=[Took(2, 1)])
    for name, wall in (("quick", 10.0), ("slow", 120.0)):
        for _ in range(20):
            speed.add("lists", name, Took(wall, 5))
            speed.add("writes", name, Took(wall / 10, 5))
    assert ranked([3, 1, 2], 0.95) == 3
    assert [(measured, met) for _, measured, met in goals([speed])] == [
        ("120 ms (lists)", False),
        ("12 ms (writes)", True),
    ]
    assert "| lists | 65 / 120 | 5 | 1.0 × | **no** (slow) |" in section([speed], 20)
    assert section([], 20) == ""
