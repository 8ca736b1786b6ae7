"""All measurements in one run on one Asterisk; the table goes to docs/benchmarks.md.

    python -m bench [--quick] [--only memory,latency,cpu,capacity,screen_pop,calendar,flow_lint,cases,knowledge,
        knowledge_speed] [--output FILE] [--cases 10000,100000] [--databases sqlite,postgresql]

`--quick` takes two minutes, for a look after a change, and writes no file unless told where.
`--cases 10000,100000,1000000` takes some twenty minutes more the first time: the databases are kept in /var/tmp.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bench import capacity, cases, flow_lint, knowledge_speed, latency, memory, screen_pop, workcalendar
from bench.compare import Figure, read, slower
from bench.knowledge import quality
from bench.plan import QUICK, WHOLE, Plan
from bench.report import Facts, Results, figures, render
from bench.rig import Rig
from bench.sipp import load
from bench.variants import ROOT, Variant, all_variants
from hotline.kernel.errors import HotlineError
from hotline.kernel.logs import configure_logging

T = TypeVar("T")
OUTPUT = ROOT / "docs/benchmarks.md"
CALLS = frozenset({"memory", "latency", "cpu", "capacity"})
DATABASES = ("cases", "knowledge", "knowledge_speed")
PARTS = ("memory", "latency", "cpu", "capacity", "screen_pop", "calendar", "flow_lint", *DATABASES)


def progress(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)


async def run(plan: Plan, parts: frozenset[str]) -> tuple[str, list[Figure]]:
    """Everything is started and stopped inside; the report as Markdown, and its figures."""
    begun = datetime.now(UTC)
    results = Results()
    asterisk = ""
    if parts & CALLS or "screen_pop" in parts:
        async with Rig() as rig:
            if parts & CALLS:
                await _calls(rig, plan, parts, results)
            asterisk = rig.version
    if "screen_pop" in parts:
        progress(f"screen pop: {plan.pops} calls")
        results.pops = await screen_pop.measure(plan.pops)
    if "calendar" in parts:
        progress("calendar")
        results.deadlines = await asyncio.to_thread(workcalendar.rates)
    if "flow_lint" in parts:
        progress("lint of a flow")
        results.flow_lint = await asyncio.to_thread(flow_lint.seconds)
    if "cases" in parts:
        results.cities = await cases.measure(plan.cases, plan.databases, progress, rounds=plan.case_rounds)
    if "knowledge" in parts:
        results.search = await quality.measure(plan.databases, progress)
    if "knowledge_speed" in parts:
        results.knowledge = await knowledge_speed.measure(plan.knowledge_entries, plan.databases, progress)
    return render(results, plan, _facts(begun, asterisk)), figures(results)


async def _calls(rig: Rig, plan: Plan, parts: frozenset[str], results: Results) -> None:
    async with all_variants(rig) as variants:
        results.names = [variant.name for variant in variants]
        if "memory" in parts:
            progress(f"memory of {plan.waiting} waiting callers")
            results.memory = await memory.measure(rig, variants[-1], plan.waiting)
        if "latency" in parts:
            progress(f"latency: {plan.latency_calls} calls of each variant")
            results.latency = await latency.measure(rig, variants, plan.latency_calls)
        if "cpu" in parts:
            await _cpu(rig, plan, variants, results)
        if "capacity" in parts:
            for variant in variants:
                results.capacity[variant.name] = await capacity.measure(rig, variant, plan, progress)


async def _cpu(rig: Rig, plan: Plan, variants: Sequence[Variant], results: Results) -> None:
    for rate in plan.cpu_rates * plan.cpu_rounds:
        progress(f"CPU at {rate:g} calls/s")
        for variant in variants:
            done = await load(rig, variant, rate=rate, seconds=plan.cpu_seconds)
            results.cpu.setdefault(variant.name, []).append(done)
            await rig.quiet()


async def _until_done_or_told_to_stop(work: Coroutine[Any, Any, T]) -> T:
    """Ctrl-C and SIGTERM cancel the work, which then stops all that it has started."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def _facts(begun: datetime, asterisk: str) -> Facts:
    cpu = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").open() if line.startswith("model name")),
        platform.machine(),
    )
    return Facts(
        begun=begun,
        minutes=(datetime.now(UTC) - begun).total_seconds() / 60,
        cores=os.cpu_count() or 1,
        cpu=cpu,
        system=f"{platform.system()} {platform.release()}",
        asterisk=asterisk,
        python=platform.python_version(),
    )


def _verdict(found: Sequence[Figure], before: Mapping[str, Figure]) -> str:
    known = [figure for figure in found if figure.name in before]
    lines = slower(known, before)
    if lines:
        return "\n".join([f"Slower than in {OUTPUT.relative_to(ROOT)}, by more than the spread:", *lines])
    return f"Nothing got slower than in {OUTPUT.relative_to(ROOT)} ({len(known)} of {len(found)} figures are in it)."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two minutes instead of half an hour; prints only")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}, with commas")
    parser.add_argument("--cases", help="how many, with commas; default 10000,100000, with --quick 10000")
    parser.add_argument("--databases", default="sqlite,postgresql", help="with a comma")
    parser.add_argument("--output", type=Path, help=f"default {OUTPUT.relative_to(ROOT)}; with --quick none")
    options = parser.parse_args()
    parts = frozenset(options.only.split(","))
    if unknown := parts - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    plan = replace(QUICK if options.quick else WHOLE, databases=tuple(options.databases.split(",")))
    if options.cases:
        plan = replace(plan, cases=tuple(int(text) for text in options.cases.split(",")))
    if parts <= set(DATABASES):
        configure_logging(level="error")
    try:
        text, found = asyncio.run(_until_done_or_told_to_stop(run(plan, parts)))
    except asyncio.CancelledError:
        raise SystemExit("stopped") from None
    except HotlineError as error:
        raise SystemExit(f"{error.title}: {error}") from None
    except (RuntimeError, OSError) as error:
        raise SystemExit(str(error)) from None
    print(text)
    # Before it is written over: the committed page.
    before = read(OUTPUT.read_text(encoding="utf-8")) if OUTPUT.exists() else {}
    output = options.output or (None if options.quick or parts != set(PARTS) else OUTPUT)
    if output:
        output.write_text(text, encoding="utf-8")
        progress(f"written to {output}")
    print(_verdict(found, before))


if __name__ == "__main__":
    main()
