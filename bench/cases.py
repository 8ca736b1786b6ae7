"""How fast lists, searches, case pages and writes are with 10,000 cases, and with more: the real service over loopback,
on SQLite and on PostgreSQL.

    python -m bench.cases [--cases 10000,100000] [--databases sqlite,postgresql] [--rounds 20] [--only WORD]

The service runs in this process and answers one request at a time; its clock begins at the city's present. Beside all
kinds of requests stands `/api/session`, which reads nothing but the session, asked between the others.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.case_questions import READERS, Question, Sampled, questions, sample
from bench.case_report import detail, section
from bench.case_service import CityPages, Took, serving
from bench.case_speed import WRITES, CitySpeed
from bench.large_city_store import CACHE, Progress, filled_databases
from hotline.kernel.ids import uuid7
from hotline.kernel.logs import configure_logging

ROUNDS = 20


async def measure(
    sizes: Sequence[int],
    databases: Sequence[str],
    progress: Progress,
    *,
    rounds: int = ROUNDS,
    only: str = "",
    cache: Path = CACHE,
) -> list[CitySpeed]:
    """Of each database with each number of cases. Databases are filled where there are none yet."""
    found = []
    for kind in databases:
        async with filled_databases(kind, cache, progress) as filled:
            for cases in sizes:
                url = await filled.url(cases)
                progress(f"{kind}, {cases:,} cases")
                speed = CitySpeed(kind, cases)
                with tempfile.TemporaryDirectory(prefix="hotline-bench-") as home:
                    async with serving(url, Path(home)) as (hotline, pages):
                        sampled = await sample(hotline.database)
                        await _read(pages, sampled, speed, rounds, only)
                        if only in WRITES:
                            await _write(pages, sampled, speed, rounds)
                found.append(speed)
    return found


async def _read(pages: CityPages, sampled: Sampled, speed: CitySpeed, rounds: int, only: str) -> None:
    lists = {}
    for who in READERS.values():
        _, counted = await pages.ask(who, "GET", "/api/worklists")
        lists[who] = [one["name"] for one in counted]
    asked = [one for one in questions(sampled, lists) if only in f"{one.group}: {one.name}"]
    chance = random.Random(2)
    for turn in range(rounds + 1):
        # In another order each time, so that whatever else the machine does meets all of them alike.
        chance.shuffle(asked)
        for one in asked:
            took = await _ask(pages, one)
            if turn:  # The first warms up.
                speed.add(one.group, one.name, took)
        for _ in range(5):
            took, _ = await pages.ask("agent-3", "GET", "/api/session")
            speed.peer.append(took)


async def _ask(pages: CityPages, one: Question) -> Took:
    if one.body is not None:
        return (await pages.ask(one.who, "POST", one.path(), json=one.body()))[0]
    return (await pages.ask(one.who, "GET", one.path(), params=one.query()))[0]


async def _write(pages: CityPages, sampled: Sampled, speed: CitySpeed, rounds: int) -> None:
    """A case as it is typed, submitted and reviewed, with a note."""

    async def timed(name: str, who: str, method: str, path: str, body: dict[str, Any]) -> Any:
        took, answer = await pages.ask(who, method, path, json=body)
        speed.add(WRITES, name, took)
        return answer

    for _ in range(max(2 * rounds, 1)):
        like = sampled.one(sampled.cases)
        number = sampled.one(sampled.numbers)
        draft = {"type": "help", "title": like.title, "content": like.content, "callback_number": number}
        case = await timed("open a case", "agent-3", "POST", "/api/cases", {"id": uuid7()})
        path = f"/api/cases/{case['id']}"
        case = await timed("save what is typed", "agent-3", "PATCH", path, {**draft, "version": case["version"]})
        for name, who, action in (
            ("submit", "agent-3", "submit"),
            ("claim", "dispatcher-1", "claim"),
            ("approve", "dispatcher-1", "approve"),
            ("dispatch", "dispatcher-1", "dispatch"),
            ("sign", "handler-0", "sign"),
        ):
            body = {"version": case["version"], "request_id": uuid7()}
            if action == "dispatch":
                body["lead_unit_id"] = sampled.units[0]
            case = await timed(name, who, "POST", f"{path}/{action}", body)
        await timed("note", "dispatcher-1", "POST", f"{path}/notes", {"id": uuid7(), "text": "已电话核实。"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cases", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--cases", default="10000,100000")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="requests whose group and name hold this")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where filled databases are kept, default {CACHE}")
    options = parser.parse_args()
    configure_logging(level="error")

    def progress(line: str) -> None:
        print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)

    sizes = [int(text) for text in options.cases.split(",")]
    work = measure(
        sizes, options.databases.split(","), progress, rounds=options.rounds, only=options.only, cache=options.cache
    )
    speeds = asyncio.run(work)
    print(f"{detail(speeds)}\n\n{section(speeds, options.rounds)}")


if __name__ == "__main__":
    main()
