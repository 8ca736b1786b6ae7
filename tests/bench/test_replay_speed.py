from __future__ import annotations

from pathlib import Path

from bench.replay_speed import measure


async def test_all_calls_are_replayed(tmp_path: Path) -> None:
    speed = await measure(22, tmp_path)
    assert (speed.calls, speed.touched) == (22, 22)
    assert speed.seconds > 0
