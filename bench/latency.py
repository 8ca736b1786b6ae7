"""From the digit to the next prompt, and from the INVITE to the answer: one call after the other, variants in turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.caller import Caller, Timing
from bench.rig import Rig
from bench.variants import Variant

EVERY = 0.5
"""Seconds between two calls at the mean; each lasts about 0.9 s."""
LISTEN = 0.4


@dataclass(slots=True)
class Latency:
    """Milliseconds."""

    timings: list[Timing] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        return [timing.failure or "not hung up on" for timing in self.timings if not timing.ended]

    @property
    def digit_to_prompt(self) -> list[float]:
        return [t.digit_to_prompt * 1000 for t in self.timings if t.ended and t.digit_to_prompt is not None]

    @property
    def answer(self) -> list[float]:
        return [t.answer * 1000 for t in self.timings if t.ended and t.answer is not None]

    @property
    def first_prompt(self) -> list[float]:
        return [t.first_prompt * 1000 for t in self.timings if t.ended and t.first_prompt is not None]


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else float("nan")


def p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[-1] if len(values) > 1 else float("nan")


def middle(values: Sequence[float]) -> float:
    return median(values) if values else float("nan")


async def measure(rig: Rig, variants: Sequence[Variant], calls: int) -> dict[str, Latency]:
    """`calls` calls of each variant, in turn, so that whatever else the machine does meets all of them alike."""
    results = {variant.name: Latency() for variant in variants}
    caller = await Caller.open(rig.trunk_host, rig.sip)
    chance = random.Random(12345)

    async def one(variant: Variant, listen: float) -> None:
        results[variant.name].timings.append(await caller.call(variant.exten, listen=listen))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(calls):
                for variant in variants:
                    # The digit falls anywhere between two of Asterisk's own packets.
                    group.create_task(one(variant, LISTEN + chance.random() * 0.02))
                    # In step, each digit would meet the beginning of the next call.
                    await asyncio.sleep(EVERY * (0.5 + chance.random()))
    finally:
        caller.close()
    return results
