"""How long commands take beside `python -c pass`: `python -m bench.commands [ROUNDS]`.

`hotline agent list` reads a SQLite file of its own with the demo city in it. Processor time counts, since it is the
same on a busy machine; the goal is 0.7 s more than Python alone.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hotline.accounts.offline import users_of
from hotline.app.settings import Settings
from hotline.kernel.clock import SystemClock
from hotline.kernel.migrate import upgrade
from hotline.onebox.demo import load_demo

GOAL = 0.7
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "hotline --help": ["-m", "hotline", "--help"],
    "hotline agent list": ["-m", "hotline", "agent", "list"],
}


async def fill(home: Path) -> None:
    settings = Settings(home=home)
    await upgrade(settings.database_url)
    async with users_of(settings) as (accounts, database), database.transaction() as db:
        await load_demo(db, clock=SystemClock(), accounts=accounts, settings=settings.crm)


def take(arguments: list[str], home: Path) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processor time."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"HOTLINE_HOME": str(home)}
    subprocess.run([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, used


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asyncio.run(fill(home))
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, arguments in COMMANDS.items():
                taken[name].append(take(arguments, home))
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {rounds} rounds in turns")
    medians = {name: tuple(map(statistics.median, zip(*rows, strict=True))) for name, rows in taken.items()}
    for name, (clock, used) in medians.items():
        more = used - medians["python -c pass"][1]
        print(f"{name:20} {clock:5.2f} s, processor {used:5.2f} s: {'met' if more <= GOAL else 'missed'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
