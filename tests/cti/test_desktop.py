"""The workspace's socket, over real connections."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, make_mocked_request
from pydantic import BaseModel

from callflow.live import LiveCall
from cti.calls.history.record import CallRecord, RecordedStep, SpecialistPart
from cti.changes import Changes
from cti.desktop.client import OUTBOX
from cti.desktop.commands import Commands
from cti.desktop.hub import MOST_PAGES, DesktopHub
from cti.desktop.phones import SipOverWebSocket
from cti.desktop.pops import POP_AGAIN
from cti.desktop.records import LiveRecords
from cti.desktop.routes import public_routes, workspace_routes
from cti.desktop.socket import BURST, CHECK_SESSION_EVERY, MAX_MESSAGE, MAX_RUNNING, WorkspaceSocket
from cti.desktop.web_secrets import WebSecrets, secret_of
from cti.presence.models import Agent
from cti.presence.queues import QueueBoard
from cti.presence.service import PresenceService
from cti.presence.session import QueueMembership
from cti.presence.state import AgentState
from cti.threeway.ports import SpecialistTarget
from cti.threeway.service import ThreewayService
from hotline.accounts.models import User
from hotline.accounts.roles import Permission, Role, permissions_of
from hotline.app.settings import Settings
from hotline.kernel.bus import Bus
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError, TooManyRequestsError, UnavailableError
from hotline.kernel.gate import GATE, Principal
from hotline.kernel.http import RequestContext
from ivr.settings import AsteriskSettings
from tests.fakes.clock import FakeClock
from tests.fakes.queue_call import QueueCall
from tests.fakes.switchboard import FakeSwitchboard
from tests.hotline.conftest import clock, database
from tests.hotline.web import Edge, NoJournal, Somebody, from_page
from tests.phones.waiting import until

__all__ = ["clock", "database"]


class Nobody:
    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        return None


@dataclass
class LiveCallRecords:
    """Records of live calls."""

    records: dict[str, CallRecord] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def live(self, call_id: str) -> CallRecord | None:
        self.asked.append(call_id)
        return self.records.get(call_id)


class Pop(BaseModel):
    call_id: str
    who: str


@dataclass
class FakePops:
    """Screen pops, until `trouble`."""

    view = Pop
    trouble: HotlineError | None = None
    reads: list[Principal] = field(default_factory=list)

    async def read(self, call_id: str, who: Principal) -> Pop:
        self.reads.append(who)
        if self.trouble is not None:
            raise self.trouble
        return Pop(call_id=call_id, who=who.username)


@dataclass
class Room:
    """Agents 1001 and 1002 and a supervisor, each with the pages they open."""

    client: TestClient[web.Request, web.Application]
    edge: Edge
    hub: DesktopHub
    changes: Changes
    presence: PresenceService
    switchboard: FakeSwitchboard
    memory: LiveCallRecords
    pops: FakePops
    clock: FakeClock
    """The sockets' own."""
    workspace: WorkspaceSocket
    database: Database

    async def page(self, who: str = "agent1") -> ClientWebSocketResponse:
        socket: ClientWebSocketResponse = await self.client.ws_connect(
            "/api/workspace/socket", **from_page(self.client, who)
        )
        return socket

    async def opened(self, who: str = "agent1") -> tuple[ClientWebSocketResponse, dict[str, Any]]:
        page = await self.page(who)
        return page, await message(page, "snapshot")


def running(owner: str) -> list[str]:
    """The tasks of this owner."""
    return [name for task in asyncio.all_tasks() if (name := task.get_name()).startswith(f"{owner}.")]


async def message(page: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next message of this kind."""
    async with asyncio.timeout(5):
        while (found := await page.receive_json())["type"] != kind:
            pass
        return dict(found)


async def told(page: ClientWebSocketResponse, command: str, **arguments: Any) -> dict[str, Any]:
    await page.send_json({"id": "c-1", "command": command, **arguments})
    return await message(page, "reply")


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    switchboard, memory, real = FakeSwitchboard(), LiveCallRecords(), SystemClock()
    phone = switchboard.phone
    bus = Bus(NoJournal())
    changes, pops = Changes(), FakePops()
    presence = PresenceService(switchboard, phone, bus, real, on_change=changes.agent)
    queues = QueueBoard(phone, real, on_change=changes.queues)
    threeway = ThreewayService(switchboard, phone, bus, real, Nobody(), on_change=changes.call)
    hub = DesktopHub(
        changes=changes,
        presence=presence,
        queues=queues,
        records=memory,
        threeway=threeway.status,
        pops=pops,
        clock=real,
    )
    for number in ("1001", "1002"):
        presence.upsert(
            f"id-agent{number[-1]}", number, "王芳", (QueueMembership("enterprise", 0),), timedelta(seconds=30)
        )
    presence.set_link(True)
    phones = SipOverWebSocket(
        Settings(asterisk=AsteriskSettings(web_port=8088, web_caller_secret="open")),  # type: ignore[arg-type]
        hotline_number="12345",
    )
    clock = FakeClock()
    workspace = WorkspaceSocket(hub, Commands(presence, threeway), presence, clock)
    edge = Edge(
        [
            workspace_routes(workspace, phones, WebSecrets(switchboard, database, real), pop=Pop),
            public_routes(phones, ZoneInfo("Asia/Shanghai")),
        ],
        database,
        clock,
    )
    for who, roles in {"agent1": {Role.AGENT}, "agent2": {Role.AGENT}, "boss": {Role.SUPERVISOR}}.items():
        edge.tokens[who] = Somebody(f"id-{who}", who, who, frozenset(roles), permissions_of(roles))
    client = await edge.start()
    yield Room(client, edge, hub, changes, presence, switchboard, memory, pops, clock, workspace, database)
    await hub.close()
    await workspace.close()
    await client.close()
    await threeway.close()
    await presence.close()
    queues.close()


# --- what a page gets -----------------------------------------------------------------------------------


async def test_a_page_starts_from_a_snapshot(room: Room) -> None:
    _, snapshot = await room.opened()
    assert snapshot["seq"] == 1
    assert snapshot["agent"]["number"] == "1001"
    assert snapshot["agent"]["why_not_ready"] == ["not_signed_in"]
    assert snapshot["call"] is None
    assert [queue["name"] for queue in snapshot["queues"]] == ["enterprise", "public"]
    assert snapshot["server_time"].endswith("Z")


async def test_a_page_that_left_before_it_was_let_in_is_no_error(room: Room) -> None:
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()}
    request = make_mocked_request("GET", "/api/workspace/socket", headers=handshake | key)
    request.protocol.transport = None  # as aiohttp does when the connection is lost
    ctx = RequestContext(
        request=request,
        clock=room.clock,
        database=room.database,
        gate=room.edge.app[GATE],
        audit_trail=room.edge.audits,
        repeated_trail=room.edge.repeated,
        principal=room.edge.tokens["agent1"],
    )
    assert not (await room.workspace.serve(ctx)).prepared
    page, snapshot = await room.opened()
    assert snapshot["seq"] == 1
    assert not page.closed


async def test_messages_are_numbered_without_a_gap(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    call.connects()
    numbers: list[int] = []
    while not numbers or numbers[-1] < 12:
        found = await page.receive_json(timeout=5)
        if "seq" in found:
            numbers.append(found["seq"])
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


async def test_the_screen_pops_at_ring_with_what_is_known(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    now = SystemClock().now()
    room.memory.records[call.call_id] = CallRecord(
        call_id=call.call_id,
        started_at=now,
        caller_number="13912345678",
        caller_name='李"四',
        enterprise_id="e-1",
        enterprise_name="乌海煤化",
        path=[RecordedStep(at=now, node="menu", label="主菜单", digits="1")],
    )
    call.rings()
    found = (await message(page, "call"))["call"]
    while found is None:
        found = (await message(page, "call"))["call"]
    assert found["state"] == "ringing"
    assert found["caller"] == {"number": "139****5678", "name": '李"四'}
    assert found["enterprise"] == {"id": "e-1", "name": "乌海煤化"}
    assert found["path"][0]["digits"] == "1"


async def test_a_ring_brings_its_screen_pop_along_once(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    assert (await message(page, "pop"))["pop"] == {"call_id": call.call_id, "who": "agent1"}
    room.changes.call(call.call_id)
    await page.send_json({"id": "c-2", "command": "ready"})
    kinds = [(await page.receive_json(timeout=5))["type"]]
    while kinds[-1] != "reply":
        kinds.append((await page.receive_json(timeout=5))["type"])
    assert "call" in kinds
    assert "pop" not in kinds


async def test_the_pages_of_one_agent_share_one_reading_of_the_pop(room: Room) -> None:
    first, _ = await room.opened()
    second, _ = await room.opened()
    await told(first, "sign_in", phone="browser")
    await told(first, "ready")
    QueueCall(room.switchboard.phone).rings()
    assert (await message(first, "pop"))["pop"] == (await message(second, "pop"))["pop"]
    assert [who.username for who in room.pops.reads] == ["agent1"]


async def test_a_page_whose_rights_are_others_has_a_pop_of_its_own(room: Room) -> None:
    first, _ = await room.opened()
    one = room.edge.tokens["agent1"]
    room.edge.tokens["agent1"] = replace(one, permissions=one.permissions | {Permission.NUMBER_UNMASK})
    second, _ = await room.opened()
    await told(first, "sign_in", phone="browser")
    await told(first, "ready")
    QueueCall(room.switchboard.phone).rings()
    await message(first, "pop")
    await message(second, "pop")
    assert [Permission.NUMBER_UNMASK in who.permissions for who in room.pops.reads] == [False, True]


async def test_a_page_loaded_anew_finds_the_pop_in_its_snapshot_read_anew(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    await message(page, "pop")
    call.connects()
    await until(lambda: room.presence.session("1001").state is AgentState.TALKING, what="they talk")
    _, snapshot = await room.opened()
    assert snapshot["pop"] == {"call_id": call.call_id, "who": "agent1"}
    assert len(room.pops.reads) == 2


async def test_a_pop_is_read_anew_for_whoever_asks_for_everything(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    QueueCall(room.switchboard.phone).rings()
    await message(page, "pop")
    await page.send_json({"id": "c-2", "command": "resync"})
    assert (await message(page, "snapshot"))["pop"]["who"] == "agent1"
    assert len(room.pops.reads) == 2


async def test_a_pop_that_cannot_be_read_says_why_and_comes_as_soon_as_it_can(room: Room) -> None:
    room.pops.trouble = UnavailableError("The database did not answer.")
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    found = await message(page, "pop")
    assert (found["call_id"], found["pop"]) == (call.call_id, None)
    assert found["error"]["error_id"] == UnavailableError.error_id
    reloaded, snapshot = await room.opened()
    assert snapshot["call"]["call_id"] == call.call_id
    assert snapshot["pop"] is None
    room.pops.trouble = None
    for each in (page, reloaded):
        while (found := await message(each, "pop"))["pop"] is None:
            pass
        assert found["pop"]["who"] == "agent1"


async def test_a_pop_is_given_up_with_the_call(room: Room) -> None:
    room.pops.trouble = UnavailableError("The database did not answer.")
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    await message(page, "pop")
    call.times_out()
    await until(lambda: not running("screen-pops"), within=POP_AGAIN.total_seconds() + 5, what="nobody reads it")


async def test_a_change_of_a_call_reads_its_record_once_for_all_pages(room: Room) -> None:
    pages = [(await room.opened())[0] for _ in range(3)]
    await told(pages[0], "sign_in", phone="browser")
    await told(pages[0], "ready")
    call = QueueCall(room.switchboard.phone)
    call.rings()
    for page in pages:
        await message(page, "pop")
    room.memory.asked.clear()
    room.changes.call(call.call_id)
    for page in pages:
        await message(page, "call")
    assert room.memory.asked == [call.call_id]


async def test_another_agents_call_is_not_shown(room: Room) -> None:
    page, _ = await room.opened("agent2")
    QueueCall(room.switchboard.phone).rings()
    found = await message(page, "queues")
    assert found["seq"] == 2  # Nothing about the call came before.


async def test_whoever_may_sees_the_number(room: Room) -> None:
    token = room.edge.tokens["agent1"]
    token.permissions |= {Permission.NUMBER_UNMASK}
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    call = QueueCall(room.switchboard.phone)
    room.memory.records[call.call_id] = CallRecord(
        call_id=call.call_id, started_at=SystemClock().now(), caller_number="13912345678"
    )
    call.rings()
    while (found := (await message(page, "call"))["call"]) is None:
        pass
    assert found["caller"]["number"] == "13912345678"


async def test_a_specialist_who_was_in_the_call_is_known_after_a_reload(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    await told(page, "ready")
    call = QueueCall(room.switchboard.phone)
    now = SystemClock().now()
    part = SpecialistPart(
        specialist_id="s-1", specialist="赵工", unit="市发改委", agent="1001", at=now, result="consulted"
    )
    room.memory.records[call.call_id] = CallRecord(call_id=call.call_id, started_at=now, threeway=[part])
    call.rings()
    call.connects()
    await until(lambda: room.presence.session("1001").state is AgentState.TALKING, what="they talk")
    _, snapshot = await room.opened()
    assert snapshot["call"]["specialist_joined"] is False
    part.result = "merged"
    _, snapshot = await room.opened()
    assert snapshot["call"]["threeway"] is None
    assert snapshot["call"]["specialist_joined"] is True


def test_a_running_call_without_a_number_keeps_who_joined_it() -> None:
    now = SystemClock().now()
    part = SpecialistPart(
        specialist_id="s-1", specialist="赵工", unit="市发改委", agent="1001", at=now, result="merged"
    )
    running = LiveCall(
        call_id="c-1",
        channel="PJSIP/web-caller-00000001",
        unique_id="1.1",
        caller_number="",
        caller_name="",
        dialed="12345",
        entry="web",
        language="zh",
        started_at=now,
        identity=None,
        path=(),
        node="workspace",
        queue="enterprise",
        agent="1001",
        agent_channel="PJSIP/1001-00000002",
        recording="",
    )

    class Running:
        def live(self, call_id: str) -> LiveCall | None:
            return running

        def all_live(self) -> tuple[LiveCall, ...]:
            return (running,)

    log = LiveCallRecords({"c-1": CallRecord(call_id="c-1", started_at=now, threeway=[part])})
    record = LiveRecords(log, Running()).live("c-1")
    assert record is not None
    assert (record.entry, record.had_three_way) == ("web", True)


# --- commands -------------------------------------------------------------------------------------------


async def test_a_refused_command_is_a_reply_with_an_id(room: Room) -> None:
    page, _ = await room.opened()
    reply = await told(page, "ready")
    assert reply["ok"] is False
    assert reply["error"]["error_id"] == "presence.not_now"
    assert (await told(page, "merge"))["error"]["error_id"] == "threeway.no_call"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"id":"x"}',
        '{"id":"x","command":"fly"}',
        '{"id":"x","command":"pause"}',
        '{"id":"x","command":"consult","specialist_id":"s","phone_index":-1}',
        '{"id":"x","command":"ready","more":1}',
        '{"id":7,"command":"ready"}',
        '{"id":"\\ud800","command":"ready"}',
    ],
)
async def test_nonsense_is_answered_and_the_page_lives_on(room: Room, text: str) -> None:
    page, _ = await room.opened()
    await page.send_str(text)
    assert (await message(page, "reply"))["error"]["error_id"] == "command.malformed"
    assert (await told(page, "resync"))["ok"] is True


async def test_a_fault_of_ours_shows_no_trace(room: Room) -> None:
    page, _ = await room.opened()
    room.switchboard.refuse = ZeroDivisionError("secret")
    reply = await told(page, "sign_in", phone="browser")
    assert reply["error"]["error_id"] == "service.fault"
    assert "secret" not in str(reply)


async def test_a_flood_is_turned_away(room: Room) -> None:
    page, _ = await room.opened()
    for _ in range(int(BURST) + 10):
        await page.send_json({"id": "c", "command": "merge"})
    errors = [(await message(page, "reply"))["error"]["error_id"] for _ in range(int(BURST) + 10)]
    assert "rate.limited" in errors


async def test_too_long_a_message_ends_the_connection(room: Room) -> None:
    page, _ = await room.opened()
    await page.send_str("x" * (MAX_MESSAGE + 1))
    async with asyncio.timeout(5):
        while not page.closed:
            await page.receive()


async def test_a_supervisor_without_a_number_may_look_but_not_work(room: Room) -> None:
    page, snapshot = await room.opened("boss")
    assert snapshot["agent"] is None
    assert (await told(page, "ready"))["error"]["error_id"] == "presence.no_agent"


async def test_another_sites_page_is_turned_away(room: Room) -> None:
    request = from_page(room.client, "agent1", Origin="https://evil.example")
    async with room.client.get("/api/workspace/socket", **request) as response:
        assert response.status == 403


# --- commands that take their time ----------------------------------------------------------------------


async def test_a_command_goes_on_to_its_end_when_the_page_is_gone(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    room.switchboard.queues.slow = asyncio.Event()
    await page.send_json({"id": "c-2", "command": "ready"})
    await until(lambda: ("unpause", "PJSIP/1001-web", "") in room.switchboard.sent)
    await page.close()
    await until(lambda: not running("workspace-socket"))
    room.switchboard.queues.slow.set()
    await until(lambda: room.presence.session("1001").state is AgentState.READY)


async def test_a_page_with_many_commands_under_way_is_told_to_wait(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    room.switchboard.queues.slow = asyncio.Event()
    for number in range(MAX_RUNNING):
        await page.send_json({"id": f"w-{number}", "command": "ready"})
    assert (await told(page, "pause", reason="meal"))["error"]["error_id"] == TooManyRequestsError.error_id
    other, _ = await room.opened("agent2")
    assert (await told(other, "resync"))["ok"]
    room.switchboard.queues.slow.set()
    for _ in range(MAX_RUNNING):
        assert (await message(page, "reply"))["ok"]
    assert (await told(page, "pause", reason="meal"))["ok"]


async def test_a_service_that_stops_waits_for_no_command(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "sign_in", phone="browser")
    room.switchboard.queues.slow = asyncio.Event()
    await page.send_json({"id": "c-2", "command": "ready"})
    await until(lambda: ("unpause", "PJSIP/1001-web", "") in room.switchboard.sent)
    async with asyncio.timeout(5):
        await room.workspace.close()
    assert not running("workspace-commands")


class Unreadable(dict[str, Somebody]):
    def get(self, *_: Any) -> Any:
        raise KeyError("a bug")


async def test_after_any_error_a_session_is_looked_at_again(room: Room) -> None:
    page, _ = await room.opened()
    room.edge.tokens = Unreadable()
    await room.clock.advance(CHECK_SESSION_EVERY)
    assert (await told(page, "resync"))["ok"]
    room.edge.tokens = {}
    await room.clock.advance(CHECK_SESSION_EVERY)
    async with asyncio.timeout(5):
        while (await page.receive()).type is WSMsgType.TEXT:
            pass
    assert page.closed


async def test_lost_rights_close_the_page(room: Room) -> None:
    page, _ = await room.opened()
    room.hub.drop_user("id-agent1")
    async with asyncio.timeout(5):
        while (await page.receive()).type is WSMsgType.TEXT:
            pass
    assert page.closed


async def test_a_session_that_is_over_closes_its_page(room: Room) -> None:
    page, _ = await room.opened()
    await room.clock.advance(CHECK_SESSION_EVERY)
    assert (await told(page, "resync"))["ok"]
    del room.edge.tokens["agent1"]
    await room.clock.advance(CHECK_SESSION_EVERY)
    async with asyncio.timeout(5):
        while (await page.receive()).type is WSMsgType.TEXT:
            pass
    assert page.closed


async def test_the_pages_of_one_user_are_bounded(room: Room) -> None:
    pages = [await room.page() for _ in range(MOST_PAGES)]
    async with room.client.get("/api/workspace/socket", **from_page(room.client, "agent1")) as response:
        assert response.status == 429
    await room.opened("agent2")
    await pages[0].close()
    await until(lambda: room.hub.has_room(room.edge.tokens["agent1"]))
    await room.opened()


# --- slow pages -----------------------------------------------------------------------------------------


async def test_a_page_that_does_not_read_is_dropped_and_slows_nobody(room: Room) -> None:
    slow = await _open_without_reading(room)
    page, _ = await room.opened("agent2")
    await told(page, "sign_in", phone="browser")
    latest = 0.0
    loop = asyncio.get_running_loop()
    agent = room.presence.session("1001")
    for turn in range(4000):
        room.changes.agent("1001")
        if turn % 100 == 0:
            began = loop.time()
            room.changes.agent("1002")
            await message(page, "agent")
            latest = max(latest, loop.time() - began)
        if not agent.pages:
            break
    assert not agent.pages
    assert latest < 0.5
    slow.close()


async def test_a_page_a_little_behind_is_kept(room: Room) -> None:
    page, _ = await room.opened()
    for _ in range(OUTBOX // 2 - 2):
        room.changes.agent("1001")
    for _ in range(OUTBOX // 2 - 2):
        await message(page, "agent")
    assert (await told(page, "resync"))["ok"] is True


async def _open_without_reading(room: Room) -> socket.socket:
    """A WebSocket of agent 1001 whose receive buffer fills up."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (room.client.host, room.client.port))
    headers = from_page(room.client, "agent1")["headers"] | {
        "Host": f"{room.client.host}:{room.client.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    lines = ["GET /api/workspace/socket HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    await loop.sock_sendall(raw, "\r\n".join(lines).encode())
    await until(lambda: room.presence.session("1001").pages, what="the page is attached")
    return raw


# --- routes ---------------------------------------------------------------------------------------------


async def test_an_agent_gets_the_credentials_of_the_own_phone(room: Room, database: Database) -> None:
    async with database.transaction() as db:
        db.add(
            User(
                id="id-agent1",
                username="agent1",
                name="王芳",
                password_hash="x",
                roles=["agent"],
                created_at=SystemClock().now(),
            )
        )
        await db.flush()
        db.add(Agent(user_id="id-agent1", number="1001", web_secret="mine", desk_secret="other", queues=[]))
    async with room.client.get("/api/workspace/phone", **from_page(room.client, "agent1")) as response:
        found = await response.json()
    assert (found["username"], found["password"]) == ("1001-web", room.switchboard.web_secrets["1001"])
    assert found["password"] == secret_of("1001", "agent1")
    assert found["ws_url"] == f"ws://{room.client.host}:8088/ws"
    assert [record.action for record in room.edge.audits.records] == ["workspace.phone_credentials"]
    async with room.client.get("/api/workspace/phone", **from_page(room.client, "agent2")) as response:
        assert (await response.json())["error_id"] == "presence.no_agent"


async def test_anyone_may_call_by_browser(room: Room) -> None:
    async with room.client.get("/api/public/call") as response:
        found = await response.json()
    assert (found["username"], found["dial"], found["password"]) == ("web-caller", "12345", "open")


async def test_pages_learn_by_which_clock_the_hotline_goes(room: Room) -> None:
    async with room.client.get("/api/public/clock") as response:
        assert await response.json() == {"time_zone": "Asia/Shanghai"}


async def test_pause_reasons_are_those_an_agent_may_choose(room: Room) -> None:
    async with room.client.get("/api/workspace/pause-reasons", **from_page(room.client, "agent1")) as response:
        codes = {reason["code"] for reason in await response.json()}
    assert "meal" in codes
    assert not codes & {"wrap_up", "missed", "page_closed"}


async def test_a_command_that_dials_is_audited_without_a_number(room: Room) -> None:
    page, _ = await room.opened()
    reply = await told(page, "consult", specialist_id="s-1", phone_index=1)
    assert not reply["ok"]

    async def audited() -> bool:
        return bool(room.edge.audits.records)

    await until(audited, within=5, what="the consult is audited")
    record = room.edge.audits.records[0]
    assert (record.username, record.action, record.target) == ("agent1", "workspace.consult", "s-1")
    assert record.detail == {"phone_index": 1, "outcome": reply["error"]["error_id"]}
    assert (await told(page, "finish_wrap_up"))["type"] == "reply"
    assert len(room.edge.audits.records) == 1


async def test_an_open_page_is_no_use_of_the_session_but_a_command_is(room: Room) -> None:
    page, _ = await room.opened()
    await told(page, "resync")
    await room.clock.advance(CHECK_SESSION_EVERY)
    assert (await told(page, "resync"))["ok"]
    assert room.edge.used == []
    await told(page, "sign_in", phone="browser")
    await room.clock.advance(CHECK_SESSION_EVERY)

    async def used() -> bool:
        return room.edge.used == ["agent1"]

    await until(used, within=5, what="the command counts as use")
