"""The store of flows over the API: drafts, versions, what is in force, and who may do it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from structlog.testing import capture_logs

from callflow.document import SHIPPED_FLOW, parse_flow
from callflow.lint import Finding, World, lint
from callflow.registry import all_actions
from callflow.versions import repository
from callflow.versions.action_routes import action_routes
from callflow.versions.library import FLOWS_CHANGED, FlowLibrary
from callflow.versions.routes import flow_routes, publication_routes
from callflow.versions.service import FlowService
from callflow.versions.simulation import simulation_routes
from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.http import Routes
from hotline.kernel.jobs import JobQueue
from hotline.kernel.models import JobRecord
from tests.callflow.worlds import shipped_world
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.conftest import any_database, any_url, clock, database, postgres_server, postgres_url
from tests.hotline.web import from_page
from tests.phones.waiting import until

__all__ = ["any_database", "any_url", "clock", "database", "postgres_server", "postgres_url"]

READERS = {Role.TELEPHONY_ADMIN, Role.SUPERVISOR, Role.SYSTEM_ADMIN}
WRITERS = {Role.TELEPHONY_ADMIN}


class FlowStore:
    """The API of the flows, with a library that serves calls from the same database."""

    def __init__(self, database: Database, clock: FakeClock, folder: Path) -> None:
        self.database = database
        self.clock = clock
        self.jobs = JobQueue(clock)
        self.library = self.library_of(folder / "live-flow.json")
        self.accounts = Accounts(database, clock, more=self.served())
        self.tokens: dict[str, str] = {}

    def served(self) -> list[Routes]:
        return self.routes(self.service())

    @staticmethod
    def routes(service: FlowService) -> list[Routes]:
        return [action_routes(), flow_routes(service), publication_routes(service), simulation_routes(service)]

    def service(self) -> FlowService:
        return FlowService(self.library, self.jobs, self.clock, shipped_world)

    def library_of(self, copy: Path, *, file: Path | None = None) -> FlowLibrary:
        return FlowLibrary(self.database, self.clock, file=file, copy=copy)

    async def ask(self, method: str, path: str = "", body: Any = None, *, who: str = "admin") -> tuple[int, Any]:
        if who not in self.tokens:
            self.tokens[who] = await self.accounts.log_in(who)
        return await self.accounts.ask(method, f"/api/flows{path}", self.tokens[who], body)

    async def flow(self) -> Any:
        status, flow = await self.ask("GET", "/enterprise")
        assert status == 200
        return flow

    async def change(self, change: Any = None, *, who: str = "admin") -> Any:
        """Save the draft with another patience of its menu, or as `change` edits it."""
        draft = (await self.flow())["draft"]
        document = draft["document"]
        if change is None:
            document["nodes"]["menu"]["options"]["patience"] = "PT9S"
        else:
            change(document)
        body = {"version": draft["version"], "document": document}
        status, saved = await self.ask("PUT", "/enterprise/draft", body, who=who)
        assert status == 200, saved
        return saved

    async def publish(self, **more: Any) -> tuple[int, Any]:
        flow = await self.flow()
        live = next((each["number"] for each in flow["in_force"] if each["alias"] == "live"), 0)
        body = {"draft_version": flow["draft"]["version"], "live": live, **more}
        return await self.ask("POST", "/enterprise/publish", body)

    async def serves(self, number: int) -> None:
        await until(lambda: self.library.default.version == number, within=5, each=0.02, what=f"version {number}")

    async def audited(self) -> list[AuditEntry]:
        async with self.database.snapshot() as db:
            query = select(AuditEntry).where(AuditEntry.action.like("flow.%")).order_by(AuditEntry.id)
            return list(await db.scalars(query))


@pytest.fixture
async def store(any_database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[FlowStore]:
    store = FlowStore(any_database, clock, tmp_path)
    await store.accounts.start()
    await store.accounts.add("admin", Role.TELEPHONY_ADMIN, name="赵敏")
    await store.accounts.add("second", Role.TELEPHONY_ADMIN, name="孙强")
    await store.library.start()
    yield store
    await store.library.close()
    await store.accounts.close()


async def test_the_shipped_flow_is_version_1_and_in_force(store: FlowStore) -> None:
    flow = await store.flow()
    assert [(each["alias"], each["number"], each["by"]) for each in flow["in_force"]] == [("live", 1, "")]
    assert flow["entry_numbers"] == {"": "live"}
    assert not flow["draft_changed"]
    assert {each["severity"] for each in flow["draft"]["problems"]} <= {"hint"}
    assert (store.library.default.id, store.library.default.version) == ("enterprise", 1)
    shipped = parse_flow(SHIPPED_FLOW.read_text(encoding="utf-8"), all_actions())
    assert store.library.default.document == shipped.document


async def test_what_is_published_is_in_force_for_new_calls(store: FlowStore) -> None:
    began_with = store.library.for_number("12345")
    await store.change()
    assert store.library.for_number("12345") is began_with, "a draft changes nothing for a caller"
    assert (await store.flow())["draft_changed"]
    status, published = await store.publish(note="菜单多等几秒")
    assert (status, published["number"], published["by"]) == (201, 2, "赵敏")
    await store.serves(2)
    menu = store.library.for_number("12345").nodes["menu"].options
    assert menu.patience == timedelta(seconds=9)  # type: ignore[attr-defined]
    assert await store.library.version("enterprise", 1) is began_with
    status, versions = await store.ask("GET", "/enterprise/versions")
    assert [(each["number"], each["source"], each["by"]) for each in versions["items"]] == [
        (2, "page", "赵敏"),
        (1, "shipped", ""),
    ]


async def test_the_way_back_is_one_request(store: FlowStore) -> None:
    await store.change()
    await store.publish()
    await store.serves(2)
    back = {"number": 1, "live": 2, "reason": "来电者听不清"}
    status, view = await store.ask("POST", "/enterprise/publications", back)
    assert (status, view["number"], view["reason"]) == (201, 1, "来电者听不清")
    await store.serves(1)
    status, history = await store.ask("GET", "/enterprise/publications")
    assert [each["number"] for each in history["items"]] == [1, 2, 1]
    assert (await store.flow())["draft_changed"], "the way back keeps the draft"
    status, problem = await store.ask("POST", "/enterprise/publications", back | {"live": 1})
    assert (status, problem["error_id"]) == (409, "flow.unchanged")


async def test_the_second_of_two_admins_sees_the_firsts_change_and_loses_nothing(store: FlowStore) -> None:
    draft = (await store.flow())["draft"]
    await store.change()
    mine = draft["document"]
    mine["nodes"]["menu"]["label"] = "大厅"
    body = {"version": draft["version"], "document": mine}
    status, problem = await store.ask("PUT", "/enterprise/draft", body, who="second")
    assert (status, problem["error_id"], problem["version"]) == (409, "flow.draft_conflict", draft["version"] + 1)
    theirs = (await store.flow())["draft"]
    assert theirs["by"] == "赵敏"
    assert theirs["document"]["nodes"]["menu"]["options"]["patience"] == "PT9S"


async def test_of_two_who_publish_at_once_one_is_told(store: FlowStore) -> None:
    await store.change()
    answers = await asyncio.gather(store.publish(), store.publish())
    assert sorted(status for status, _ in answers) == [201, 409]
    (refused,) = (body for status, body in answers if status == 409)
    assert refused["error_id"] in ("flow.live_conflict", "flow.unchanged")
    await store.serves(2)


async def test_a_publication_that_was_not_looked_at_is_refused(store: FlowStore) -> None:
    seen = (await store.flow())["draft"]["version"]
    await store.change()
    status, problem = await store.publish(draft_version=seen)
    assert (status, problem["error_id"]) == (409, "flow.draft_conflict")
    status, problem = await store.publish(live=7)
    assert (status, problem["error_id"], problem["version"]) == (409, "flow.live_conflict", 1)
    assert store.library.default.version == 1


async def test_a_draft_with_errors_is_kept_and_not_published(store: FlowStore) -> None:
    saved = await store.change(lambda document: document["nodes"]["menu"]["branches"].pop("silence"))
    (error,) = (each for each in saved["problems"] if each["severity"] == "error")
    assert "silence" in error["message"]["zh"]
    assert error["node"] == "menu"
    assert error["line"] > 0
    status, problem = await store.publish()
    assert (status, problem["error_id"]) == (422, "flow.invalid")
    assert store.library.default.version == 1


async def test_a_publication_may_wait_for_its_time_and_be_cancelled(store: FlowStore) -> None:
    await store.change()
    at = (store.clock.now() + timedelta(hours=8)).isoformat()
    status, planned = await store.publish(starts_at=at)
    assert status == 201
    assert [each["number"] for each in (await store.flow())["scheduled"]] == [2]
    async with store.database.snapshot() as db:
        await store.library.read(db)
        jobs = list(await db.scalars(select(JobRecord).where(JobRecord.kind == FLOWS_CHANGED)))
    assert store.library.default.version == 1
    assert datetime.fromisoformat(at) in [job.run_at for job in jobs], "a job has it read at its time"
    await store.clock.advance(timedelta(hours=8, seconds=1))
    store.tokens.clear()
    async with store.database.snapshot() as db:
        await store.library.read(db)
    assert store.library.default.version == 2
    status, problem = await store.ask("DELETE", f"/enterprise/publications/{planned['id']}")
    assert (status, problem["error_id"]) == (409, "flow.publication_started")

    later = (store.clock.now() + timedelta(hours=1)).isoformat()
    back = {"number": 1, "live": 2, "starts_at": later}
    _, planned = await store.ask("POST", "/enterprise/publications", back)
    assert (await store.ask("DELETE", f"/enterprise/publications/{planned['id']}"))[0] == 200
    await store.clock.advance(timedelta(hours=2))
    store.tokens.clear()
    async with store.database.snapshot() as db:
        await store.library.read(db)
    assert store.library.default.version == 2
    past = (store.clock.now() - timedelta(hours=1)).isoformat()
    status, problem = await store.ask("POST", "/enterprise/publications", back | {"starts_at": past})
    assert (status, problem["error_id"]) == (422, "flow.publication_past")


async def test_a_test_number_reaches_the_test_version_alone(store: FlowStore) -> None:
    numbers = {"numbers": {"": "live", "*12345": "test"}}
    assert (await store.ask("PUT", "/enterprise/numbers", numbers))[0] == 200
    await store.change()
    assert (await store.publish(alias="test", live=0))[0] == 201
    await until(lambda: store.library.for_number("*12345").version == 2, within=5, each=0.02, what="the test version")
    assert store.library.for_number("+8647312345").version == 1
    assert store.library.for_number("").version == 1


async def test_a_number_belongs_to_one_flow(store: FlowStore) -> None:
    body: dict[str, Any] = {"id": "trade", "title": "外贸专线", "copy_of": "enterprise"}
    status, created = await store.ask("POST", "", body)
    assert (status, created["draft"]["document"]["id"], created["in_force"]) == (201, "trade", [])
    assert (await store.ask("POST", "", body))[1]["error_id"] == "flow.id_taken"
    assert (await store.ask("PUT", "/trade/numbers", {"numbers": {"96888": "live"}}))[0] == 200
    status, problem = await store.ask("PUT", "/enterprise/numbers", {"numbers": {"96888": "live"}})
    assert (status, problem["error_id"]) == (409, "flow.number_taken")
    assert "Flow trade answers 96888" in problem["detail"]
    body = {"draft_version": created["draft"]["version"], "live": 0}
    assert (await store.ask("POST", "/trade/publish", body))[0] == 201
    await until(lambda: store.library.for_number("047396888").id == "trade", within=5, each=0.02, what="trade")
    assert store.library.for_number("047312345").id == "enterprise"
    assert {flow.id for flow in store.library.in_force()} == {"enterprise", "trade"}


async def test_a_flow_that_answers_no_number_is_there_for_one_that_calls_it(store: FlowStore) -> None:
    body: dict[str, Any] = {"id": "season", "title": "汇算清缴", "copy_of": "enterprise"}
    created = (await store.ask("POST", "", body))[1]
    assert store.library.live("season") is None
    body = {"draft_version": created["draft"]["version"], "live": 0}
    assert (await store.ask("POST", "/season/publish", body))[0] == 201
    await until(lambda: store.library.live("season"), within=5, each=0.02, what="season is live")
    assert "season" not in {flow.id for flow in store.library.in_force()}

    def call(document: Any) -> None:
        node = {"action": "subflow", "options": {"flow": "season"}}
        document["nodes"]["season"] = node | {
            "branches": dict.fromkeys(("done", "otherwise", "unavailable"), "goodbye")
        }

    before = store.library.default.version
    await store.change(call)
    status, published = await store.publish()
    assert status == 201, published
    await store.serves(before + 1)
    assert [flow.id for flow in store.library.in_force()] == ["enterprise", "season"]
    assert store.library.calls() == {"enterprise": {"season"}, "season": frozenset()}


async def test_two_versions_are_compared_node_by_node(store: FlowStore) -> None:
    def edit(document: Any) -> None:
        document["nodes"]["menu"]["options"]["patience"] = "PT9S"
        document["nodes"]["farewell"] = {"action": "hangup"}
        document["layout"] = {"menu": {"x": 1, "y": 2}}

    await store.change(edit)
    status, comparison = await store.ask("GET", "/enterprise/compare?before=1&after=0")
    assert status == 200
    assert [(each["node"], each["change"]) for each in comparison["differences"]] == [
        ("menu", "changed"),
        ("farewell", "added"),
    ]
    (field,) = comparison["differences"][0]["fields"]
    assert (field["path"], field["before"], field["after"]) == ("options.patience", None, "PT9S")
    assert (await store.ask("GET", "/enterprise/compare?before=9"))[1]["error_id"] == "flow.version_not_found"


async def test_a_version_is_exported_as_a_file_that_means_the_same(store: FlowStore) -> None:
    await store.flow()
    for form in ("yaml", "json"):
        path = f"/api/flows/enterprise/versions/1/file?form={form}"
        response = await store.accounts.client.get(path, **from_page(store.accounts.client, store.tokens["admin"]))
        text = await response.text()
        assert response.headers["Content-Disposition"] == f'attachment; filename="enterprise-1.{form}"'
        assert list(yaml.safe_load(text)["nodes"])[:3] == ["arrive", "identify", "known-hours"]
        await store.change()
        again: dict[str, Any] = {"version": (await store.flow())["draft"]["version"], "text": text}
        assert (await store.ask("PUT", "/enterprise/draft", again))[0] == 200
        assert not (await store.flow())["draft_changed"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nodes: [", "not YAML"),
        ("just words", "a flow is a mapping"),
        ("id: enterprise\nnodes: {a: &x {action: answer}, b: *x}\n", "write the part out again"),
        ("id: enterprise\ntitle: a\u202eb\n", "U+202E"),
        ("id: enterprise\nid: enterprise\n", "given twice"),
        ("id: another\n", "This is flow enterprise"),
        ("a: " + "[" * 300 + "]" * 300, "nested too deep"),
    ],
)
async def test_a_text_that_is_no_flow_is_refused_with_its_place(store: FlowStore, text: str, what: str) -> None:
    before = (await store.flow())["draft"]
    status, problem = await store.ask("PUT", "/enterprise/draft", {"version": before["version"], "text": text})
    assert status == 422
    assert what in str(problem)
    assert (await store.flow())["draft"] == before


async def test_a_document_of_50_megabytes_is_refused(store: FlowStore) -> None:
    client = store.accounts.client
    options = from_page(client, await store.accounts.log_in("admin"))
    options["headers"]["Content-Type"] = "application/json"
    text = io.BytesIO(b'{"version": 1, "text": "' + b"x" * 50_000_000 + b'"}')
    response = await client.put("/api/flows/enterprise/draft", data=text, **options)
    assert response.status == 413


async def test_a_check_keeps_nothing(store: FlowStore) -> None:
    text = SHIPPED_FLOW.read_text(encoding="utf-8").replace("silence: to-person", "silence: nowhere", 1)
    status, result = await store.ask("POST", "/check", {"text": text})
    assert status == 200
    problem = result["problems"][0]
    assert (problem["severity"], problem["path"]) == ("error", ["nodes", "menu", "branches", "silence"])
    assert problem["line"] == 1 + text[: text.index("silence: nowhere")].count("\n")
    assert not (await store.flow())["draft_changed"]


async def test_every_change_is_audited_with_before_and_after(store: FlowStore) -> None:
    await store.change()
    await store.publish(note="试一试")
    entries = await store.audited()
    assert [(entry.action, entry.username) for entry in entries] == [("flow.draft", "admin"), ("flow.publish", "admin")]
    (changed,) = entries[0].detail["changed"]
    assert (changed["node"], changed["fields"][0]["after"]) == ("menu", "PT9S")
    assert (entries[1].detail["before"]["number"], entries[1].detail["after"]["number"]) == (1, 2)


async def test_the_actions_are_listed_for_the_editor(store: FlowStore) -> None:
    status, actions = await store.ask("GET", "/actions")
    assert status == 200
    assert {each["name"] for each in actions} == set(all_actions())
    menu = next(each for each in actions if each["name"] == "menu")
    assert menu["words"] == {"zh": "菜单", "en": "Menu"}
    assert {each["name"] for each in menu["outcomes"]} == {"silence", "errors", "no_menu"}
    assert (menu["outcomes_from"], menu["collects"], menu["safe"], menu["degrades"]) == ("keys", True, True, "")
    assert menu["options"]["properties"]["patience"]["format"] == "duration"
    assert menu["option_words"]["prompts"] == {"zh": "提示音", "en": "Prompts"}


async def test_a_call_is_simulated_through_what_is_typed_and_through_a_version(store: FlowStore) -> None:
    caller = {"answers": ["1"], "at": "2026-03-04T10:00:00+08:00"}
    status, call = await store.ask("POST", "/enterprise/simulate", {"number": 1, "caller": caller})
    assert status == 200, call
    nodes = [step["node"] for step in call["steps"]]
    assert nodes[0] == "arrive"
    assert "enterprise-queue" in nodes
    menu = next(step for step in call["steps"] if step["node"] == "menu")
    assert (menu["outcome"], menu["keys"], menu["next"], menu["flow"]) == ("1", "1", "to-enterprise", "")
    assert call["stays"][0]["queue"] == "enterprise"
    document = (await store.flow())["draft"]["document"]
    document["nodes"]["menu"]["branches"]["1"] = "goodbye"
    status, call = await store.ask("POST", "/enterprise/simulate", {"document": document, "caller": caller})
    assert (status, call["steps"][-1]["node"], call["person_at"]) == (200, "goodbye", None)
    document["nodes"]["menu"]["branches"]["1"] = "nowhere"
    status, problem = await store.ask("POST", "/enterprise/simulate", {"document": document, "caller": caller})
    assert (status, problem["error_id"]) == (422, "flow.invalid")
    assert (await store.ask("POST", "/enterprise/simulate", {"number": 9}))[0] == 404
    assert (await store.ask("POST", "/enterprise/simulate", {}))[0] == 422


async def test_the_test_cases_of_a_document_are_run_one_by_one(store: FlowStore) -> None:
    status, results = await store.ask("POST", "/enterprise/tests", {"number": 1})
    assert (status, [each["name"] for each in results if not each["passed"]]) == (200, [])
    document = (await store.flow())["draft"]["document"]
    document["tests"] = [{"name": "到告别", "caller": {}, "expect": {"ends_in": "voicemail"}}, {"name": "读不出"}]
    status, (failed, unreadable) = await store.ask("POST", "/enterprise/tests", {"document": document})
    assert (status, failed["passed"], failed["unmet"][0]["zh"][:2]) == (200, False, "在「")
    assert failed["call"]["steps"]
    assert (unreadable["passed"], unreadable["call"]) == (False, None)


@pytest.mark.parametrize("id", ["actions", "check"])
async def test_no_flow_has_the_name_of_a_route(store: FlowStore, id: str) -> None:
    status, problem = await store.ask("POST", "", {"id": id, "title": "新流程", "copy_of": "enterprise"})
    assert (status, problem["errors"][0]["where"]) == (422, "body.id")


async def test_who_may_do_what(store: FlowStore) -> None:
    draft = await store.change()
    document = draft["document"]
    routes: dict[tuple[str, str], Any] = {
        ("GET", ""): None,
        ("GET", "/actions"): None,
        ("GET", "/enterprise"): None,
        ("POST", "/check"): {"document": document},
        ("GET", "/enterprise/compare?before=1"): None,
        ("GET", "/enterprise/versions"): None,
        ("GET", "/enterprise/versions/1"): None,
        ("GET", "/enterprise/versions/1/file?form=json"): None,
        ("GET", "/enterprise/publications"): None,
        ("POST", ""): {"id": "enterprise", "title": "x", "copy_of": "enterprise"},
        ("PUT", "/enterprise/draft"): {"version": 0, "document": document},
        ("POST", "/enterprise/publish"): {"draft_version": 0, "live": 0},
        ("POST", "/enterprise/publications"): {"number": 1, "live": 0},
        ("DELETE", "/enterprise/publications/none"): None,
        ("PUT", "/enterprise/numbers"): {"numbers": {"": "live"}},
        ("POST", "/enterprise/simulate"): {"number": 1},
        ("POST", "/enterprise/tests"): {"number": 1},
    }
    service = store.service()
    asked = {(method, path.partition("?")[0].replace("enterprise", "").replace("/1", "/N")) for method, path in routes}
    there = {(route.method, route.path) for group in store.routes(service) for route in group}
    assert len(asked) == len(there), "name every route here"
    for role in Role:
        if role is not Role.TELEPHONY_ADMIN:
            await store.accounts.add(role.value, role)
        for (method, path), body in routes.items():
            writes = method != "GET" and path not in ("/check", "/enterprise/simulate", "/enterprise/tests")
            status, _ = await store.ask(method, path, body, who="admin" if role is Role.TELEPHONY_ADMIN else role.value)
            assert (status != 403) == (role in (WRITERS if writes else READERS)), (role, method, path)


# --- what calls begin on, whatever happens --------------------------------------------------------------


async def test_another_process_follows(store: FlowStore, tmp_path: Path) -> None:
    other = store.library_of(tmp_path / "other.json")
    await other.start()
    await store.change()
    await store.publish()
    async with store.database.snapshot() as db:
        jobs = list(await db.scalars(select(JobRecord).where(JobRecord.kind == FLOWS_CHANGED)))
        await other.read(db)
    assert jobs
    assert other.default.version == 2
    await other.close()


async def test_a_service_without_its_database_goes_on_with_the_last_copy(store: FlowStore, tmp_path: Path) -> None:
    await store.change()
    await store.publish()
    await store.serves(2)
    copy = tmp_path / "live-flow.json"
    await until(lambda: '"version":2' in copy.read_text(encoding="utf-8"), within=5, each=0.02, what="the copy")
    away = Database("sqlite+aiosqlite:////nowhere/none.db")
    library = FlowLibrary(away, store.clock, file=None, copy=copy)
    await library.start()
    assert library.default.version == 2
    assert library.default.nodes["menu"].options.patience == timedelta(seconds=9)  # type: ignore[attr-defined]
    await library.close()
    copy.write_text('{"version": 2, "docu', encoding="utf-8")
    library = FlowLibrary(away, store.clock, file=None, copy=copy)
    await library.start()
    assert library.default.id == "enterprise", "a broken copy leaves the shipped flow"
    await library.close()


async def test_a_full_disk_keeps_the_copy_before_and_not_the_publication(store: FlowStore, tmp_path: Path) -> None:
    copy = tmp_path / "live-flow.json"
    await store.library.reload()
    before = copy.read_text(encoding="utf-8")
    copy.with_suffix(".new").symlink_to("/dev/full")
    await store.change()
    with capture_logs() as logs:
        await store.publish()
        await store.serves(2)
        said = "copy of the live flow not written"
        # The flow's test cases have a caller whose case cannot be looked up, too.
        await until(lambda: [line for line in logs if line["event"] == said], within=5, each=0.02, what="the log tells")
    assert [line["reason"] for line in logs if line["event"] == said] == ["No space left on device"]
    assert copy.read_text(encoding="utf-8") == before
    assert not copy.with_suffix(".new").is_symlink(), "nothing half-written stays"
    await store.library.reload()
    assert '"version":2' in copy.read_text(encoding="utf-8"), "written as soon as there is room"


async def test_the_file_of_the_setting_is_published_when_it_is_new_and_undoes_nothing(
    store: FlowStore, tmp_path: Path
) -> None:
    file = tmp_path / "own.yaml"
    text = SHIPPED_FLOW.read_text(encoding="utf-8").replace("title: 12345 企业服务", "title: 本市企业服务")
    file.write_text(text, encoding="utf-8")
    own = store.library_of(tmp_path / "own.json", file=file)
    await own.reload()
    assert (own.default.version, own.default.document.title) == (2, "本市企业服务")
    status, _ = await store.ask("POST", "/enterprise/publications", {"number": 1, "live": 2})
    assert status == 201
    await own.reload()
    assert own.default.version == 1, "the same file does not come back"
    file.write_text(text.replace("本市企业服务", "本市企业服务热线"), encoding="utf-8")
    await own.reload()
    assert own.default.version == 3


async def test_a_newer_shipped_flow_replaces_the_shipped_one_alone(
    store: FlowStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "newer.yaml"
    newer.write_text(SHIPPED_FLOW.read_text(encoding="utf-8") + "    note: 新\n", encoding="utf-8")
    monkeypatch.setattr("callflow.versions.library.SHIPPED_FLOW", newer)
    await store.library.reload()
    assert store.library.default.version == 2
    await store.change()
    await store.publish()
    newer.write_text(newer.read_text(encoding="utf-8").replace("note: 新", "note: 更新"), encoding="utf-8")
    await store.library.reload()
    assert store.library.default.version == 3, "what an administrator published stays"
    async with store.database.snapshot() as db:
        assert await repository.newest_number(db, "enterprise") == 3


async def test_a_version_this_release_cannot_run_leaves_the_one_before(store: FlowStore, tmp_path: Path) -> None:
    await store.change()
    await store.publish()
    await store.serves(2)
    async with store.database.transaction() as db:
        row = await repository.version(db, "enterprise", 2)
        assert row is not None
        row.content = row.content.replace('"action":"survey"', '"action":"no_more"')
    fresh = FlowLibrary(store.database, store.clock, file=None, copy=tmp_path / "copy.json")
    await fresh.reload()
    assert fresh.default.version == 1
    with pytest.raises(Exception, match="version 2 of enterprise cannot be run"):
        await fresh.check()


async def test_a_flow_that_fails_its_own_test_cases_is_not_published(store: FlowStore) -> None:
    await store.change(lambda document: document["nodes"]["menu"]["branches"].update({"1": "english"}))
    status, problem = await store.publish()
    assert (status, problem["error_id"]) == (422, "flow.tests_failed"), problem
    assert "按 1 转企业服务专席" in problem["detail"]
    assert store.library.default.version == 1


async def test_it_is_published_where_somebody_answers_for_it(store: FlowStore) -> None:
    await store.change(lambda document: document["nodes"]["menu"]["branches"].update({"1": "english"}))
    assert (await store.publish(despite_tests=True))[0] == 201
    await store.serves(2)
    assert (await store.audited())[-1].detail["after"]["despite_tests"] is True


async def test_nobody_answers_for_what_cannot_run(store: FlowStore) -> None:
    await store.change(lambda document: document["nodes"]["menu"]["branches"].pop("silence"))
    status, problem = await store.publish(despite_tests=True)
    assert (status, problem["error_id"]) == (422, "flow.invalid")


async def test_what_is_wrong_follows_the_installation(store: FlowStore, monkeypatch: pytest.MonkeyPatch) -> None:
    service = store.service()
    text = SHIPPED_FLOW.read_text(encoding="utf-8")
    before = await service.findings(text)
    linted: list[str] = []

    def counted(text: str, world: World) -> tuple[Finding, ...]:
        linted.append(text)
        return lint(text, world)

    monkeypatch.setattr("callflow.versions.service.lint", counted)
    assert await service.findings(text) == before
    assert not linted, "neither the text nor the installation has changed"
    without = replace(shipped_world(), queues=frozenset({"public"}))
    monkeypatch.setattr(service, "_world", lambda: without)
    assert {each.rule for each in await service.findings(text)} > {each.rule for each in before}
