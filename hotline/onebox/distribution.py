"""Which Asterisk runs: the one on PATH, or the root that `fetch` made.

`python3 -m hotline.onebox.distribution` exits with 0 where the one on PATH will do.

deploy/packages.sh asks before anything is installed, so this module imports nothing but the standard library.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST = 20
"""Advanced AMI event filters and AsyncAGI as we use them; older series get no security fixes either."""

_LIBRARY_DIRS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_DATA_DIRS = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk", "/usr/local/var/lib/asterisk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An installed Asterisk. `modules` None: its compiled-in folder; `data` holds documentation/ and sounds/."""

    command: tuple[str, ...]
    """How its program is started, before any argument."""
    version: str
    modules: Path | None
    data: Path | None

    def has_module(self, name: str) -> bool:
        """Whether module `name` (with .so) can be loaded; unknown counts as yes."""
        return self.modules is None or (self.modules / name).exists()


def version_of(command: tuple[str, ...]) -> str:
    """The version that `<command> -V` prints, e.g. "22.10.1"; "" if it does not run."""
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return ""
    found = re.search(r"Asterisk (?:certified/)?(\d[\w.~+-]*)", done.stdout)
    return found[1] if found else ""


def on_path() -> Distribution | None:
    """The `asterisk` on PATH, where it is new enough."""
    program = shutil.which("asterisk")
    if program is None:
        return None
    version = version_of((program,))
    if not version or int(re.split(r"\D", version)[0]) < OLDEST:
        return None
    modules = next(
        (path for parent in _LIBRARY_DIRS for path in sorted(Path(parent).glob("**/asterisk/modules"))),
        None,
    )
    data = next((path for path in map(Path, _DATA_DIRS) if (path / "documentation").is_dir()), None)
    return Distribution(command=(program,), version=version, modules=modules, data=data)


def in_root(root: Path) -> Distribution | None:
    """The Asterisk of a Debian root at `root`, run by the root's own loader and libraries: no chroot needed."""
    program = root / "usr/sbin/asterisk"
    loader = next(iter(sorted((root / "usr/lib64").glob("ld-linux-*.so.*"))), None) or next(
        iter(sorted((root / "usr/lib").glob("ld-linux-*.so.*"))), None
    )
    modules = next(iter(sorted((root / "usr/lib").glob("*/asterisk/modules"))), None)
    if loader is None or modules is None or not program.exists():
        return None
    libraries = modules.parent.parent
    command = (str(loader), "--library-path", str(libraries), str(program))
    version = version_of(command)
    if not version:
        return None
    return Distribution(command=command, version=version, modules=modules, data=root / "usr/share/asterisk")


if __name__ == "__main__":
    sys.exit(0 if on_path() else 1)
