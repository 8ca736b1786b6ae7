"""Load by SIPp: calls with real RTP at a steady rate, and what became of them."""

from __future__ import annotations

import asyncio
import csv
import re
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import cpu_seconds, running
from bench.rig import Rig
from bench.variants import Variant
from tests.phones.ports import free_port

SCENARIOS = Path(__file__).parent / "scenarios"
PATIENCE = 10
"""Seconds a call may stand still before it has failed."""
LATE = 2.0
"""Seconds a run may last beyond its rate: a call's own length, and the start of SIPp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run. CPU in seconds of one core; times in milliseconds, as SIPp's mean."""

    rate: float
    seconds: float
    """Wall clock, until the last call ended."""
    wanted: int
    succeeded: int
    failed: int
    reasons: str
    """Why calls failed, in SIPp's words, and the first answer that it had not expected."""
    answer_ms: float
    digit_to_end_ms: float
    """From the digit to the BYE: the second prompt, and what a controller adds."""
    asterisk_cpu: float
    controller_cpu: float
    sipp_cpu: float

    @property
    def held(self) -> bool:
        """Every call was placed in its time and went through to its end."""
        return self.failed == 0 and self.succeeded == self.wanted and self.seconds <= self.wanted / self.rate + LATE

    def why_not(self) -> str:
        if self.held:
            return ""
        missing = self.wanted - self.succeeded - self.failed
        failed = f"{self.failed} failed ({self.reasons})" if self.failed else ""
        parts = [failed, f"{missing} not placed" if missing else ""]
        return ", ".join(part for part in parts if part) or f"took {self.seconds:.1f} s"


async def load(rig: Rig, variant: Variant, *, rate: float, seconds: float) -> Load:
    """`rate` calls a second for `seconds`, each one hearing, pressing and being hung up on."""
    calls = round(rate * seconds)
    watched = (rig.pid, variant.pid)
    before = [cpu_seconds(pid) if pid else 0.0 for pid in watched]
    begun = time.monotonic()
    options = ("-timeout", f"{seconds + PATIENCE:.0f}s")
    async with sipp(rig, "press", variant.exten, "-r", f"{rate:g}", "-m", str(calls), *options) as run:
        sipp_cpu = await run.finish()
        lasted = time.monotonic() - begun
        row, refused = run.counts(), run.first_refusal()
    after = [cpu_seconds(pid) if pid else 0.0 for pid in watched]
    return Load(
        rate=rate,
        seconds=lasted,
        wanted=calls,
        succeeded=int(row["SuccessfulCall(C)"]),
        failed=int(row["FailedCall(C)"]),
        reasons=", ".join(filter(None, (_reasons(row), refused))),
        answer_ms=_milliseconds(row["ResponseTime1(C)"]),
        digit_to_end_ms=_milliseconds(row["ResponseTime2(C)"]),
        asterisk_cpu=after[0] - before[0],
        controller_cpu=after[1] - before[1],
        sipp_cpu=sipp_cpu,
    )


@dataclass(frozen=True, slots=True)
class SippRun:
    process: asyncio.subprocess.Process
    folder: Path

    async def finish(self) -> float:
        """Wait for its end; the seconds of CPU it took."""
        used = 0.0
        while self.process.returncode is None:
            try:
                used = cpu_seconds(self.process.pid)
            except (OSError, IndexError):
                break
            await asyncio.sleep(0.1)
        await self.process.wait()
        return used

    def counts(self) -> dict[str, str]:
        """SIPp's totals so far."""
        try:
            with (self.folder / "counts.csv").open(newline="") as file:
                return list(csv.DictReader(file, delimiter=";"))[-1]
        except (OSError, IndexError):
            words = (self.folder / "screen.log").read_text(errors="replace")[-1000:]
            raise RuntimeError(f"SIPp did not run: {words}") from None

    def first_refusal(self) -> str:
        """The first line of the first message that had no place in the scenario; "" where there was none."""
        try:
            found = re.search(r"received '(?:SIP/2\.0 )?([^\r\n']+)", (self.folder / "errors.log").read_text())
        except OSError:
            return ""
        return found[1] if found else ""


@asynccontextmanager
async def sipp(rig: Rig, scenario: str, exten: str, *options: str) -> AsyncIterator[SippRun]:
    """SIPp as the trunk, dialling `exten`; what still runs at the end is ended."""
    host, port = rig.sip
    with tempfile.TemporaryDirectory(prefix="hotline-sipp-") as name:
        folder = Path(name)
        (folder / "silence.ul").write_bytes(b"\xff" * 8000)
        command = (
            *("sipp", f"{host}:{port}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", exten),
            *("-i", rig.trunk_host, "-mi", rig.trunk_host, "-nostdin", "-timer_resol", "1", "-l", "4000"),
            *("-p", str(free_port(rig.trunk_host, kind=socket.SOCK_DGRAM))),
            *("-recv_timeout", str(PATIENCE * 1000)),
            *("-trace_stat", "-stf", "counts.csv", "-fd", "1", "-trace_err", "-error_file", "errors.log"),
            *options,
        )
        async with running(command, log=folder / "screen.log", cwd=folder) as process:
            yield SippRun(process, folder)


def _reasons(row: dict[str, str]) -> str:
    names = (name for name in row if name and name.startswith("Failed") and name.endswith("(C)") and row[name] != "0")
    return ", ".join(name.removeprefix("Failed").removesuffix("(C)") for name in names if name != "FailedCall(C)")


def _milliseconds(text: str) -> float:
    hours, minutes, seconds, fraction = (int(part) for part in text.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction / 1000
