"""A scriptable SIP phone: registers as an agent's desk phone, calls as a caller, or is the carrier."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from tests.phones.asterisk import RealAsterisk
from tests.phones.ports import free_port

_PROCESS = Path(__file__).with_name("pjsua_process.py")
_START_LIMIT = 20.0


class PjsuaPhone:
    """Use as `async with PjsuaPhone.desk_phone(asterisk, "1001") as phone`; one process, gone at the end.

    Events, each with its fields, in `events` and by `wait_for`: registered, refused(code), ringing(peer, local,
    message), progress(code), confirmed(peer), media(codec), holding, held, digit(digit), disconnected(code, reason).
    """

    def __init__(
        self, asterisk: RealAsterisk, *, host: str, port: int = 0, user: str, secret: str = "", name: str = ""
    ):
        self._asterisk = asterisk
        self.host = host
        self.port = port or free_port(host, kind=socket.SOCK_DGRAM)
        self.user, self._secret, self._name = user, secret, name
        self.events: list[dict[str, Any]] = []
        self._unread: deque[dict[str, Any]] = deque()
        self._arrived = asyncio.Condition()
        self._process: asyncio.subprocess.Process
        self._reader: asyncio.Task[None]
        self._folder = Path(tempfile.mkdtemp(prefix="phone-"))
        self._takes = 0
        self._gone = False

    @classmethod
    def desk_phone(cls, asterisk: RealAsterisk, number: str) -> PjsuaPhone:
        """Agent `number`'s desk phone, registered on entry."""
        secret = asterisk.agents[number].desk_secret
        return cls(asterisk, host=asterisk.other_host, user=number, secret=secret)

    @classmethod
    def caller(cls, asterisk: RealAsterisk, number: str = "13904730001", *, name: str = "") -> PjsuaPhone:
        """Somebody who calls in over the trunk."""
        return cls(asterisk, host=asterisk.trunk_host, user=number, name=name)

    @classmethod
    def carrier(cls, asterisk: RealAsterisk) -> PjsuaPhone:
        """Whoever is called outside: every number rings here, several at once too."""
        return cls(asterisk, host=asterisk.trunk_host, port=5060, user="carrier")

    async def __aenter__(self) -> PjsuaPhone:
        with (self._folder / "stderr").open("wb") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(_PROCESS),
                self.host,
                str(self.port),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
            )
        self._reader = asyncio.create_task(self._read())
        try:
            server = f"{self._asterisk.sip_host}:{self._asterisk.sip_port}"
            name = '"' + self._name.replace("\\", "\\\\").replace('"', '\\"') + '" ' if self._name else ""
            if self._secret:
                account = {"uri": f"<sip:{self.user}@{server}>", "registrar": f"sip:{server}", "user": self.user}
                self.do("account", **account, secret=self._secret)
                await self.wait_for("registered", within=_START_LIMIT)
            else:
                self.do("account", uri=f"{name}<sip:{self.user}@{self.host}:{self.port}>")
                await self.wait_for("ready", within=_START_LIMIT)
            await self.heard()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up and end the process; safe to call twice."""
        if self._process.returncode is None:
            self.do("quit")
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        await self._reader
        shutil.rmtree(self._folder, ignore_errors=True)

    async def vanish(self) -> None:
        """Die without a word, as a phone whose power went."""
        self._process.kill()
        await self._process.wait()

    # --- what it does ---------------------------------------------------------------------------------

    def do(self, command: str, **fields: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **fields}).encode() + b"\n")

    def call(self, number: str = "12345") -> None:
        self.do("call", to=f"sip:{number}@{self._asterisk.sip_host}:{self._asterisk.sip_port}")

    async def call_and_wait(self, number: str = "12345", *, within: float = 10) -> None:
        """Call, and return when answered."""
        self.call(number)
        await self.wait_for("confirmed", within=within)

    def answer(self) -> None:
        self.do("answer")

    def decline(self, code: int = 486) -> None:
        self.do("decline", code=code)

    def answers(self, *, after: float = 0.0) -> None:
        """From now on, answer every call `after` seconds of ringing."""
        self.do("on_ring", action="answer", after=after)

    def declines(self, code: int = 486, *, after: float = 0.0) -> None:
        self.do("on_ring", action="decline", code=code, after=after)

    def rings(self) -> None:
        """From now on, ring and wait for `answer()` or `decline()`: how a phone begins."""
        self.do("on_ring", action="ring")

    def hang_up(self) -> None:
        self.do("hang_up")

    def press(self, digits: str, *, info: bool = False, milliseconds: int = 100) -> None:
        """Send digits by RFC 4733, or by SIP INFO, each held for so long."""
        self.do("digits", digits=digits, method="info" if info else "rfc4733", duration=milliseconds)

    def hold(self) -> None:
        self.do("hold")

    def unhold(self) -> None:
        self.do("unhold")

    def tone(self, hertz: int) -> None:
        """Speak as one tone from now on; 0 is silence."""
        self.do("tone", hertz=hertz)

    # --- what it sees and hears -----------------------------------------------------------------------

    async def wait_for(self, event: str, *, within: float = 10, **fields: Any) -> dict[str, Any]:
        """The next `event` with these fields, among those not yet waited past; raises AssertionError when late."""
        seen: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(within), self._arrived:
                while True:
                    while self._unread:
                        found = self._unread.popleft()
                        seen.append(found)
                        if found["event"] == "refused" and event == "registered":
                            raise AssertionError(f"phone {self.user} was refused with {found['code']}")
                        if found["event"] == "failed":
                            raise AssertionError(f"phone {self.user} could not {found['command']}: {found['reason']}")
                        if found["event"] == event and all(found.get(k) == v for k, v in fields.items()):
                            return found
                    if self._gone:
                        raise AssertionError(f"phone {self.user} is gone: {self._stderr()}")
                    await self._arrived.wait()
        except TimeoutError:
            names = [found["event"] for found in seen]
            raise AssertionError(
                f"phone {self.user}: no {event} {fields or ''} within {within} s; saw {names}"
            ) from None

    def seen(self, event: str) -> list[dict[str, Any]]:
        """All events of this name so far."""
        return [found for found in self.events if found["event"] == event]

    def forget(self) -> None:
        """Let `wait_for` see only what comes from now on."""
        self._unread.clear()

    async def heard(self) -> Path:
        """Complete the present recording and return it (WAV, 8 kHz mono); what follows goes to a new one."""
        complete = self._take
        self._takes += 1
        self.do("record", path=str(self._take))
        await self._told("recording", path=str(self._take))
        return complete

    async def listen(self, seconds: float = 1.0) -> Path:
        """Record what is heard during the next `seconds`."""
        await self.heard()
        return await self.listen_on(seconds)

    async def listen_on(self, seconds: float) -> Path:
        """Record for another `seconds`: what was heard since the last recording, and that."""
        # Sound takes its time; there is nothing to wait for but the clock.
        await asyncio.sleep(seconds)
        return await self.heard()

    @property
    def _take(self) -> Path:
        return self._folder / f"heard-{self._takes}.wav"

    async def _told(self, event: str, **fields: Any) -> None:
        """As `wait_for`, without passing over the events before it."""
        async with asyncio.timeout(25), self._arrived:
            await self._arrived.wait_for(
                lambda: self._gone or any(e["event"] == event and fields.items() <= e.items() for e in self.events)
            )

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if not line.startswith(b'{"event"'):
                continue
            event = json.loads(line)
            async with self._arrived:
                self.events.append(event)
                if event["event"] != "recording":
                    self._unread.append(event)
                self._arrived.notify_all()
        async with self._arrived:
            self._gone = True
            self._arrived.notify_all()

    def _stderr(self) -> str:
        return (self._folder / "stderr").read_text(errors="replace")[-500:]
