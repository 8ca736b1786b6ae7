"""How much is measured: the whole of it, or a first look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    latency_calls: int = 100
    """Of each variant."""
    cpu_rates: tuple[float, ...] = (20, 50)
    """Calls a second."""
    cpu_seconds: float = 10
    cpu_rounds: int = 2
    """Of each variant and rate, in turn."""
    ladder: Sequence[int] = (50, 100, 150, 200, 250, 300, 400, 500)
    """Calls a second; one rung alone is not probed first."""
    probe_seconds: float = 6
    hold_seconds: float = 60
    waiting: int = 200
    """Callers in the queue."""
    pops: int = 100
    cases: Sequence[int] = (10_000, 100_000)
    databases: Sequence[str] = ("sqlite", "postgresql")
    case_rounds: int = 20
    knowledge_entries: Sequence[int] = (1_000, 10_000, 100_000)


WHOLE = Plan()
QUICK = Plan(
    latency_calls=20,
    cpu_seconds=5,
    cpu_rounds=1,
    ladder=(50,),
    probe_seconds=0,
    hold_seconds=8,
    waiting=50,
    pops=10,
    cases=(10_000,),
    case_rounds=5,
    knowledge_entries=(1_000,),
)
