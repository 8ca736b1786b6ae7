"""The highest rate held: short runs up a ladder until one fails, then a long run at the last that did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.plan import Plan
from bench.processes import busy_seconds
from bench.rig import Rig
from bench.sipp import Load, load
from bench.variants import Variant

CONFIRMATIONS = 3
"""Long runs a variant gets, each one rung lower than the last: one that collapses may leave Asterisk unfit for more."""
CORES_FULL = 1.8
"""Of two: above this the machine, not the program, sets the limit."""


@dataclass(frozen=True, slots=True)
class Step:
    """One run and how busy the machine was with it and with everything else, in cores."""

    load: Load
    cores_busy: float

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """Cores: Asterisk, controller, SIPp, the rest of the machine."""
        load = self.load
        own = [part / load.seconds for part in (load.asterisk_cpu, load.controller_cpu, load.sipp_cpu)]
        return own[0], own[1], own[2], max(0.0, self.cores_busy - sum(own))


@dataclass(frozen=True, slots=True)
class Capacity:
    """`held` is the long run that went through, None where none did; `failed` the run above it that did not."""

    held: Step | None
    failed: Step | None

    @property
    def bottleneck(self) -> str:
        step = self.failed or self.held
        if step is None:
            return "unknown"
        asterisk, controller, _, _ = step.shares
        if self.failed is None:
            return "none met: the ladder ended"
        if controller > 0.85:
            return "the controller's one core"
        if step.cores_busy > CORES_FULL:
            return "both cores busy, most of it " + ("Asterisk" if asterisk > controller else "the controller")
        return "Asterisk turns calls away" if "503" in step.load.reasons else "waits inside Asterisk, not the CPU"


async def measure(rig: Rig, variant: Variant, plan: Plan, progress: Callable[[str], None]) -> Capacity:
    """Probe up the ladder, then confirm in a long run; each that fails sends it a rung down, twice at most."""
    failed: Step | None = None
    held: Step | None = None
    rungs = list(plan.ladder)
    if len(rungs) > 1:
        rungs = []
        for rate in plan.ladder:
            step = await _run(rig, variant, rate, plan.probe_seconds, progress)
            if not step.load.held:
                failed = step
                break
            rungs.append(rate)
    for rate in list(reversed(rungs))[:CONFIRMATIONS]:
        step = await _run(rig, variant, rate, plan.hold_seconds, progress)
        if step.load.held:
            held = step
            break
        failed = step
    return Capacity(held, failed)


async def _run(rig: Rig, variant: Variant, rate: int, seconds: float, progress: Callable[[str], None]) -> Step:
    before = busy_seconds()
    result = await load(rig, variant, rate=rate, seconds=seconds)
    step = Step(result, (busy_seconds() - before) / result.seconds)
    asterisk, controller, sipp, rest = step.shares
    verdict = "held" if result.held else result.why_not()
    progress(
        f"{variant.name}: {rate}/s for {seconds:.0f} s: {verdict}; digit to end {result.digit_to_end_ms:.0f} ms; cores:"
        f" Asterisk {asterisk:.2f}, controller {controller:.2f}, SIPp {sipp:.2f}, others {rest:.2f}"
    )
    # Overload leaves thousands of channels behind, which hang up slowly.
    await rig.quiet(within=120)
    return step
