"""How long `/healthz` takes while clients flood the service with large bodies: `python -m bench.flood`.

A service on the demo city, with its Asterisk. First nobody else asks anything; then 50 clients of another process send
`POST /api/session` with 0.9 MB of unknown keys, again and again. Beside each figure stands the shortest time that the
lease on new calls had left: at 0 callers would get the safe flow.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import dataclass

from bench.latency import middle, p99
from tests.faults.test_flood import asked_for, flood
from tests.stories.city import City, build_city

GOAL = 0.050
"""Seconds; the limit for the 99th percentile under the flood."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Of `/healthz`, in seconds."""

    taken: tuple[float, ...]
    lease_left: float

    @property
    def line(self) -> str:
        taken = [1000 * one for one in self.taken]
        return (
            f"{len(taken)} answers, median {middle(taken):.1f} ms, p99 {p99(taken):.1f} ms, "
            f"longest {max(taken):.1f} ms, lease never below {self.lease_left:.1f} s"
        )


async def measure(clients: int, seconds: float) -> tuple[Answers, Answers]:
    """Undisturbed, and under the flood."""
    async with build_city() as city:
        await asked_for(city, 2.0)  # Whatever is done once.
        idle = await _answers(city, seconds)
        async with flood(city, clients):
            loaded = await _answers(city, seconds)
    return idle, loaded


async def _answers(city: City, seconds: float) -> Answers:
    taken, left = await asked_for(city, seconds)
    return Answers(tuple(taken), left)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    idle, loaded = asyncio.run(measure(options.clients, options.seconds))
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"undisturbed: {idle.line}")
    print(f"{options.clients} clients: {loaded.line}")
    print(f"goal, p99 ≤ {1000 * GOAL:.0f} ms and no lost lease: {_verdict(loaded)}")


def _verdict(loaded: Answers) -> str:
    return "met" if p99(loaded.taken) <= GOAL and loaded.lease_left > 0 else "missed"


if __name__ == "__main__":
    main()
