"""What would keep the one-box from starting, found before anything is started, one line each."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.app.settings import Settings
from hotline.onebox import fetch
from hotline.onebox.account import Account, unprivileged
from hotline.onebox.distribution import Distribution
from hotline.onebox.errors import BoxError, NotReadyError, UnsupportedSystemError
from hotline.onebox.pids import is_alive
from hotline.onebox.render import Directories, checked_host
from hotline.onebox.sockets import owner_of

FREE_BYTES = 300 * 1024 * 1024
"""Less than this fills up within hours: recordings take 32 kB a second."""


def check_machine(settings: Settings) -> None:
    """Raises UnsupportedSystemError, or NotReadyError whose detail lists all that must be fixed."""
    if sys.platform != "linux":
        raise UnsupportedSystemError(f"this is {platform.system()}; the one-box runs on Linux (Debian 12 or later)")
    if platform.machine() not in ("x86_64", "aarch64"):
        raise UnsupportedSystemError(f"this machine is {platform.machine()}; the one-box runs on x86_64 and aarch64")
    found: list[str] = []
    account = _collect(found, unprivileged)
    distribution = fetch.available(settings.cache)
    found += _tools(settings, distribution)
    found += _folders(settings, account, distribution)
    found += _ports(settings)
    if found:
        raise NotReadyError("\n".join(found))


def _collect(found: list[str], step: Callable[[], Account | None]) -> Account | None:
    try:
        return step()
    except BoxError as error:
        found.append(error.detail)
        return None


def _tools(settings: Settings, distribution: Distribution | None) -> Iterator[str]:
    if distribution is not None:
        return
    if shutil.which("mmdebstrap") is None:
        yield "mmdebstrap is missing, which fetches Asterisk: apt-get install mmdebstrap"
    try:
        fetch.debian_source()
    except NotReadyError as error:
        yield error.detail
    if (problem := _unwritable(settings.cache)) is not None:
        yield f"the cache {settings.cache}: {problem}; set HOTLINE_CACHE to a folder of your own"


def _folders(settings: Settings, account: Account | None, distribution: Distribution | None) -> Iterator[str]:
    places = {"home": settings.home, "recordings": settings.recordings, "sounds": settings.sounds}
    for name, folder in places.items():
        if (problem := _unwritable(folder)) is not None:
            yield f"the {name} folder {folder}: {problem}; set HOTLINE_HOME to a folder of your own"
            return
    free = shutil.disk_usage(_existing(settings.home)).free
    if free < FREE_BYTES:
        yield f"the disk of {settings.home} has {free // 2**20} MB free; recordings need room: free at least 300 MB"
    directories = Directories.of(settings)
    if len(os.fsencode(directories.socket)) > 107:
        yield f"{settings.home} is too long a path for Asterisk's socket; set HOTLINE_HOME to one under 80 letters"
    if account is None:
        return
    needed = [settings.home.absolute(), settings.recordings.absolute(), settings.sounds.absolute()]
    if distribution is not None and distribution.modules is not None:
        needed.append(distribution.modules)
    closed = {part for folder in needed if (part := account.first_closed(folder)) is not None}
    for part in sorted(closed):
        yield (
            f"Asterisk runs as user {account.name} and may not enter {part}; "
            f"chmod o+x {part}, or set HOTLINE_HOME and HOTLINE_CACHE elsewhere"
        )


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written in `folder` (which need not exist yet); None when it can."""
    existing = _existing(folder)
    if not existing.is_dir():
        return f"{existing} is a file"
    if not os.access(existing, os.W_OK | os.X_OK):
        return "no right to write there"
    return None


def _existing(folder: Path) -> Path:
    return next(part for part in (folder.absolute(), *folder.absolute().parents) if part.exists())


def _ports(settings: Settings) -> Iterator[str]:
    asterisk = settings.asterisk
    wanted = [("http.port", "HOTLINE_HTTP__PORT", settings.http.host, settings.http.port, socket.SOCK_STREAM)]
    if not own_asterisk_runs(settings):
        wanted += [
            ("ami.port", "HOTLINE_AMI__PORT", settings.ami.host, settings.ami.port, socket.SOCK_STREAM),
            (
                "asterisk.web_port",
                "HOTLINE_ASTERISK__WEB_PORT",
                asterisk.web_host,
                asterisk.web_port,
                socket.SOCK_STREAM,
            ),
            (
                "asterisk.sip_port",
                "HOTLINE_ASTERISK__SIP_PORT",
                asterisk.sip_host,
                asterisk.sip_port,
                socket.SOCK_DGRAM,
            ),
        ]
        for name, host in (("sip_host", asterisk.sip_host), ("trunk_host", asterisk.trunk_host)):
            try:
                checked_host(host, f"asterisk.{name}")
            except BoxError as error:
                yield error.detail
    for name, variable, host, port, kind in wanted:
        if port and (problem := _unbindable(host, port, kind)) is not None:
            yield f"{name}: {problem}; set {variable} to another"


def _unbindable(host: str, port: int, kind: socket.SocketKind) -> str | None:
    """Why the address cannot be listened on; None if it can."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    except OSError:
        return f"{host} is no address"
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            match error.errno:
                case errno.EADDRINUSE:
                    owner = owner_of(port, udp=kind == socket.SOCK_DGRAM)
                    return f"{host}:{port} is taken{f' by {owner}' if owner else ''}"
                case errno.EACCES:
                    return f"no right to listen on {host}:{port}"
                case errno.EADDRNOTAVAIL:
                    return f"{host} is no address of this machine"
                case _:
                    return f"{host}:{port} cannot be used ({error.strerror})"
    return None


def own_asterisk_runs(settings: Settings) -> bool:
    """Whether this instance's Asterisk is up already, left by a service that was killed: it is taken over."""
    directories = Directories.of(settings)
    try:
        pid = int((directories.run / "asterisk.pid").read_text())
    except (OSError, ValueError):
        return False
    return is_alive(pid, argument=str(directories.config))


@contextmanager
def sole_instance(home: Path) -> Iterator[None]:
    """Hold the instance at `home` for this process; NotReadyError, naming the other, where one has it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "lock").open("a+")
    except OSError as error:
        raise NotReadyError(
            f"the home folder {home} cannot be used ({error.strerror}); set HOTLINE_HOME to a folder of your own"
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise NotReadyError(
                f"the instance at {home} is running already (pid {file.read().strip() or 'unknown'}); "
                "stop it, or set HOTLINE_HOME for a second one"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
