"""The measurements as a Markdown page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bench import compare
from bench.capacity import Capacity
from bench.case_report import goals
from bench.case_report import section as many_cases
from bench.case_speed import CitySpeed
from bench.flow_lint import NODES
from bench.knowledge.quality import SearchQuality
from bench.knowledge.quality import section as knowledge_search
from bench.knowledge_speed import KnowledgeSpeed
from bench.knowledge_speed import section as speed_section
from bench.latency import Latency, middle, p95, p99
from bench.memory import Memory
from bench.plan import Plan
from bench.screen_pop import Pops
from bench.sipp import Load
from bench.workcalendar import USUAL

NATIVE, OURS = "native dialplan", "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    begun: datetime
    minutes: float
    cores: int
    cpu: str
    system: str
    asterisk: str
    python: str


@dataclass(slots=True)
class Results:
    """What was not measured is empty and is left out."""

    names: Sequence[str] = ()
    latency: dict[str, Latency] = field(default_factory=dict)
    cpu: dict[str, list[Load]] = field(default_factory=dict)
    capacity: dict[str, Capacity] = field(default_factory=dict)
    memory: Memory | None = None
    pops: Pops | None = None
    deadlines: dict[str, float] = field(default_factory=dict)
    """A second, by how far they reach."""
    flow_lint: float | None = None
    """Seconds for a flow of 1,000 nodes."""
    cities: Sequence[CitySpeed] = ()
    search: SearchQuality | None = None
    knowledge: Sequence[KnowledgeSpeed] = ()


def render(results: Results, plan: Plan, facts: Facts) -> str:
    blocks = [_head(facts), _goals(results), _compared(results), _table(results)]
    if results.capacity:
        blocks.append(_limits(results))
    if results.memory:
        blocks.append(_memory(results.memory))
    if results.pops:
        blocks.append(_pops(results.pops))
    if results.deadlines:
        blocks.append(_deadlines(results.deadlines))
    blocks.append(many_cases(results.cities, plan.case_rounds))
    blocks.append(knowledge_search(results.search))
    blocks.append(speed_section(results.knowledge))
    if results.names:
        blocks.append(_method(plan))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(facts: Facts) -> str:
    return f"""# Benchmarks

`make bench` wrote this page on {facts.begun:%Y-%m-%d} in {facts.minutes:.0f} minutes: {facts.cores} cores \
({facts.cpu}), {facts.system}, Asterisk {facts.asterisk.split("+")[0] or "not used"}, Python {facts.python}. \
Asterisk, all controllers and the callers shared these cores. Compare the variants of one run; absolute figures are \
the machine's."""


def _goals(results: Results) -> str:
    rows = []
    if {NATIVE, OURS} <= results.latency.keys():
        ours, native = (middle(results.latency[name].digit_to_prompt) for name in (OURS, NATIVE))
        rows.append(("digit → next prompt, median", "≤ 1.5 × native", f"{ours / native:.2f} ×", ours <= 1.5 * native))
    if {NATIVE, OURS} <= results.cpu.keys():
        native_cpu = _cpu_per_call(results.cpu[NATIVE])
        for rate, (asterisk, controller) in _cpu_per_call(results.cpu[OURS]).items():
            value = f"{controller:.1f} ms beside {asterisk:.1f} ms (of a native call: {native_cpu[rate][0]:.1f} ms)"
            rows.append(
                (f"CPU of the service per call, {rate:g} calls/s", "≤ Asterisk's for it", value, controller <= asterisk)
            )
    if OURS in results.capacity:
        held = results.capacity[OURS].held
        rate, seconds = (held.load.rate, held.load.wanted / held.load.rate) if held else (0, 0)
        value = f"{rate:g} calls/s for {seconds:.0f} s"
        rows.append(("rate held, none failed", "50 calls/s for 60 s", value, rate >= 50 and seconds >= 60))
    if results.pops:
        last = p99(results.pops.ours)
        rows.append(("screen pop after ring, p99", "≤ 100 ms", f"{last:.0f} ms", last <= 100))
    if results.deadlines:
        name, rate = USUAL, results.deadlines[USUAL]
        rows.append((f"deadlines in {name}, one core", "≥ 100,000/s", f"{rate:,.0f}/s", rate >= 100_000))
    if results.flow_lint is not None:
        value = f"{results.flow_lint:.2f} s"
        rows.append((f"lint of a flow of {NODES:,} nodes", "≤ 1 s", value, results.flow_lint <= 1))
    for goal, value, met in goals(results.cities):
        rows.append((*goal, value, met))
    if not rows:
        return ""
    lines = [(what, goal, value, "yes" if met else "**no**") for what, goal, value, met in rows]
    return "## Goals\n\n" + _markdown(("ours", "goal", "measured", "met"), lines)


def figures(results: Results) -> list[compare.Figure]:
    """What may be compared with the figures of an earlier run, perhaps on another machine."""
    found = []
    if {NATIVE, OURS} <= results.latency.keys():
        ours, native = results.latency[OURS], results.latency[NATIVE]
        found = [
            compare.ratio("digit → next prompt, median", ours.digit_to_prompt, native.digit_to_prompt, middle),
            compare.ratio("INVITE → answer, median", ours.answer, native.answer, middle),
            compare.ratio("INVITE → first prompt, median", ours.first_prompt, native.first_prompt, middle),
        ]
    by_rate: dict[float, list[float]] = {}
    for load in results.cpu.get(OURS, ()):
        by_rate.setdefault(load.rate, []).append(load.controller_cpu / load.asterisk_cpu)
    for rate, rounds in by_rate.items():
        found.append(compare.of_rounds(f"CPU of the service at {rate:g} calls/s", rounds))
    if results.pops:
        for name, statistic in (("median", middle), ("p99", p99)):
            for what, painted in (("who is calling", results.pops.who), ("screen pop", results.pops.ours)):
                found.append(compare.ratio(f"{what}, {name}", painted, results.pops.bare, statistic))
    return found


def _compared(results: Results) -> str:
    if not (found := figures(results)):
        return ""
    text = """Ours as a multiple of the peer in the same run: of the native dialplan, of Asterisk's own CPU for the \
same calls, and for the screen pop of a bare page that paints the caller's number on the same INVITE. The spread is \
two standard errors (bootstrap), for CPU the distance between the rounds. `make bench` ends with a list of what got \
slower than the committed page by more than the spread."""
    return f"{compare.HEADING}\n\n{text}\n\n" + _markdown(("", "ours", "spread"), compare.rows(found))


def _table(results: Results) -> str:
    if not results.names:
        return ""
    columns = [_column(results, name) for name in results.names]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    if not keys:
        return ""
    lines = [(key, *(column.get(key, "–") for column in columns)) for key in keys]
    return "## Side by side\n\n" + _markdown(("", *results.names), lines)


def _column(results: Results, name: str) -> dict[str, str]:
    cells: dict[str, str] = {}
    if found := results.latency.get(name):
        digit, answer, first = found.digit_to_prompt, found.answer, found.first_prompt
        cells["digit → next prompt, median / p95 (ms)"] = f"{middle(digit):.1f} / {p95(digit):.1f}"
        cells["INVITE → answer, median / p95 (ms)"] = f"{middle(answer):.1f} / {p95(answer):.1f}"
        cells["INVITE → first prompt, median / p95 (ms)"] = f"{middle(first):.1f} / {p95(first):.1f}"
        cells["calls measured / failed"] = f"{len(found.timings)} / {len(found.failures)}"
    if loads := results.cpu.get(name):
        for rate, (asterisk, controller) in _cpu_per_call(loads).items():
            value = f"{asterisk:.1f} / {controller:.1f}" if controller else f"{asterisk:.1f} / –"
            cells[f"CPU per call at {rate:g} calls/s: Asterisk / controller (ms)"] = value
    if limit := results.capacity.get(name):
        cells["highest rate held, none failed (calls/s)"] = _highest(limit)
    return cells


def _highest(limit: Capacity) -> str:
    if limit.held:
        return f"{limit.held.load.rate:g}"
    return f"< {limit.failed.load.rate:g}, not tried lower" if limit.failed else "none"


def _cpu_per_call(loads: Iterable[Load]) -> dict[float, tuple[float, float]]:
    """By the rate: milliseconds of Asterisk and of the controller."""
    by_rate: dict[float, list[Load]] = {}
    for load in loads:
        by_rate.setdefault(load.rate, []).append(load)
    return {
        rate: (
            sum(load.asterisk_cpu for load in some) / sum(load.wanted for load in some) * 1000,
            sum(load.controller_cpu for load in some) / sum(load.wanted for load in some) * 1000,
        )
        for rate, some in by_rate.items()
    }


def _limits(results: Results) -> str:
    lines = []
    for name, limit in results.capacity.items():
        for what, step in (("held", limit.held), ("failed", limit.failed)):
            if step is None:
                continue
            load = step.load
            shares = " / ".join(f"{share:.2f}" for share in step.shares)
            why = limit.bottleneck if what == "failed" or limit.failed is None else ""
            lines.append(
                (
                    name,
                    f"{load.rate:g}/s for {load.wanted / load.rate:.0f} s",
                    load.why_not() or what,
                    f"{load.digit_to_end_ms:.0f} ms",
                    shares,
                    why,
                )
            )
    head = ("", "run", "outcome", "digit → BYE, mean", "cores: Asterisk / controller / SIPp / rest", "limit")
    return (
        "## What sets the limit\n\n"
        "The run that held, and the shortest one above it that did not. The second prompt alone lasts 200 ms.\n\n"
        + _markdown(head, lines)
    )


def _memory(memory: Memory) -> str:
    return f"""## Memory

{memory.callers} callers waiting in the queue, with music and recorded as every call is, less what was used before \
the first of them came: **{memory.asterisk:.0f} KB** of Asterisk and **{memory.service:.0f} KB** of the service each."""


def _pops(pops: Pops) -> str:
    return f"""## Screen pop

From the ring to the pop in an agent's Chromium: median **{middle(pops.ours):.0f} ms**, p99 \
**{p99(pops.ours):.0f} ms**, {len(pops.ours)} calls; until number, enterprise and contact are there: \
{middle(pops.who):.0f} and {p99(pops.who):.0f} ms; the bare page: {middle(pops.bare):.0f} and {p99(pops.bare):.0f} \
ms. All moments are the page's own: the INVITE's arrival on its phone's WebSocket, and the first frames painted with \
the caller and with the enterprise's card. Behind them: the demo city on SQLite, the service as its own process, \
Chromium headless on the same cores. A pop that is there before the ring counts as 0. The bare page is a window of \
its own in the same browser; the INVITE reaches it by one message from the phone's page."""


def _deadlines(deadlines: dict[str, float]) -> str:
    rows = [(name, f"{rate:,.0f}") for name, rate in deadlines.items()]
    return "## Working time\n\n" + _markdown(("a deadline in", "a second, one core"), rows)


def _method(plan: Plan) -> str:
    return f"""## How it was measured

- One Asterisk with the product's own configuration; the peers' extensions and the ARI modules are added to it. Every \
variant runs the same call: answer, a prompt of 5 s that a digit interrupts, a prompt of 200 ms, hang-up. Native is \
Answer, Read, Playback, Hangup. FastAGI and ARI are the shortest honest programs (`bench/peers`), with no database. \
Ours is the whole service as `hotline serve` runs it: journal, stored sessions, call log on SQLite, lease and \
dead-man's timer, on `bench/flow.yaml`.
- Latency: {plan.latency_calls} calls of each variant, in turn, one every 0.25 to 0.75 s, from a caller that sends \
and reads real RTP (`bench/caller.py`). The prompts are µ-law files of one byte value each, so a packet identifies its \
prompt. The digit is RFC 4733; the clock runs from its first packet with the end bit to the first packet of the \
second prompt. A caller sends a packet each 20 ms, and some steps in Asterisk move only when one arrives: that beat \
is in all variants alike.
- CPU: user and system time in `/proc/<pid>/stat` of {plan.cpu_rounds} × {plan.cpu_seconds:g} s at \
{" and ".join(f"{rate:g}" for rate in plan.cpu_rates)} calls/s by SIPp with RTP, divided by the calls. The service's \
own idle work (lease, ping) and its commits, a few a second at any rate, are in it and weigh more at the lower rate.
- Highest rate: runs of {plan.probe_seconds:g} s up the ladder {", ".join(map(str, plan.ladder))} until one fails, \
then {plan.hold_seconds:g} s at the last that held, and a rung lower where that fails, three \
runs at most. Held means: SIPp placed every call in time and every call went through to Asterisk's BYE. SIPp runs \
on the same cores.
- Memory: resident size from `/proc/<pid>/statm`, measured first, on a fresh Asterisk after a few calls."""


def _markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
