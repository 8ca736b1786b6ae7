"""Runs of pytest, one after the other; up to three tests that failed get a second try, and the last line says so.

python -m tests.second_try '-n 3 -m real' 'tests/faults'        each argument is one run

Asterisk, phones and Chromium share the machine with whatever else runs there, so one of them may be late once. More
than that, over all runs, is no bad luck: then nothing is tried again.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FORGIVEN = 3


def main(runs: Sequence[str]) -> int:
    late: list[str] = []
    status = 0
    for run in runs:
        status, failed = pytest(shlex.split(run))
        if failed and len(late) + len(failed) <= FORGIVEN:
            print(f"\nA second try for {len(failed)} that failed:", flush=True)  # noqa: T201
            status, again = pytest(failed)
            late += [name for name in failed if name not in again]
        if status:
            break
    if late:
        tests = "1 test" if len(late) == 1 else f"{len(late)} tests"
        print(f"\n{tests} passed only at the second try: {', '.join(late)}", flush=True)  # noqa: T201
    return status


def pytest(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """pytest's exit status, and which tests failed; none where it did not come to its end."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "pytest", "-q", "-rfEs", "-o", f"cache_dir={cache}", *arguments]
        status = subprocess.run(command, check=False).returncode
        failed = Path(cache) / "v/cache/lastfailed"
        return status, list(json.loads(failed.read_text())) if status == 1 and failed.exists() else []


if __name__ == "__main__":
    # pytest hears Ctrl-C itself, and ends what it has started; it is waited for.
    signal.signal(signal.SIGINT, lambda *_: None)
    sys.exit(main(sys.argv[1:]))
