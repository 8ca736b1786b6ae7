"""What was measured with many cases, as a section of the page of benchmarks. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from bench.case_service import Took
from bench.case_speed import WRITES, CitySpeed

READ_GOAL, WRITE_GOAL = 100, 50
"""Milliseconds, p95."""
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def ranked(values: Sequence[float], share: float) -> float:
    """The value that `share` of them are not greater than."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def section(speeds: Sequence[CitySpeed], rounds: int) -> str:
    """A table for each database; "" where nothing was measured."""
    if not speeds:
        return ""
    blocks = ["## Many cases", _method(speeds, rounds)]
    for kind in dict.fromkeys(speed.database for speed in speeds):
        blocks += [f"### {_NAMES[kind]}", _table([speed for speed in speeds if speed.database == kind])]
    return "\n\n".join(blocks)


def goals(speeds: Sequence[CitySpeed]) -> list[tuple[tuple[str, str], str, bool]]:
    """((what, goal), measured, met) of reads and of writes, for each database with the most cases."""
    found = []
    for speed in {speed.database: speed for speed in speeds}.values():
        for what, goal in (("list, search or page", READ_GOAL), ("write", WRITE_GOAL)):
            groups = {name: kinds for name, kinds in speed.groups().items() if (name == WRITES) == (what == "write")}
            if groups:
                worst, name = max((*slowest(kinds)[:1], name) for name, kinds in groups.items())
                title = f"slowest {what}, p95, {speed.cases:,} cases on {_NAMES[speed.database]}"
                found.append(((title, f"≤ {goal} ms"), f"{worst:.0f} ms ({name})", worst <= goal))
    return found


def _method(speeds: Sequence[CitySpeed], rounds: int) -> str:
    sizes = ", ".join(f"{size:,}" for size in dict.fromkeys(speed.cases for speed in speeds))
    return f"""The whole service, without Asterisk, over loopback with {sizes} cases (the part `cases` of \
`make bench`; more by `--cases`): a fifth as many enterprises, three steps a case, one case in fifty open, \
30 units in a tree, all rows by a seed (`bench/large_city.py`). One request at a time, each kind {rounds} times \
with other words, numbers and cases, in another order each round. \
p50 is of the whole row; p95 that of its slowest kind, which is \
named where it misses the goal of {READ_GOAL} ms ({WRITE_GOAL} ms for writes). CPU is the time of the service \
and of the client that asks (p50, most cases). Growth is p50 from the fewest to the most cases, each as a \
multiple of `/api/session` in the same run, which reads nothing but the session."""


def _table(speeds: Sequence[CitySpeed]) -> str:
    sizes = [f"{speed.cases:,}: p50 / p95 (ms)" for speed in speeds]
    heads = ["", *sizes, "CPU (ms)", "growth", "met"]
    rows = [heads, ["---"] * len(heads)]
    for group in speeds[0].groups():
        rows.append(_row(group, [speed.groups().get(group, {}) for speed in speeds], [s.peer for s in speeds]))
    rows.append(_row("`/api/session`", [{"": speed.peer} for speed in speeds], [s.peer for s in speeds]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(group: str, found: Sequence[dict[str, list[Took]]], peers: Sequence[Sequence[Took]]) -> list[str]:
    goal = WRITE_GOAL if group == WRITES else READ_GOAL
    cells, relative = [], []
    for kinds, peer in zip(found, peers, strict=True):
        relative.append(_middle(kinds) / median(one.wall for one in peer))
        cells.append(f"{_middle(kinds):.0f} / {slowest(kinds)[0]:.0f}")
    last, name = slowest(found[-1])
    used = median(one.processor for took in found[-1].values() for one in took)
    met = "yes" if last <= goal else f"**no** ({name})" if name else "**no**"
    return [group, *cells, f"{used:.0f}", f"{relative[-1] / relative[0]:.1f} ×", met]


def _middle(kinds: dict[str, list[Took]]) -> float:
    return median(one.wall for took in kinds.values() for one in took)


def slowest(kinds: dict[str, list[Took]]) -> tuple[float, str]:
    """The p95 of the slowest kind, and its name."""
    return max((ranked([one.wall for one in took], 0.95), name) for name, took in kinds.items())


def detail(speeds: Sequence[CitySpeed]) -> str:
    """Every kind of request: wall p50 and p95, CPU p50 and p95; the most CPU first."""
    lines = []
    for speed in speeds:
        lines.append(f"{speed.database}, {speed.cases:,} cases; /api/session {_figures(speed.peer)}")
        kinds = sorted(speed.kinds.items(), key=lambda one: -ranked([took.processor for took in one[1]], 0.95))
        lines += [f"{_figures(took)}  {group}: {name}" for (group, name), took in kinds]
    return "\n".join(lines)


def _figures(took: Sequence[Took]) -> str:
    wall, processor = [one.wall for one in took], [one.processor for one in took]
    return " | ".join(f"{median(values):7.1f} {ranked(values, 0.95):7.1f}" for values in (wall, processor))
