"""The unprivileged user that Asterisk runs as when we are root: a hole in Asterisk must not be root's."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hotline.onebox.errors import NotReadyError

USER = "hotline"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    def own(self, *paths: Path) -> None:
        """Give `paths`, with all in them, to this user; symbolic links are not followed."""
        for path in paths:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
            for parent, folders, files in os.walk(path):
                for name in (*folders, *files):
                    os.chown(Path(parent) / name, self.uid, self.gid, follow_symlinks=False)

    def first_closed(self, folder: Path) -> Path | None:
        """The topmost existing part of `folder`'s path that this user may not go through."""
        for part in (*reversed(folder.absolute().parents), folder.absolute()):
            if not part.exists():
                return None
            info = part.stat()
            bits = 0o100 if info.st_uid == self.uid else 0o010 if info.st_gid == self.gid else 0o001
            if part.is_dir() and not info.st_mode & bits:
                return part
        return None


def unprivileged() -> Account | None:
    """The system user `hotline`, made where it is missing; None when we are not root: then we run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(USER)
    except KeyError:
        found = _create()
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _create() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        grp.getgrnam(USER)
        command = [part for part in command if part != "--user-group"] + ["--gid", USER]
    except KeyError:
        pass
    command += ["--shell", "/usr/sbin/nologin", "--comment", "12345 hotline", USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotReadyError("useradd is missing: apt-get install passwd") from None
    try:
        # Also when useradd failed: another start at the same time may have been faster.
        return pwd.getpwnam(USER)
    except KeyError:
        raise NotReadyError(f"the system user {USER!r} cannot be made: {done.stderr.strip() or 'useradd'}") from None
