"""Get an Asterisk: the one on PATH where it is new enough, else a Debian root in the cache, fetched once.

The root is extracted only, by `mmdebstrap`, without running anything in it: neither root's rights nor a chroot
are needed (docs/adr/0001-asterisk-without-chroot.md).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hotline.onebox.distribution import Distribution, in_root, on_path
from hotline.onebox.errors import FetchError, NotReadyError

Progress = Callable[[str], None]

ROOT = "asterisk-22-root"
SUITE = "forky"
"""Debian's release that carries Asterisk 22.10.1, the first with the 20 advisories of 2026 fixed."""
NEWEST_KNOWN_BAD = (22, 10, 0)
NEEDED_BYTES = 700 * 1024 * 1024
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_PASSED_ON = re.compile(r"^Acquire::(Check-Valid-Until|Retries|https?::(Proxy|Timeout|Verify-Peer|CaInfo)\b)")


def obtain(
    cache: Path, progress: Progress = lambda line: None, given_up: threading.Event | None = None
) -> Distribution:
    """The Asterisk to run; fetches it where there is none. Safe to call from several processes at once.

    Raises NotReadyError for what is missing on this machine, FetchError for what went wrong on the way, also soon
    after another thread has set `given_up`: then nothing of the fetch runs on.
    """
    given_up = given_up or threading.Event()
    found = on_path() or _fetched(cache)
    if found is not None:
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(cache / "asterisk.lock", progress, given_up):
        return _fetched(cache) or _fetch(cache, progress, given_up)


def available(cache: Path) -> Distribution | None:
    """The Asterisk that `obtain` would return at once; None when it would have to be fetched."""
    return on_path() or _fetched(cache)


def _fetched(cache: Path) -> Distribution | None:
    found = in_root(cache / ROOT)
    return found if found is not None and _good(found.version) else None


def _good(version: str) -> bool:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return numbers > NEWEST_KNOWN_BAD


def _fetch(cache: Path, progress: Progress, given_up: threading.Event) -> Distribution:
    source = debian_source()
    free = shutil.disk_usage(cache).free
    if free < NEEDED_BYTES:
        raise NotReadyError(
            f"{cache} has {free // 2**20} MB free and Asterisk needs {NEEDED_BYTES // 2**20} MB; "
            "make room, or set HOTLINE_CACHE to a folder on another disk"
        )
    for left in cache.glob(".asterisk-*"):
        # We hold the lock, so this is what a fetch left behind that was killed.
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".asterisk-", dir=cache, ignore_cleanup_errors=True) as work:
        target = Path(work) / "root"
        progress("fetching Asterisk 22 and what it needs (about 90 MB; once on this machine)")
        _mmdebstrap(target, source, progress, given_up)
        found = in_root(target)
        if found is None or not _good(found.version):
            version = found.version if found else "nothing that runs"
            raise FetchError(f"the mirror gave {version}; Asterisk newer than 22.10.0 is needed. Try again later")
        final = cache / ROOT
        if final.exists():
            shutil.rmtree(final)
        target.chmod(0o755)
        os.replace(target, final)
    fetched = _fetched(cache)
    if fetched is None:
        raise FetchError(f"Asterisk was fetched into {cache / ROOT} but does not run there")
    progress(f"Asterisk {fetched.version} is in {cache / ROOT}")
    return fetched


def _mmdebstrap(target: Path, source: str, progress: Progress, given_up: threading.Event) -> None:
    program = shutil.which("mmdebstrap")
    if program is None:
        raise NotReadyError("mmdebstrap is missing: apt-get install mmdebstrap (or install an asterisk ≥ 20)")
    options = [f"--aptopt={line}" for line in _apt_options()]
    command = [program, "--mode=chrootless", "--variant=extract", "--include=asterisk", *options, SUITE]
    tail: list[str] = []
    with subprocess.Popen(
        [*command, str(target), source],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    ) as process:
        threading.Thread(target=_end_when, args=(given_up, process), daemon=True).start()
        assert process.stdout is not None
        for line in process.stdout:
            text = line.strip()
            tail = [*tail[-4:], text]
            if text.startswith("I: ") and not text.startswith("I: success"):
                progress(text[3:])
    if given_up.is_set():
        raise FetchError("Asterisk was not fetched: given up")
    if process.returncode != 0:
        why = " | ".join(line for line in tail if line)
        raise FetchError(f"Asterisk could not be fetched from {source.split('] ')[-1].split()[0]}: {why}")


def _end_when(given_up: threading.Event, process: subprocess.Popen[str]) -> None:
    """End `process`, which leads a session, with all its children, when `given_up` is set; return with it."""
    while process.poll() is None:
        if given_up.wait(0.1) and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            return


def debian_source(sources: Path = Path("/etc/apt"), keyring: Path = _KEYRING) -> str:
    """One apt line for SUITE from the mirror this host uses itself, or HOTLINE_DEBIAN_MIRROR.

    Raises NotReadyError where the host has no Debian mirror.
    """
    mirror = os.environ.get("HOTLINE_DEBIAN_MIRROR", "") or next(_mirrors(sources), "")
    if not mirror:
        raise NotReadyError(
            "this system's apt sources name no Debian mirror; apt-get install asterisk where that gives ≥ 20, "
            "or set HOTLINE_DEBIAN_MIRROR to one"
        )
    if not keyring.exists():
        raise NotReadyError(f"{keyring} is missing: apt-get install debian-archive-keyring")
    return f"deb [signed-by={keyring}] {mirror} {SUITE} main"


def _mirrors(sources: Path) -> Iterator[str]:
    """Debian's main archive as the host's apt sources name it, in both their formats."""
    files = [sources / "sources.list", *sorted((sources / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = re.match(r"\s*(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)((?:https?|file)://\S+?)/?(?:\s|$)", line)
            if found and found[1].endswith("/debian"):
                yield found[1]


def _apt_options() -> list[str]:
    """The host's own settings that say how a mirror is reached: a proxy, an old Release file."""
    try:
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.rstrip(";") for line in dump.splitlines() if _PASSED_ON.match(line) and not line.endswith('"";')]


@contextmanager
def _one_at_a_time(lock: Path, progress: Progress, given_up: threading.Event) -> Iterator[None]:
    with lock.open("w") as file:
        announced = False
        while not _taken(file):
            if not announced:
                progress("another start is fetching Asterisk; waiting for it")
            announced = True
            if given_up.wait(0.2):
                raise FetchError("Asterisk was not fetched: given up")
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
