"""Start, watch and stop the one-box's Asterisk.

It runs in a session of its own, so that Ctrl-C in a terminal and even `kill -9` of the service leave it alone:
callers talk on, and the next start of the service takes it over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from hotline.kernel.clock import Clock, SystemClock
from hotline.kernel.tasks import TaskOwner
from hotline.onebox import no_exec
from hotline.onebox.ami import AmiRefusedError, ami_dialog, reload_module
from hotline.onebox.configure import Instance
from hotline.onebox.errors import AsteriskStartError
from hotline.onebox.last_words import last_words
from hotline.onebox.pids import end_process, is_alive, wait_for_exit

log = structlog.get_logger(__name__)

START_LIMIT = timedelta(seconds=60)
STOP_LIMIT = timedelta(seconds=10)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=30)
_STEADY = timedelta(minutes=1)
"""One that ran this long before it died is restarted without delay."""


class ProcessState(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    """It died; the next try comes after a pause."""


class AsteriskProcess:
    """One instance's Asterisk. `start()` once, `stop()` as often as one likes."""

    def __init__(
        self,
        instance: Instance,
        *,
        clock: Clock | None = None,
        on_state: Callable[[ProcessState], None] | None = None,
    ) -> None:
        self._instance = instance
        self._clock = clock or SystemClock()
        self._on_state = on_state
        self._tasks = TaskOwner("asterisk")
        self._child: asyncio.subprocess.Process | None = None
        self.pid: int | None = None
        self.adopted = False
        """Whether it was running already, from an earlier life of the service."""
        self.restarts = 0
        self.state = ProcessState.STOPPED

    async def start(self) -> None:
        """Take over the instance's running Asterisk or start one; returns when AMI says FullyBooted.

        Raises AsteriskStartError with Asterisk's own last words.
        """
        self._enter(ProcessState.STARTING)
        try:
            if not await self._recover():
                await self._launch()
        except BaseException:
            await self._end_current()
            self._enter(ProcessState.STOPPED)
            raise
        self._enter(ProcessState.RUNNING)
        self._tasks.spawn(self._watch(), name="watch")

    async def stop(self) -> None:
        """End it: calls are hung up in order, then, after 10 s, by force. Leaves no process; safe to call twice."""
        await self._tasks.close()
        await self._end_current()
        self._enter(ProcessState.STOPPED)

    async def release(self) -> None:
        """Stop watching, leave Asterisk and its calls alone, for the next start to take over."""
        await self._tasks.close()

    async def command(self, line: str) -> str:
        """What Asterisk's console answers to `line`."""
        console = await asyncio.create_subprocess_exec(
            *self._instance.command("-rx", line),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(),
        )
        try:
            async with asyncio.timeout(20):
                output, _ = await console.communicate()
        except TimeoutError:
            console.kill()
            await console.wait()
            raise
        return output.decode("utf-8", "replace").strip()

    async def reload(self, module: str = "") -> None:
        """Bring a changed configuration of `module` ("" for all) into force; calls are not touched."""
        instance = self._instance
        await reload_module(instance.ami_host, instance.ami_port, instance.secrets.ami_reload, module)

    # --- starting -------------------------------------------------------------------------------------

    async def _recover(self) -> bool:
        pid = running_pid(self._instance)
        if pid is None:
            return False
        self.pid = pid
        if self._fingerprint_file.exists() and self._fingerprint_file.read_text() == self._instance.fingerprint:
            try:
                await self._booted(timedelta(seconds=10))
                await self.reload()
            except (AmiRefusedError, OSError, EOFError, TimeoutError) as error:
                log.warning("running Asterisk does not respond, replacing it", pid=pid, reason=str(error))
            else:
                self.adopted = True
                log.info("attached to the running Asterisk", pid=pid)
                return True
        else:
            log.info("running Asterisk has other ports or modules, replacing it", pid=pid)
        await end_process(pid, STOP_LIMIT)
        self.pid = None
        return False

    async def _launch(self) -> None:
        instance = self._instance
        begun = self._clock.monotonic()
        self._console.touch()
        self._console.chmod(0o640)  # Asterisk's warnings quote callers.
        account = instance.account
        identity = "-" if account is None else f"{account.uid}:{account.gid}"
        # To append: the file is cut while Asterisk writes to it, when it is rotated.
        with self._console.open("ab") as console:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", no_exec.__file__, identity),
                *instance.command("-f"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=asyncio.subprocess.STDOUT,
                cwd=instance.directories.spool,
                env=_environment(),
                start_new_session=True,
                umask=0o027,
            )
        self.pid, self.adopted = self._child.pid, False
        self._fingerprint_file.write_text(instance.fingerprint)
        booting = asyncio.create_task(self._booted(START_LIMIT))
        dying = asyncio.create_task(self._child.wait())
        try:
            await asyncio.wait((booting, dying), return_when=asyncio.FIRST_COMPLETED)
            if not booting.done():
                raise AsteriskStartError(f"Asterisk ended while starting. {self.last_words()}")
            await booting
        except AmiRefusedError:
            raise AsteriskStartError(
                f"At {instance.ami_host}:{instance.ami_port} another Asterisk answers, which does not know this "
                f"instance's secret; set HOTLINE_AMI__PORT to a port of its own. {self.last_words()}"
            ) from None
        except TimeoutError:
            raise AsteriskStartError(
                f"Asterisk did not become ready within {START_LIMIT.seconds} s. {self.last_words()}"
            ) from None
        finally:
            booting.cancel()
            dying.cancel()
            await asyncio.gather(booting, dying, return_exceptions=True)
        log.info("Asterisk is ready", pid=self.pid, seconds=round(self._clock.monotonic() - begun, 2))

    async def _booted(self, limit: timedelta) -> None:
        """Returns once AMI lets us in and says FullyBooted; raises TimeoutError, or AmiRefusedError at once."""
        instance = self._instance
        async with asyncio.timeout(limit.total_seconds()):
            while True:
                try:
                    async with ami_dialog(
                        instance.ami_host, instance.ami_port, instance.ami_user, instance.ami_secret, limit=limit
                    ) as dialog:
                        await dialog.wait_for("FullyBooted")
                        return
                except (OSError, EOFError):
                    await asyncio.sleep(0.05)

    # --- watching and ending --------------------------------------------------------------------------

    async def _watch(self) -> None:
        pause = _FIRST_PAUSE
        since = self._clock.monotonic()
        while True:
            await self._exit_of_current()
            pause = _FIRST_PAUSE if self._clock.monotonic() - since > _STEADY.total_seconds() else pause
            log.error("Asterisk died, all its calls are lost", pid=self.pid, last_words=self.last_words())
            self.pid = self._child = None
            while self.pid is None:
                self._enter(ProcessState.WAITING)
                await self._clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                self._enter(ProcessState.STARTING)
                try:
                    await self._launch()
                except (AsteriskStartError, AmiRefusedError, OSError) as error:
                    log.error("restarting Asterisk failed", reason=str(error), next_try=str(pause))
                    await self._end_current()
                except Exception:
                    # Our bug: callers still need the next try.
                    log.exception("restarting Asterisk failed", next_try=str(pause))
                    await self._end_current()
            since = self._clock.monotonic()
            self.restarts += 1
            self._enter(ProcessState.RUNNING)

    async def _exit_of_current(self) -> None:
        if self._child is not None:
            await self._child.wait()
        elif self.pid is not None:
            await wait_for_exit(self.pid)

    async def _end_current(self) -> None:
        if self.pid is not None:
            await end_process(self.pid, STOP_LIMIT)
        if self._child is not None:
            await self._child.wait()
        self.pid = self._child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would; the watch restarts it."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """The end of what Asterisk wrote, on one line, without what may be a caller's."""
        return last_words((self._instance.directories.log / "messages.log", self._console))

    def _enter(self, state: ProcessState) -> None:
        if state is self.state:
            return
        self.state = state
        if self._on_state is not None:
            self._on_state(state)

    @property
    def _console(self) -> Path:
        return self._instance.directories.log / "console.log"

    @property
    def _fingerprint_file(self) -> Path:
        return self._instance.directories.run / "fingerprint"


def running_pid(instance: Instance) -> int | None:
    """The process of this very instance that is running, whoever started it."""
    try:
        pid = int((instance.directories.run / "asterisk.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if is_alive(pid, argument=str(instance.directories.config)) else None


def _environment() -> dict[str, str]:
    """Only what Asterisk needs: the service's own environment may hold secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    return {"LANG": "C.UTF-8", "HOME": "/nonexistent", "TERM": "dumb", **kept}
