"""The one-box of a test: `hotline up` as its own process, and the command line beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from hotline.onebox.fetch import obtain
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import AgentPage, City, environment
from tests.stories.office import TONES, new_number

PASSWORD = "correct-horse-battery"
ANSWERS = "The hotline answers."
"""The first words of what it prints once it is ready."""


class Terminal:
    """A terminal with one program in it; `with` closes it, as a window is closed."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self._theirs)

    def take(self) -> None:
        """In the program's process, before it begins: be its controlling terminal, and heeded when it is closed."""
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.login_tty(self._theirs)

    def copy_to(self, file: Path) -> None:
        """What is shown on it, until it is closed."""

        def copy() -> None:
            with file.open("ab") as log:
                log.write(os.read(self._ours, 65536))

        asyncio.get_running_loop().add_reader(self._ours, copy)


class Box:
    """`async with Box(place) as box`: it runs, at the addresses and in the home of `place`.

    Or step by step: `launch()`, `until_says()`, `stop()`, and again.
    """

    def __init__(self, place: RealAsterisk) -> None:
        self.place = place  # Its own Asterisk is never started.
        self.env = environment(place.settings)
        self.log_file = place.home / "up.log"
        self.city: City
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Box:
        await self.launch()
        try:
            await self.until_says(ANSWERS, within=120)
        except BaseException:
            await self.clear()
            raise
        self.city = City(self.place, self._passwords())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.clear()

    async def launch(self, terminal: Terminal | None = None) -> None:
        """Start the process, with a new log; in `terminal`, if there is one."""
        assert self._process is None or self._process.returncode is not None, "it runs already"
        with self.log_file.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hotline", "up"),
                env=self.env,
                stdout=out,
                stderr=out,
                preexec_fn=terminal.take if terminal else None,
            )
        if terminal:
            terminal.copy_to(self.log_file)

    async def until_says(self, words: str, *, within: float = 60) -> None:
        """Wait until it has printed or logged `words`."""

        def says() -> bool:
            if words in self.log():
                return True
            assert self._running.returncode is None, self.log()[-3000:]
            return False

        await until(says, within=within, what=f"hotline up says {words!r}")

    def send(self, number: signal.Signals) -> None:
        self._running.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, where it still runs, and return the exit status."""
        if self._running.returncode is None:
            self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        async with asyncio.timeout(40):
            return await self._running.wait()

    async def clear(self) -> None:
        """Stop it and leave no process behind, whatever a test has done to it; safe to call twice."""
        self._signal_all(signal.SIGCONT)
        try:
            if self._process is not None:
                await self.stop()
        finally:
            self._signal_all(signal.SIGKILL)
            if self._process is not None:
                await self._process.wait()

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "launch it first"
        return self._process

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def processes(self) -> dict[int, str]:
        """Every process of this instance: by its home on the command line (Asterisk) or among the variables."""
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):  # Gone meanwhile.
                command = (entry / "cmdline").read_bytes()
                if entry.name.isdigit() and str(self.place.home).encode() in command + (entry / "environ").read_bytes():
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode()
        return found

    def _passwords(self) -> dict[str, str]:
        lines = (self.place.home / "demo-logins.txt").read_text(encoding="utf-8").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    async def hotline(self, *arguments: str, typed: str = "") -> str:
        """What the command prints; it must end well."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline", *arguments),
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(typed.encode())
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def hire(self, number: str, username: str) -> None:
        """By the command line, with a new account."""
        await self.hotline(
            *(
                "agent",
                "create",
                number,
                "--user",
                username,
                "--name",
                "赵敏",
                "--queues",
                "enterprise,public",
                "--keep-password",
            ),
            typed=f"{PASSWORD}\n",
        )
        self.city.passwords[username] = PASSWORD

    async def phone(self, number: str) -> PjsuaPhone:
        """The agent's desk phone, which tries until Asterisk knows it."""
        told = await self.hotline("phone", number)
        secret = told.split("password ")[1].strip()

        async def registered() -> PjsuaPhone | None:
            phone = PjsuaPhone(self.place, host=self.place.other_host, user=number, secret=secret)
            try:
                return await phone.__aenter__()
            except AssertionError:  # Refused so far.
                return None

        found = await until(registered, within=30, each=0.5, what=f"the phone of {number} is let in")
        assert isinstance(found, PjsuaPhone)
        return found

    async def is_known(self, username: str) -> bool:
        """Whether the user's page shows them as an agent."""
        async with self.city.as_user(username) as api, api.http.ws_connect("/api/workspace/socket") as socket:
            return (await socket.receive_json())["agent"] is not None

    @contextlib.asynccontextmanager
    async def at_work(self, username: str, number: str) -> AsyncIterator[tuple[AgentPage, PjsuaPhone]]:
        async def known() -> bool:
            return await self.is_known(username)

        phone = await self.phone(number)
        try:
            await until(known, within=20, each=0.5, what=f"{number} is an agent to the service")
            async with self.city.workspace(username) as workspace:
                await workspace.ready()
                yield workspace, phone
        finally:
            await phone.close()

    @contextlib.asynccontextmanager
    async def caller(self) -> AsyncIterator[PjsuaPhone]:
        async with PjsuaPhone.caller(self.place, new_number()) as phone:
            phone.tone(TONES["caller"])
            await phone.call_and_wait()
            phone.press("1")
            yield phone

    async def members(self, number: str) -> bool:
        """Whether the queue has this agent."""
        config = self.place.home / "asterisk" / "etc" / "asterisk.conf"
        pid = await asyncio.create_subprocess_exec(
            *self._asterisk, "-C", str(config), "-rx", "queue show enterprise", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await pid.communicate()
        assert b"enterprise" in output
        return f"PJSIP/{number}".encode() in output

    @property
    def _asterisk(self) -> list[str]:
        return [str(part) for part in obtain(self.place.settings.cache).command]
