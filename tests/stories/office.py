"""The people of the stories: phones that stand in the city all day, agents on duty, and a talk under way."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hotline.onebox.phones import specialist_secret
from ivr.prompts.catalogue import shipped_catalogue
from tests.fakes.hearing import Samples, find_in_turn, how_much_heard, load_sound, tone_levels, transcribe, without_tone
from tests.phones.asterisk import MUSIC_HZ
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import SPECIALIST_SECRET, AgentPage, Api, City, CommandRefused

TONES = {"agent": 440, "caller": 1000, "specialist": 700, "colleague": 1600, "music": MUSIC_HZ}
"""Who speaks, and in which tone."""
QUIET = -40.0
"""dBFS; a tone that is there is about -12, music about -20, an absent one below -50."""
LOGINS = {"1001": "agent1", "1002": "agent2", "1003": "agent3"}
SPECIALIST = "6001"
KNOWN = "13904730001"
"""A demo enterprise that skips the menu, with one open and one past case."""

_numbers = itertools.count(13800995000)
"""Each with other last digits than the rest of the numbers in the stories, for these are shown."""


def specialist_phone(city: City) -> PjsuaPhone:
    """The phone of the demo city's specialist, with its own password."""
    secret = specialist_secret(SPECIALIST_SECRET, SPECIALIST)
    return PjsuaPhone(city.asterisk, host=city.asterisk.other_host, user=SPECIALIST, secret=secret)


def is_idle(phone: PjsuaPhone) -> bool:
    return len(phone.seen("ringing")) == len(phone.seen("disconnected"))


class Office:
    """Workspace phones of the agents and of one specialist, registered as long as the stories run."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.api: Api
        self._stack = contextlib.AsyncExitStack()
        self.phones = {number: PjsuaPhone.desk_phone(city.asterisk, number) for number in LOGINS}
        self.phones[SPECIALIST] = specialist_phone(city)

    async def __aenter__(self) -> Office:
        # One log-in for all questions to the call log: they are asked often.
        self.api = await self._stack.enter_async_context(self.city.as_user("supervisor"))
        await asyncio.gather(*(phone.__aenter__() for phone in self.phones.values()))
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.gather(*(phone.close() for phone in self.phones.values()))
        await self._stack.aclose()

    def __getitem__(self, number: str) -> PjsuaPhone:
        return self.phones[number]

    async def clear(self) -> None:
        """After every call is over: the phones know nothing of the story before."""
        for phone in self.phones.values():
            await until(partial(is_idle, phone), what="phones are idle")
            phone.rings()
            phone.tone(0)
            phone.forget()

    async def audit(self, action: str) -> list[dict[str, Any]]:
        """Entries of the audit log, the newest first, as its administrator reads them."""
        return await audit_of(self.city, action)

    # --- people -----------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def on_duty(self, number: str = "1001") -> AsyncIterator[AgentPage]:
        """Agent `number`, ready for calls; at the end signed out, whatever the story did."""
        async with self.city.workspace(LOGINS[number]) as workspace:
            await workspace.ready()
            try:
                yield workspace
            finally:
                await off_duty(workspace)

    @contextlib.asynccontextmanager
    async def caller(self, number: str = "", *, name: str = "", to: str = "12345") -> AsyncIterator[PjsuaPhone]:
        """Somebody whose call has been answered, and who speaks as the caller's tone."""
        async with PjsuaPhone.caller(self.city.asterisk, number or new_number(), name=name) as phone:
            phone.tone(TONES["caller"])
            await phone.call_and_wait(to)
            yield phone

    @contextlib.asynccontextmanager
    async def talk(self, number: str = "", *, agent: str = "1001", silent: bool = False) -> AsyncIterator[Talk]:
        """A caller who talks with `agent`, by key 1; `silent`, neither says anything."""
        phone = self[agent]
        phone.tone(0 if silent else TONES["agent"])
        phone.answers()
        async with self.on_duty(agent) as workspace, self.caller(number) as caller:
            if silent:
                caller.tone(0)
            # Twice, because the second interrupts the sentence that a connection is being made.
            caller.press("11")
            call = await workspace.wait_call("talking", within=20)
            yield Talk(self, call["call_id"], caller, phone, workspace, self[SPECIALIST])

    # --- the call log -----------------------------------------------------------------------------------

    async def find_call(self, caller: PjsuaPhone) -> dict[str, Any] | None:
        """The record of the newest call of `caller`, who may still be talking."""
        found = await self.api.calls_of(caller.user)
        return await self.api.get(f"/api/calls/{found[0]['call_id']}") if found else None

    async def comes_to(self, caller: PjsuaPhone, node: str, *, within: float = 15) -> dict[str, Any]:
        """Wait until the flow has led the caller to this node; the record so far."""
        return await self.until_call(caller, lambda call: node in nodes(call), what=f"in {node}", within=within)

    async def until_call(
        self, caller: PjsuaPhone, seen: Callable[[dict[str, Any]], bool], *, what: str, within: float = 15
    ) -> dict[str, Any]:
        """Wait until the call's record is as `seen` wants it."""

        async def look() -> dict[str, Any] | None:
            call = await self.find_call(caller)
            return call if call is not None and seen(call) else None

        return await until(look, within=within, each=0.1, what=f"the call of {caller.user} is {what}")

    async def leaves_a_message(self, caller: PjsuaPhone) -> None:
        """Wait until the caller has been asked for a message and has spoken for two seconds."""
        call = await self.comes_to(caller, "voicemail")
        message = self.city.settings.recordings / f"{call['call_id']}-voicemail.wav"
        await until(lambda: message.exists() and message.stat().st_size > 2 * 16000, within=20, what="a message")

    async def record_of(self, caller: PjsuaPhone, *, within: float = 10) -> dict[str, Any]:
        """The caller's record, once the call is over."""
        return await self.until_call(caller, lambda call: call["outcome"] != "live", what="over", within=within)

    async def record(self, call_id: str, *, within: float = 10) -> dict[str, Any]:
        """A call's record, once the call is over."""

        async def over() -> dict[str, Any] | None:
            call = await self.api.find(f"/api/calls/{call_id}")
            return call if call is not None and call["outcome"] != "live" else None

        return await until(over, within=within, each=0.1, what=f"call {call_id} is over")


def keys(call: dict[str, Any]) -> list[str]:
    """What the caller pressed, node by node, as a page or the log shows it."""
    return [step["digits"] for step in call["path"] if step["digits"]]


def nodes(call: dict[str, Any]) -> list[str]:
    """Where the flow has led a call."""
    return [step["node"] for step in call["path"]]


@dataclass
class Talk:
    office: Office
    call_id: str
    caller: PjsuaPhone
    agent: PjsuaPhone
    workspace: AgentPage
    specialist: PjsuaPhone

    async def hear(self, *, within: float = 12, **who: set[str]) -> None:
        """Wait until each of the phones named hears exactly these tones."""
        phones = {name: getattr(self, name) for name in who}
        await hear({phones[name]: tones for name, tones in who.items()}, within=within)

    async def consult(self, *, phone: str = SPECIALIST) -> None:
        """Ask the specialist behind this phone; returns as soon as it is being dialled."""
        specialist_id, index = await find_specialist(self.workspace, phone)
        self.specialist.tone(TONES["specialist"])
        await self.workspace.do("consult", specialist_id=specialist_id, phone_index=index)

    async def consulting(self) -> None:
        """The specialist has answered, the caller hears music."""
        self.specialist.answers()
        await self.consult()
        await self.in_threeway("consulting")

    async def merged(self) -> None:
        """All three talk."""
        await self.consulting()
        await self.workspace.do("merge")
        await self.in_threeway("merged")

    async def in_threeway(self, state: str | None, *, within: float = 10) -> None:
        def is_so(workspace: AgentPage) -> bool:
            view = workspace.call["threeway"] if workspace.call else None
            return (view["state"] if view else None) == state

        await self.workspace.wait(is_so, what=f"the three-way call is {state}", within=within)

    async def together_again(self, *, code: str | None = None) -> None:
        """Agent and caller talk as before; the screen says why where the specialist was not reached."""
        await self.in_threeway("ended")
        assert self.workspace.call is not None
        error = self.workspace.call["threeway"]["error"]
        assert (error["code"] if error else None) == code, error
        await self.hear(agent={"caller"}, caller={"agent"})

    async def record(self) -> dict[str, Any]:
        """The call's record, once the call is over."""
        return await self.office.record(self.call_id)


async def off_duty(workspace: AgentPage) -> None:
    """Sign out from whatever state; a service that is gone is left alone."""
    if workspace.agent["state"] in ("ringing", "talking"):
        await workspace.do("pause", reason="break")
        with contextlib.suppress(CommandRefused):  # The caller was faster.
            await workspace.do("hang_up")
        await workspace.wait(lambda d: d.agent["state"] in ("wrap_up", "paused"), what="the agent's call is over")
    if workspace.agent["state"] != "offline":
        await workspace.do("sign_out")


async def find_specialist(workspace: AgentPage, phone: str) -> tuple[str, int]:
    """Specialist's id and the phone's index, as the agent's page knows them: numbers are not shown."""
    name, index = _SPECIALISTS[phone]
    for unit in await workspace.api.get("/api/units"):
        for person in unit["specialists"]:
            if person["name"] == name:
                return person["id"], index
    raise AssertionError(f"no specialist {name}")


_SPECIALISTS = {SPECIALIST: ("陈志远", 0), "6011": ("乌云", 0)}
"""Phone of the demo city → whose; nobody ever registers as 6011."""


async def audit_of(city: City, action: str) -> list[dict[str, Any]]:
    """Entries of the audit log, the newest first, as its administrator reads them."""
    async with city.as_user("auditor") as auditor:
        found: list[dict[str, Any]] = (await auditor.get("/api/audit", action=action))["items"]
        return found


def new_number() -> str:
    """A mobile number that nobody else calls from."""
    return str(next(_numbers))


# --- ears -----------------------------------------------------------------------------------------------


async def hear(expected: dict[PjsuaPhone, set[str]], *, within: float = 12) -> None:
    """Wait until each phone hears exactly these tones, all at the same time."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        takes = await asyncio.gather(*(phone.listen(0.5) for phone in expected))
        heard = {phone.user: tones_in(take) for phone, take in zip(expected, takes, strict=True)}
        if all(heard[phone.user] == tones for phone, tones in expected.items()):
            return
        wanted = {phone.user: tones for phone, tones in expected.items()}
        assert asyncio.get_running_loop().time() < deadline, f"heard {heard}, wanted {wanted}"


def tones_in(sound: Path, *, start: float = 0.0, end: float | None = None) -> set[str]:
    """Who speaks in the last third of a second of a sound, or between two times of it."""
    samples, rate = load_sound(sound)
    if start or end:
        samples = samples[int(start * rate) : int(end * rate) if end else None]
    else:
        samples = samples[-rate // 3 :]
    if len(samples) < rate // 10:
        return set()
    return loud_tones(samples, rate)


def loud_tones(samples: Samples, rate: int) -> set[str]:
    """Who speaks in all of these samples."""
    levels = tone_levels(samples, rate, [float(hertz) for hertz in TONES.values()])
    return {name for name, level in zip(TONES, levels.values(), strict=True) if level > QUIET}


async def said(sound: Path, prompt: str, *, language: str = "zh", first: int | None = None) -> float:
    """How much of a prompt of the catalogue, or of its `first` characters, is heard in a sound: 0 to 1."""
    return await heard_words(sound, shipped_catalogue().get(prompt, language).text[:first], language=language)


async def heard_words(sound: Path, words: str, *, language: str = "zh") -> float:
    """How much of these words is heard in a sound, 0 to 1, by speech-to-text."""
    heard = await asyncio.to_thread(transcribe, sound, language)
    share = how_much_heard(heard, words)
    print(f"said: {words}; heard: {heard}: {share:.2f}")  # noqa: T201  # pytest shows it where a story fails
    return share


ITSELF = 0.55
"""Between another sentence of the same voice, at most 0.5, and one that jitter has cut a piece out of."""


def said_in_turn(city: City, sound: Path, *prompts: str, language: str = "zh") -> list[float]:
    """How alike each of these sound files is to what is heard in its turn, 0 to 1.

    More than `ITSELF` is this very file; see `find_in_turn`. The music of the tests does not count. A file is compared
    second by second: a jitter buffer that slips once must not hide a whole sentence.
    """
    heard, rate = load_sound(sound)
    heard = without_tone(heard, rate, MUSIC_HZ)
    pieces: list[list[Samples]] = []
    for prompt in prompts:
        wanted, same_rate = load_sound(city.settings.sounds / language / f"{prompt}.alaw")
        assert rate == same_rate
        seconds = max(1, round(len(wanted) / rate))
        pieces.append(np.array_split(without_tone(wanted, rate, MUSIC_HZ), seconds))
    found = iter(find_in_turn([piece for parts in pieces for piece in parts], heard))
    alike = []
    for parts in pieces:
        loudness = [float(np.square(piece).sum()) for piece in parts]
        alike.append(float(np.average(list(itertools.islice(found, len(parts))), weights=loudness)))
    print(f"heard: {dict(zip(prompts, alike, strict=True))}")  # noqa: T201  # pytest shows it where a story fails
    return alike
