"""What the fault tests measure, and the table of it in docs/operations.md.

python -m tests.faults.figures        runs the tests and writes the table
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

VARIABLE = "HOTLINE_FAULT_FIGURES"
"""Names the file that a run of the tests leaves its figures in."""
MANUAL = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


@dataclass(frozen=True, kw_only=True)
class FaultFigure:
    """One fault. `gap` is the longest silence in the talk; seconds everywhere."""

    fault: str
    calls: int
    lost: int
    missing: int
    recovery: float | None = None
    recovered: str = ""
    """What the time of recovery runs from and to."""
    gap: float | None = None


@dataclass
class Figures:
    measured: list[FaultFigure] = field(default_factory=list)

    def add(self, figure: FaultFigure) -> None:
        self.measured.append(figure)

    def keep(self) -> None:
        if file := os.environ.get(VARIABLE):
            Path(file).write_text(json.dumps([asdict(one) for one in self.measured]), encoding="utf-8")


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun


def table(figures: list[FaultFigure]) -> str:
    rows = [
        "| fault | calls | lost | records missing | longest silence in the talk | time to recover |",
        "|---|---|---|---|---|---|",
    ]
    for one in figures:
        gap = "–" if one.gap is None else f"{one.gap:.1f} s"
        recovery = "–" if one.recovery is None else f"{one.recovery:.1f} s: {one.recovered}"
        rows.append(f"| {one.fault} | {one.calls} | {one.lost} | {one.missing} | {gap} | {recovery} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/faults"], env=os.environ | {VARIABLE: str(file)}
        )
        if run.returncode:
            return run.returncode
        figures = [FaultFigure(**one) for one in json.loads(file.read_text(encoding="utf-8"))]
    text = MANUAL.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    MANUAL.write_text(head + BEGIN + table(figures) + END + tail, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
