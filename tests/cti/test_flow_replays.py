"""A period's calls through another version of their flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.replay_speed import record_of
from callflow.simulate.caller import QueueBehaviour, SimulatedCaller
from callflow.simulate.run import simulate
from cti.calls.history.record import CallRecord
from cti.calls.history.rows import write_records
from cti.replay.counting import ReplayCounter
from cti.replay.logged import CallShift
from cti.replay.models import FlowReplay
from cti.replay.routes import replay_routes
from cti.replay.service import ReplayService
from cti.replay.state import LeftOut, ReplayOutcome
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.http import Routes
from ivr.telephony import QueueOutcome
from tests.callflow.test_flow_store import READERS, WRITERS, FlowStore
from tests.callflow.test_replay import OWN, WORLD, caller
from tests.callflow.worlds import shipped_world
from tests.fakes.clock import FakeClock
from tests.hotline.conftest import any_database, any_url, clock, database, postgres_server, postgres_url
from tests.phones.waiting import until

__all__ = ["any_database", "any_url", "clock", "database", "postgres_server", "postgres_url"]


class ReplayStore(FlowStore):
    """The flows' API with replays, over a call log of simulated calls."""

    def __init__(self, database: Database, clock: FakeClock, folder: Path) -> None:
        super().__init__(database, clock, folder)
        self.began = clock.now() - timedelta(days=1)

    def served(self) -> list[Routes]:
        self.replays = ReplayService(self.database, self.service(), self.clock, shipped_world)
        return [*super().served(), replay_routes(self.replays)]

    async def log(self, callers: Sequence[SimulatedCaller], *, version: int | None = 1, gap: bool = False) -> list[str]:
        """As the call log keeps them; ids in their order."""
        records: list[CallRecord] = []
        for each in callers:
            at = self.began + timedelta(minutes=len(records))
            call = await simulate(OWN, each.model_copy(update={"at": at}), WORLD)
            record = record_of(f"call-{version}-{gap}-{len(records)}", at, call)
            record.flow_version, record.gap = version, gap
            records.append(record)
        async with self.database.transaction() as db:
            await write_records(db, [(record, False) for record in records])
        return [record.call_id for record in records]

    def period(self, **more: Any) -> dict[str, Any]:
        until = self.began + timedelta(hours=12)
        return {"number": 0, "since": self.began.isoformat(), "until": until.isoformat()} | more

    async def replayed(self) -> Any:
        status, begun = await self.ask("POST", "/enterprise/replays", self.period())
        assert (status, begun["state"]) == (202, "running"), begun

        async def over() -> Any:
            _, found = await self.ask("GET", f"/enterprise/replays/{begun['id']}")
            return found if found["state"] != "running" else None

        return await until(over, within=60, each=0.1, what="the end of the replay")


@pytest.fixture
async def store(any_database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[ReplayStore]:
    store = ReplayStore(any_database, clock, tmp_path)
    await store.accounts.start()
    await store.accounts.add("admin", Role.TELEPHONY_ADMIN, name="赵敏")
    await store.library.start()
    await store.replays.start()
    yield store
    await store.replays.close()
    await store.library.close()
    await store.accounts.close()


NOBODY = QueueBehaviour(outcome=QueueOutcome.TIMED_OUT)


async def test_a_draft_shows_what_would_have_become_of_yesterdays_calls(store: ReplayStore) -> None:
    enterprise = [caller("1") for _ in range(3)]
    ids = await store.log([*enterprise, caller("2"), caller("2", "1", queues=[NOBODY]), caller(hangs_up_at=6)])
    await store.log([caller("1")], gap=True)
    await store.log([caller("1")], version=7)

    def change(document: Any) -> None:
        # Who wants the enterprise desk is offered voicemail instead, and the public one is left after a minute.
        document["nodes"]["menu"]["branches"]["1"] = "busy"

    await store.change(change)
    replay = await store.replayed()
    assert (replay["state"], replay["total"], replay["by"]) == ("done", 7, "赵敏"), replay
    summary = replay["summary"]
    shifts = {(each["before"], each["after"]): each["calls"] for each in summary["shifts"]}
    assert shifts == {
        ("answered", "unforeseen"): 3,
        ("answered", "answered"): 1,
        ("voicemail", "voicemail"): 1,
        ("abandoned_menu", "abandoned_menu"): 1,
    }
    assert summary["left_out"] == {"incomplete": 1, "version_gone": 1}
    assert summary["unforeseen"] == [{"node": "busy", "calls": 3}]
    assert summary["touched"] == 6 - 1  # The one who hung up before the menu met nothing that is new.
    status, page = await store.ask(
        "GET", f"/enterprise/replays/{replay['id']}/calls?before=answered&after=unforeseen&limit=2"
    )
    assert status == 200
    assert [each["call_id"] for each in page["items"]] == [ids[2], ids[1]]
    _, rest = await store.ask(
        "GET", f"/enterprise/replays/{replay['id']}/calls?before=answered&after=unforeseen&cursor={page['next']}"
    )
    assert [each["call_id"] for each in rest["items"]] == [ids[0]]
    # The draft goes on changing; the replay is of what it was.
    await store.change(lambda document: document["nodes"]["menu"]["branches"].update({"1": "to-public"}))
    status, paths = await store.ask("GET", f"/enterprise/replays/{replay['id']}/calls/{ids[0]}")
    assert status == 200
    nodes = {side: [each["node"] for each in path] for side, path in paths.items()}
    assert nodes["before"][-4:] == ["to-enterprise", "enterprise-queue", "survey", "goodbye"]
    assert nodes["after"][nodes["after"].index("menu") + 1] == "busy"
    status, problem = await store.ask("GET", f"/enterprise/replays/{replay['id']}/calls/none")
    assert (status, problem["error_id"]) == (404, "replay.not_found")


async def test_seconds_to_a_person_and_the_load_of_the_queues_are_foretold(store: ReplayStore) -> None:
    waits = [QueueBehaviour(after=10, talk=30)]
    await store.log([caller("1", queues=waits), caller("2", queues=waits)])
    await store.change(lambda document: document["nodes"]["menu"]["branches"].update({"1": "to-public"}))
    summary = (await store.replayed())["summary"]
    assert summary["person"]["before"]["calls"] == summary["person"]["after"]["calls"] == 2
    queues = summary["queues"]
    assert (queues["enterprise"]["before"]["calls"], queues["enterprise"]["after"]["calls"]) == (1, 0)
    assert (queues["public"]["before"]["calls"], queues["public"]["after"]["calls"]) == (1, 2)
    assert queues["public"]["after"]["busiest_hour"] == 2


async def test_bad_orders_are_refused(store: ReplayStore) -> None:
    status, problem = await store.ask("POST", "/enterprise/replays", store.period())
    assert (status, problem["error_id"]) == (422, "replay.empty")
    await store.log([caller("1")])
    status, problem = await store.ask("POST", "/enterprise/replays", store.period(number=9))
    assert (status, problem["error_id"]) == (404, "flow.version_not_found")
    status, _ = await store.ask("POST", "/enterprise/replays", store.period(until=store.began.isoformat()))
    assert status == 422
    status, problem = await store.ask("GET", "/enterprise/replays/none")
    assert (status, problem["error_id"]) == (404, "replay.not_found")
    await store.change(lambda document: document["nodes"]["menu"]["branches"].pop("silence"))
    status, problem = await store.ask("POST", "/enterprise/replays", store.period())
    assert (status, problem["error_id"]) == (422, "flow.invalid")


async def test_one_at_a_time_and_what_the_service_left_is_over(store: ReplayStore) -> None:
    await store.log([caller("1")])
    summary = ReplayCounter(Counter()).summary().model_dump(mode="json")
    now = store.clock.now()
    async with store.database.transaction() as db:
        period = {"since": now, "until": now, "started_at": now, "total": 1, "summary": summary}
        db.add(FlowReplay(flow_id="enterprise", number=1, document="{}", state="running", **period))
    status, problem = await store.ask("POST", "/enterprise/replays", store.period())
    assert (status, problem["error_id"]) == (409, "replay.running")
    await store.replays.start()
    _, replays = await store.ask("GET", "/enterprise/replays")
    assert [each["state"] for each in replays] == ["failed"]


async def test_a_replay_is_stopped(store: ReplayStore) -> None:
    await store.log([caller("1")])
    status, begun = await store.ask("POST", "/enterprise/replays", store.period(number=1))
    assert status == 202
    status, stopped = await store.ask("POST", f"/enterprise/replays/{begun['id']}/stop")
    assert (status, stopped["state"]) == (200, "stopped")
    assert [entry.action for entry in await store.audited()][-2:] == ["flow.replay", "flow.replay_stop"]


async def test_who_may_replay(store: ReplayStore) -> None:
    await store.log([caller("1")])
    for role in Role:
        who = "admin" if role is Role.TELEPHONY_ADMIN else role.value
        if who != "admin":
            await store.accounts.add(role.value, role)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/none", None),
            ("GET", "/none/calls", None),
            ("GET", "/none/calls/none", None),
            ("POST", "", store.period(number=9)),
            ("POST", "/none/stop", None),
        ):
            status, _ = await store.ask(method, f"/enterprise/replays{path}", body, who=who)
            assert (status != 403) == (role in (READERS if method == "GET" else WRITERS)), (role, method, path)


def test_figures_set_side_by_side_are_of_the_same_calls() -> None:
    left_out: Counter[str] = Counter()
    counter = ReplayCounter(left_out)
    at = datetime.fromisoformat("2026-11-30T10:00:00+08:00")
    known = CallShift("1", at, "answered", ReplayOutcome.ANSWERED, "", 20.0, 50.0, (("a", "answered", 5.0),), ())
    unknown = CallShift("2", at, "answered", ReplayOutcome.UNFORESEEN, "ask", 90.0, None, (("a", "answered", 5.0),), ())
    counter.add([known, unknown, LeftOut.OFF_PATH])
    summary = counter.summary()
    assert (summary.person.before.median, summary.person.after.median) == (20.0, 50.0)
    assert (summary.queues["a"].before.calls, summary.queues["a"].after.calls) == (1, 0)
    assert (summary.calls, left_out["off_path"]) == (2, 1)
