"""The measurement of a large knowledge base, with a small one."""

from __future__ import annotations

from pathlib import Path

from bench.knowledge_speed import GOALS, KnowledgeSpeed, measure, section


async def test_all_that_has_a_goal_is_measured(tmp_path: Path) -> None:
    (speed,) = await measure([300], ["sqlite"], lambda _: None, rounds=1, cache=tmp_path)
    assert {*speed.figures, "rebuild"} == set(GOALS)
    assert all(took > 0 for figures in speed.figures.values() for took in figures)
    # It was searched and written to while the index was made anew.
    assert set(speed.meanwhile) == {"search", "write"}
    assert speed.rebuild > 0


def test_what_misses_its_goal_is_bold() -> None:
    figures = {name: [GOALS[name] - 1] * 20 for name in ("search", "typing", "suggestion")} | {"change": [21.0] * 20}
    speed = KnowledgeSpeed("sqlite", 100_000, figures, {"search": 30.0}, 61.0, {"search": [3.0, 9.0], "write": [5.0]})
    row = section([speed]).splitlines()[-1]
    assert row == "| sqlite | 100,000 | 49 / 49 (30) | 49 / 49 | 99 / 99 | 21 / **21** | **61** | 9, 5 |"
