"""The prompts' API: who may, what is heard after a change, versions, and what is refused."""

from __future__ import annotations

import io
import urllib.parse
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from sqlalchemy import select

from callflow.document import SHIPPED_FLOW
from callflow.prompts.routes import RECORDING_TYPE, prompt_routes
from callflow.prompts.service import PromptService
from callflow.prompts.usage import built_in
from callflow.versions.models import FlowRow
from callflow.versions.text import to_content, to_json
from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from ivr.prompts.catalogue import parse_catalogue, shipped_catalogue
from ivr.prompts.library import PromptLibrary
from ivr.prompts.store import PromptStore
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.conftest import any_database, clock, database, postgres_server
from tests.hotline.web import from_page
from tests.ivr.prompts.sounds import FakeVoice, as_file, instance, silence, tone

__all__ = ["any_database", "clock", "database", "postgres_server"]
READERS = {Role.SUPERVISOR, Role.TELEPHONY_ADMIN, Role.SYSTEM_ADMIN}
CATALOGUE = "prompts: {welcome: {zh: 您好。, en: Hello.}, goodbye: {zh: 再见。}}\nnumbers: {zh: {'7': 七}}"


class PromptDesk:
    """The prompts at the edge, and one person of a role."""

    def __init__(self, database: Database, clock: FakeClock, folder: Path) -> None:
        self.database, self.clock = database, clock
        self.settings, self.voice = instance(folder), FakeVoice()
        self.library = PromptLibrary(self.settings, speech=self.voice, catalogue=parse_catalogue(CATALOGUE))
        self.service = PromptService(self.library, PromptStore(self.settings), clock)
        self.accounts = Accounts(database, clock, more=[prompt_routes(self.service)])
        self.token = ""

    async def enter(self, role: Role = Role.TELEPHONY_ADMIN) -> None:
        await self.accounts.add(str(role), role)
        self.token = await self.accounts.log_in(str(role))

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.accounts.ask(method, f"/api/prompts{path}", self.token, body)

    async def upload(self, path: str, data: bytes, *, version: int = 0, **query: str) -> tuple[int, Any]:
        words = urllib.parse.urlencode({"version": version, **query})
        sent = from_page(self.accounts.client, self.token, **{"Content-Type": RECORDING_TYPE})
        url = f"/api/prompts{path}/recording?{words}"
        async with self.accounts.client.post(url, data=io.BytesIO(data), **sent) as response:
            return response.status, await response.json()

    async def play(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        url = f"/api/prompts{path}"
        async with self.accounts.client.get(url, **from_page(self.accounts.client, self.token, **headers)) as response:
            return response.status, await response.read(), dict(response.headers)

    async def sound(self, id: str, language: str = "zh") -> dict[str, Any]:
        _, listing = await self.ask("GET", "")
        prompt = next(each for each in listing["prompts"] if each["id"] == id)
        return dict(next(each for each in prompt["sounds"] if each["language"] == language))

    def on_the_line(self, name: str = "zh/hotline/welcome") -> bytes:
        return Path(self.settings.sounds / f"{name}.alaw").read_bytes()

    async def audited(self) -> list[tuple[str, str, Any]]:
        async with self.database.snapshot() as db:
            rows = await db.scalars(
                select(AuditEntry).where(AuditEntry.action.startswith("prompt.")).order_by(AuditEntry.id)
            )
            return [(row.action, row.target, row.detail) for row in rows]


@pytest.fixture
async def desk(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[PromptDesk]:
    desk = PromptDesk(database, clock, tmp_path)
    await desk.library.ensure()
    await desk.accounts.start()
    yield desk
    await desk.accounts.close()
    await desk.service.close()


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_listen_and_who_may_change(desk: PromptDesk, role: Role) -> None:
    await desk.enter(role)
    for path in ("", "/welcome/zh/versions", "/welcome/zh/sound"):
        status, *_ = await desk.play(path)
        assert (status == 200) == (role in READERS), path
    words = {"version": 9, "text": "您好。"}
    for method, path, body in (
        ("POST", "/trial", {"language": "zh", "text": "您好。"}),
        ("PUT", "/welcome/zh/words", words),
        ("POST", "/welcome/zh/restore", {"version": 9, "number": 0}),
    ):
        sent = from_page(desk.accounts.client, desk.token)
        async with desk.accounts.client.request(method, f"/api/prompts{path}", json=body, **sent) as response:
            assert (response.status != 403) == (role is Role.TELEPHONY_ADMIN), path
    assert ((await desk.upload("/welcome/zh", b""))[0] != 403) == (role is Role.TELEPHONY_ADMIN)


async def test_other_words_are_spoken_and_heard_by_the_next_call(desk: PromptDesk) -> None:
    await desk.enter()
    before = desk.on_the_line()
    status, view = await desk.ask("PUT", "/welcome/zh/words", {"version": 0, "text": "您好，请按1，拨打12345。"})
    assert (status, view["version"], view["source"], view["current"]) == (200, 1, "speech", True)
    assert view["spoken"] == "您好，请按 一，拨打幺二三四五。"
    assert desk.voice.asked[-1] == view["spoken"]
    assert desk.on_the_line() != before
    assert (await desk.sound("welcome"))["text"] == "您好，请按1，拨打12345。"
    ((action, target, detail),) = await desk.audited()
    assert (action, target) == ("prompt.speak", "zh/welcome")
    assert (detail["before"]["text"], detail["after"]["text"]) == ("您好。", "您好，请按1，拨打12345。")


async def test_a_build_and_a_restart_keep_what_was_changed(desk: PromptDesk) -> None:
    await desk.enter()
    await desk.ask("PUT", "/welcome/zh/words", {"version": 0, "text": "早上好。"})
    await desk.upload("/goodbye/zh", as_file(tone(1.5)))
    heard = [desk.on_the_line(f"zh/hotline/{name}") for name in ("welcome", "goodbye")]
    again = PromptLibrary(desk.settings, speech=FakeVoice(), catalogue=parse_catalogue(CATALOGUE))
    report = await again.ensure()
    assert (report.synthesised, report.copied, report.failed) == (0, 0, {})
    assert heard == [desk.on_the_line(f"zh/hotline/{name}") for name in ("welcome", "goodbye")]
    assert [row.prompt.text for row in again.status()][0] == "早上好。"
    other = PromptLibrary(desk.settings, speech=FakeVoice("fake-2"), catalogue=parse_catalogue(CATALOGUE))
    await other.ensure()
    row = next(row for row in other.status() if row.prompt.name == "hotline/welcome")
    assert (row.prompt.text, row.source) == ("早上好。", "speech")
    assert desk.on_the_line("zh/hotline/goodbye") == heard[1]


async def test_a_recording_replaces_the_voice_and_can_be_taken_back(desk: PromptDesk) -> None:
    await desk.enter()
    spoken = desk.on_the_line()
    status, view = await desk.upload("/welcome/zh", as_file(tone(2.0, 44100), 44100), text="您好，欢迎来电。")
    assert (status, view["source"], view["version"], view["licensed"]) == (201, "recording", 1, True)
    assert view["loudness"] == "ok"
    recorded = desk.on_the_line()
    await desk.ask("PUT", "/welcome/zh/words", {"version": 1, "text": "再说一次。"})
    status, view = await desk.ask("POST", "/welcome/zh/restore", {"version": 2, "number": 1})
    assert (status, view["version"], view["text"]) == (200, 3, "您好，欢迎来电。")
    assert desk.on_the_line() == recorded
    await desk.ask("POST", "/welcome/zh/restore", {"version": 3, "number": 0})
    assert desk.on_the_line() == spoken
    _, versions = await desk.ask("GET", "/welcome/zh/versions")
    assert [(one["number"], one["kind"], one["restores"]) for one in versions] == [
        *((4, "catalogue", 0), (3, "recording", 1), (2, "speech", 0), (1, "recording", 0), (0, "catalogue", 0))
    ]
    assert [one["in_force"] for one in versions] == [True, False, False, False, False]
    assert [action for action, *_ in await desk.audited()] == [
        *("prompt.upload", "prompt.speak", "prompt.restore", "prompt.restore")
    ]


async def test_every_version_can_be_heard(desk: PromptDesk) -> None:
    await desk.enter()
    await desk.upload("/welcome/zh", as_file(tone(2.0)))
    for query, seconds in (("", 2.18), ("?version=1", 2.18), ("?version=0", 0.23 + 0.18)):
        status, data, headers = await desk.play(f"/welcome/zh/sound{query}")
        info = soundfile.info(io.BytesIO(data))
        assert (status, headers["Content-Type"], info.samplerate) == (200, "audio/wav", 8000)
        assert info.duration == pytest.approx(seconds, abs=0.1)
    assert (await desk.play("/welcome/zh/sound?version=7"))[0] == 404


async def test_a_part_of_a_sound_can_be_asked_for(desk: PromptDesk) -> None:
    await desk.enter()
    _, whole, _ = await desk.play("/welcome/zh/sound")
    status, part, headers = await desk.play("/welcome/zh/sound", Range="bytes=44-143")
    assert (status, part) == (206, whole[44:144])
    assert headers["Content-Range"] == f"bytes 44-143/{len(whole)}"
    assert (await desk.play("/welcome/zh/sound", Range=f"bytes={len(whole)}-"))[0] == 416


async def test_a_trial_changes_nothing(desk: PromptDesk) -> None:
    await desk.enter()
    before = desk.on_the_line()
    sent = from_page(desk.accounts.client, desk.token)
    body = {"language": "zh", "text": "试听。For English, press 4."}
    async with desk.accounts.client.post("/api/prompts/trial", json=body, **sent) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
        assert soundfile.info(io.BytesIO(await response.read())).samplerate == 8000
    assert desk.voice.asked[-2:] == ["试听。", "For English, press four."]
    assert (desk.on_the_line(), await desk.audited()) == (before, [])


async def test_who_comes_second_is_told_so(desk: PromptDesk) -> None:
    await desk.enter()
    await desk.ask("PUT", "/welcome/zh/words", {"version": 0, "text": "第一个。"})
    heard = desk.on_the_line()
    for status, problem in (
        await desk.ask("PUT", "/welcome/zh/words", {"version": 0, "text": "第二个。"}),
        await desk.upload("/welcome/zh", as_file(tone(2.0))),
        await desk.ask("POST", "/welcome/zh/restore", {"version": 0, "number": 0}),
    ):
        assert (status, problem["error_id"]) == (409, "prompt.version_conflict")
    assert desk.on_the_line() == heard


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "prompt.bad_recording"),
        (b"Dear hotline", "prompt.bad_recording"),
        (as_file(silence(2.0)), "prompt.bad_recording"),
        (as_file(tone(0.05)), "prompt.bad_recording"),
        (as_file(tone(181, 8000), 8000), "prompt.bad_recording"),
    ],
)
async def test_what_is_no_sound_is_refused(desk: PromptDesk, data: bytes, error: str) -> None:
    await desk.enter()
    before = desk.on_the_line()
    status, problem = await desk.upload("/welcome/zh", data)
    assert (status, problem["error_id"]) == (422, error)
    assert (desk.on_the_line(), (await desk.sound("welcome"))["version"]) == (before, 0)


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/welcome/zh/words", {"version": 0, "text": "20%优惠"}, 422, "prompt.words_unspeakable"),
        ("/welcome/zh/words", {"version": 0, "text": "……"}, 422, "prompt.words_unspeakable"),
        ("/nothing/zh/words", {"version": 0, "text": "您好。"}, 404, "prompt.unknown"),
        ("/NO/zh/words", {"version": 0, "text": "您好。", "new": True}, 404, "prompt.unknown"),
    ],
)
async def test_words_that_cannot_be_spoken_are_refused(
    desk: PromptDesk, path: str, body: dict[str, Any], status: int, error: str
) -> None:
    await desk.enter()
    got, problem = await desk.ask("PUT", path, body)
    assert (got, problem["error_id"]) == (status, error)


async def test_a_voice_that_is_away_leaves_all_as_it_was(desk: PromptDesk) -> None:
    await desk.enter()
    desk.voice.away = True
    before = desk.on_the_line()
    status, problem = await desk.ask("PUT", "/welcome/zh/words", {"version": 0, "text": "早上好。"})
    assert (status, problem["error_id"]) == (503, "prompt.speech_unavailable")
    assert (desk.on_the_line(), (await desk.sound("welcome"))["version"]) == (before, 0)


async def test_the_organisation_adds_a_prompt_of_its_own(desk: PromptDesk) -> None:
    await desk.enter()
    status, _ = await desk.ask("PUT", "/flood-notice/zh/words", {"version": 0, "text": "今日暴雨。", "new": True})
    assert status == 200
    assert (await desk.sound("flood-notice"))["text"] == "今日暴雨。"
    status, view = await desk.upload("/flood-notice/en", as_file(tone(1.0)), text="Heavy rain.", new="true")
    assert (status, view["text"]) == (201, "Heavy rain.")
    _, listing = await desk.ask("GET", "")
    own = [(each["id"], len(each["sounds"])) for each in listing["prompts"] if each["own"]]
    assert own == [("flood-notice", 2)]


async def test_the_words_of_numbers_can_be_recorded(desk: PromptDesk) -> None:
    await desk.enter()
    status, view = await desk.upload("/digits.7/zh", as_file(tone(0.5)))
    assert (status, view["source"]) == (201, "recording")
    assert (await desk.sound("digits/7"))["version"] == 1


async def test_loudness_is_measured_on_the_line(desk: PromptDesk) -> None:
    await desk.enter()
    sound = await desk.sound("welcome")
    assert sound["level"] == pytest.approx(-20, abs=1)
    quiet = np.frombuffer(as_file(tone(1.0, 8000, level=0.01), 8000, "RAW", subtype="ALAW"), np.uint8)
    for suffix in ("alaw", "ulaw", "sln16"):
        file = desk.settings.sounds / f"zh/hotline/welcome.{suffix}"
        file.write_bytes(quiet.tobytes())
    assert (await desk.sound("welcome"))["loudness"] == "quiet"


async def test_a_prompt_names_the_nodes_that_say_it(desk: PromptDesk) -> None:
    content = to_content(SHIPPED_FLOW.read_text(encoding="utf-8"))
    async with desk.database.transaction() as db:
        db.add(
            FlowRow(
                id="enterprise", title="企业服务", draft=to_json(content), draft_version=1, draft_base=0,
                draft_at=desk.clock.now(), created_at=desk.clock.now(),
            )
        )  # fmt: skip
    await desk.enter()
    _, listing = await desk.ask("GET", "")
    uses = {each["id"]: each["uses"] for each in listing["prompts"]}
    assert [(use["name"], use["node"], use["versions"]) for use in uses["welcome"]] == [
        ("enterprise", "welcome", ["draft"])
    ]
    assert {use["kind"] for use in uses["goodbye"]} == {"flow", "dialplan"}
    assert [use["kind"] for use in uses["digits/7"]] == ["reading"]


def test_what_asterisk_says_by_itself_is_known() -> None:
    said = set()
    for file in Path("asterisk-config").rglob("*.conf"):
        for prompt in shipped_catalogue().ids("zh"):
            if f"hotline/{prompt}" in file.read_text(encoding="utf-8"):
                said.add(prompt)
    unknown = {prompt for prompt in said if not prompt.startswith("queue-wait") and built_in(prompt) is None}
    assert len(said) > 5
    assert unknown == set()
