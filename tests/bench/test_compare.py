from __future__ import annotations

from pathlib import Path

from bench.compare import HEADING, Figure, of_rounds, ratio, read, rows, slower
from bench.latency import middle, p99
from bench.report import Results, figures
from bench.screen_pop import Pops

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
STEADY = [10.0 + index % 3 for index in range(60)]


def page(*found: Figure) -> str:
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows(found))
    return f"{HEADING}\n\n{table}\n\n## Next\n| x | 1.00 × | ± 0.10 |"


def test_a_page_gives_back_the_figures_that_were_written_and_no_others() -> None:
    before = Figure("screen pop, p99", 3.25, 0.5)
    assert read(page(before)) == {"screen pop, p99": before}
    assert read("# A page without them") == {}


def test_the_committed_page_has_figures_to_compare_with() -> None:
    assert "digit → next prompt, median" in read(PAGE.read_text(encoding="utf-8"))


def test_only_what_got_slower_by_more_than_either_spread_is_named() -> None:
    before = {name: Figure(name, 1.0, 0.2) for name in ("a", "b", "c", "d")}
    now = [Figure("a", 1.5, 0.1), Figure("b", 1.5, 0.6), Figure("c", 1.1, 0.0), Figure("d", 0.5, 0.0)]
    now.append(Figure("not measured before", 9.0, 0.0))
    assert slower(now, before) == ["a: 1.00 × → 1.50 × (spread 0.20)"]


def test_a_ratio_is_steady_and_its_spread_grows_with_that_of_the_samples() -> None:
    twice = ratio("x", [2 * value for value in STEADY], STEADY, middle)
    assert twice.value == 2
    assert twice == ratio("x", [2 * value for value in STEADY], STEADY, middle)
    wild = [value * (1 + index % 7) for index, value in enumerate(STEADY)]
    assert ratio("x", wild, STEADY, p99).spread > twice.spread


def test_rounds_differ_by_their_distance() -> None:
    assert of_rounds("cpu", [0.5, 0.75]) == Figure("cpu", 0.625, 0.25)


def test_the_screen_pop_is_compared_at_the_median_and_at_p99() -> None:
    pops = Pops(ours=[3 * value for value in STEADY], who=[2 * value for value in STEADY], bare=STEADY)
    assert [(figure.name, figure.value) for figure in figures(Results(pops=pops))] == [
        ("who is calling, median", 2),
        ("screen pop, median", 3),
        ("who is calling, p99", 2),
        ("screen pop, p99", 3),
    ]
