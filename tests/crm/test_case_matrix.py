"""Every route of the cases' floor against every role and every kind of case: who gets past the door."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from crm.cases.details.table import DETAILS
from crm.cases.models import CaseRecusal
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from tests.crm.city import CaseCity
from tests.crm.conftest import MORNING, Workspace
from tests.crm.walks import TOLD, SeenCase, Walk, look
from tests.fakes.clock import FakeClock
from tests.hotline.web import from_page

R = Role
KINDS = ("normal", "confidential", "anonymous", "accused", "others", "recused")
"""Led by the bureau, but for `others`, which the tax office leads; `accused` is a complaint about the bureau's own
office, `recused` one from which everybody who may see it has stepped aside."""
READERS = {R.AGENT, R.SPECIALIST, R.DISPATCHER, R.UNIT_HANDLER, R.UNIT_HEAD, R.CALLBACK, R.QA, R.SUPERVISOR}
WRITERS = READERS - {R.SPECIALIST, R.QA}
STAFF = {R.AGENT, R.DISPATCHER, R.CALLBACK, R.QA, R.SUPERVISOR}
UNIT_READERS = {R.AGENT, R.SPECIALIST, R.DISPATCHER, R.UNIT_HANDLER, R.UNIT_HEAD, R.KB_EDITOR, R.KB_REVIEWER}
UNIT_READERS |= {R.SUPERVISOR, R.SYSTEM_ADMIN}
UNIT_WRITERS = {R.SUPERVISOR, R.KB_REVIEWER}
KNOWLEDGE_READERS = READERS | {R.KB_EDITOR, R.KB_REVIEWER}
KNOWLEDGE_WRITERS = {R.SPECIALIST, R.UNIT_HANDLER, R.UNIT_HEAD, R.KB_EDITOR, R.KB_REVIEWER}
CALENDAR_KEEPERS = {R.SUPERVISOR, R.TELEPHONY_ADMIN, R.SYSTEM_ADMIN}

PEOPLE: dict[str, tuple[Role, frozenset[str]]] = {
    "writer": (R.AGENT, frozenset({"normal", "confidential", "anonymous", "accused", "others"})),
    "agent2": (R.AGENT, frozenset({"normal", "anonymous", "accused", "others"})),
    "dispatcher": (R.DISPATCHER, frozenset({"normal", "confidential", "anonymous", "accused", "others"})),
    "callback": (R.CALLBACK, frozenset({"normal", "confidential", "anonymous", "accused", "others"})),
    "supervisor": (R.SUPERVISOR, frozenset({"normal", "confidential", "anonymous", "accused", "others"})),
    "qa": (R.QA, frozenset({"normal", "anonymous", "accused", "others"})),
    "bureau": (R.UNIT_HANDLER, frozenset({"normal", "confidential", "anonymous", "accused"})),
    "bureau_head": (R.UNIT_HEAD, frozenset({"normal", "confidential", "anonymous", "accused"})),
    # Passed down to the office, but for the complaint about itself.
    "office": (R.UNIT_HANDLER, frozenset({"normal", "confidential", "anonymous"})),
    "station": (R.UNIT_HANDLER, frozenset()),
    "other_office": (R.UNIT_HANDLER, frozenset()),
    "other": (R.UNIT_HANDLER, frozenset({"others"})),
    "other_head": (R.UNIT_HEAD, frozenset({"others"})),
    # Roles of nobody's unit, and those that see no cases.
    "specialist": (R.SPECIALIST, frozenset()),
    "handler": (R.UNIT_HANDLER, frozenset()),
    "kb_editor": (R.KB_EDITOR, frozenset()),
    "kb_reviewer": (R.KB_REVIEWER, frozenset()),
    "telephony_admin": (R.TELEPHONY_ADMIN, frozenset()),
    "system_admin": (R.SYSTEM_ADMIN, frozenset()),
    "security_admin": (R.SECURITY_ADMIN, frozenset()),
    "audit_admin": (R.AUDIT_ADMIN, frozenset()),
}
"""Everybody with their role, and the kinds of case that they may see."""

ENTRY_FILES = "/api/knowledge/{entry_id}/attachments"
KNOWLEDGE_STEPS = ("revise", "submit", "approve", "send-back", "publish", "confirm", "withdraw", "discard", "reassign")
REQUEST_STEPS = ("take", "pass-on", "answer", "refer", "decline", "agree", "refuse", "withdraw")
REQUEST_MAKERS = {R.AGENT, R.DISPATCHER, R.CALLBACK, R.SUPERVISOR, R.KB_EDITOR, R.KB_REVIEWER}
CASE = "/api/cases/{case_id}"
FILE = f"{CASE}/attachments/{{attachment_id}}"
ON_A_CASE: dict[tuple[str, str], set[Role]] = {
    ("GET", CASE): READERS,
    ("GET", f"{CASE}/version"): READERS,
    ("PATCH", CASE): WRITERS,
    ("POST", f"{CASE}/calls"): WRITERS,
    ("POST", f"{CASE}/unmask"): {R.CALLBACK, R.SUPERVISOR},
    ("GET", f"{CASE}/notes"): READERS,
    ("POST", f"{CASE}/notes"): WRITERS,
    ("GET", f"{CASE}/people"): WRITERS,
    ("GET", f"{CASE}/messages"): READERS,
    ("GET", f"{CASE}/attachments"): READERS,
    ("POST", f"{CASE}/attachments"): WRITERS,
    ("POST", f"{FILE}/remove"): WRITERS,
    ("GET", f"{FILE}/content"): READERS,
    ("GET", f"{FILE}/thumbnail"): READERS,
    ("GET", f"{CASE}/sheet"): READERS,
    ("GET", f"{CASE}/sheet.pdf"): READERS,
    **{("POST", f"{CASE}/{action.value.replace('_', '-')}"): WRITERS for action in DETAILS},
}
"""Who may knock; whether they get in depends on the case."""
ONLY: dict[tuple[str, str], set[str]] = {("PATCH", CASE): {"writer", "supervisor"}}
"""Routes that few of those who see the case get further with."""
BESIDES: dict[tuple[str, str], set[Role]] = {
    ("GET", "/api/cases"): READERS,
    ("POST", "/api/cases"): WRITERS - {R.UNIT_HANDLER, R.UNIT_HEAD},
    # Words of any unit's cases: for those alone who see them all.
    ("POST", "/api/cases/similar"): WRITERS - {R.UNIT_HANDLER, R.UNIT_HEAD},
    **{("POST", f"/api/bulk/{action}"): WRITERS for action in ("dispatch", "urge", "claim")},
    ("GET", "/api/worklists"): READERS,
    ("GET", "/api/worklists/{name}"): READERS,
    ("GET", "/api/worklists/{name}/export"): READERS,
    ("POST", "/api/worklists/{name}/claim-next"): WRITERS,
    ("GET", "/api/saved-views"): READERS,
    ("POST", "/api/saved-views"): READERS,
    ("PUT", "/api/saved-views/{view_id}"): READERS,
    ("DELETE", "/api/saved-views/{view_id}"): READERS,
    ("GET", "/api/supervision-tasks"): READERS,
    ("GET", "/api/supervision-tasks/{task_id}"): READERS,
    # An order to a unit is a supervisor's; who of the others takes which step depends on the task.
    ("POST", "/api/supervision-tasks"): {R.SUPERVISOR},
    **{
        ("POST", f"/api/supervision-tasks/{{task_id}}/{step}"): WRITERS
        for step in ("ask-withdrawal", "send-back", "review", "finish")
    },
    ("GET", "/api/unsolved-cases"): READERS,
    ("POST", "/api/unsolved-cases"): {R.DISPATCHER, R.SUPERVISOR},
    ("POST", "/api/unsolved-cases/{entry_id}/strike-off"): {R.DISPATCHER, R.SUPERVISOR},
    ("GET", "/api/limits"): READERS | CALENDAR_KEEPERS,
    ("GET", "/api/limits/changes"): STAFF | CALENDAR_KEEPERS,
    # Limits run on the calendar, and are its keepers'.
    ("GET", "/api/limits/revisions"): CALENDAR_KEEPERS,
    ("GET", "/api/limits/revisions/{revision_id}"): CALENDAR_KEEPERS,
    ("PUT", "/api/limits/{key}"): CALENDAR_KEEPERS,
    # A caller's own: the number and the code are the key, and nobody logs in.
    ("POST", "/api/portal/progress"): set(R),
    # Everybody's, without logging in.
    ("GET", "/api/portal/knowledge"): set(R),
    ("GET", "/api/portal/knowledge/{entry_id}"): set(R),
    ("GET", "/api/catalogue"): UNIT_READERS,
    ("GET", "/api/catalogue/{item_id}"): UNIT_READERS,
    ("POST", "/api/catalogue"): UNIT_WRITERS,
    ("PATCH", "/api/catalogue/{item_id}"): UNIT_WRITERS,
    ("POST", "/api/catalogue/suggest"): WRITERS - {R.UNIT_HANDLER, R.UNIT_HEAD},
    **{
        ("GET", f"/api/knowledge{path}"): KNOWLEDGE_READERS
        for path in ("", "/counts", "/{entry_id}", "/{entry_id}/versions/{number}", "/{entry_id}/cases", "-categories")
    },
    ("GET", "/api/knowledge-export"): KNOWLEDGE_WRITERS,
    ("GET", "/api/knowledge-quick"): KNOWLEDGE_READERS,
    ("GET", "/api/knowledge-figures"): {R.SUPERVISOR, R.KB_REVIEWER},
    ("PUT", "/api/knowledge-quick/favourites/{entry_id}"): KNOWLEDGE_READERS,
    ("DELETE", "/api/knowledge-quick/favourites/{entry_id}"): KNOWLEDGE_READERS,
    ("GET", ENTRY_FILES): KNOWLEDGE_READERS,
    ("GET", f"{ENTRY_FILES}/{{file_id}}/content"): KNOWLEDGE_READERS,
    ("POST", ENTRY_FILES): KNOWLEDGE_WRITERS,
    ("POST", f"{ENTRY_FILES}/{{file_id}}/remove"): KNOWLEDGE_WRITERS,
    ("POST", "/api/knowledge"): KNOWLEDGE_WRITERS,
    ("POST", "/api/knowledge/suggestions"): KNOWLEDGE_READERS,
    ("PUT", "/api/knowledge/{entry_id}/revision"): KNOWLEDGE_WRITERS,
    # Whose step it is depends on the entry.
    **{("POST", f"/api/knowledge/{{entry_id}}/{step}"): KNOWLEDGE_WRITERS for step in KNOWLEDGE_STEPS},
    ("POST", "/api/knowledge-categories"): {R.KB_REVIEWER},
    ("PATCH", "/api/knowledge-categories/{category_id}"): {R.KB_REVIEWER},
    **{("GET", f"/api/knowledge-requests{path}"): KNOWLEDGE_READERS for path in ("", "/counts", "/{request_id}")},
    ("GET", "/api/knowledge-ratings/{entry_id}"): KNOWLEDGE_READERS,
    ("PUT", "/api/knowledge-ratings/{entry_id}"): {R.AGENT},
    ("GET", "/api/knowledge-gaps"): KNOWLEDGE_READERS,
    ("POST", "/api/knowledge-gaps/searches"): KNOWLEDGE_READERS,
    ("POST", "/api/knowledge-requests"): REQUEST_MAKERS,
    # Whose step it is depends on the request.
    **{("POST", f"/api/knowledge-requests/{{request_id}}/{step}"): KNOWLEDGE_READERS for step in REQUEST_STEPS},
    ("GET", "/api/knowledge-synonyms"): {R.KB_REVIEWER},
    ("POST", "/api/knowledge-synonyms"): {R.KB_REVIEWER},
    ("PUT", "/api/knowledge-synonyms/{group_id}"): {R.KB_REVIEWER},
    ("POST", "/api/knowledge-synonyms/{group_id}/remove"): {R.KB_REVIEWER},
    ("GET", "/api/units"): UNIT_READERS,
    ("POST", "/api/units"): UNIT_WRITERS,
    ("PATCH", "/api/units/{unit_id}"): UNIT_WRITERS,
}
OFFICES = {
    ("GET", "/api/units/{unit_id}"),
    ("GET", "/api/units/{unit_id}/people"),
    ("GET", "/api/units/{unit_id}/roster"),
    ("POST", "/api/units/{unit_id}/specialists"),
    ("PATCH", "/api/units/{unit_id}/specialists/{specialist_id}"),
    ("PUT", "/api/units/{unit_id}/specialists/{specialist_id}/roster"),
}
"""Whoever keeps units, and each unit's own people; tests/crm/test_unit_offices.py."""
ITEM = {"case_id": uuid7(), "version": 0, "request_id": uuid7()}
ENTRY = {"title": "延续", "kind": "procedure"}
VIEW = {"id": uuid7(), "name": "我的", "work_list": "all"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", CASE): {"version": 0, "title": "改"},
    ("POST", f"{CASE}/calls"): {"call_id": uuid7()},
    ("POST", f"{CASE}/notes"): {"text": "请补充"},
    ("POST", f"{FILE}/remove"): {"version": 0, "reason": "上传有误"},
    ("POST", "/api/cases"): {"title": "题"},
    ("POST", "/api/cases/similar"): {"title": "题"},
    ("POST", "/api/bulk/dispatch"): {"items": [ITEM], "lead_unit_id": uuid7()},
    ("POST", "/api/bulk/urge"): {"items": [ITEM]},
    ("POST", "/api/bulk/claim"): {"items": [ITEM]},
    ("POST", "/api/worklists/{name}/claim-next"): {"request_id": uuid7()},
    ("POST", "/api/saved-views"): VIEW,
    ("PUT", "/api/saved-views/{view_id}"): {"name": "我的", "work_list": "all", "version": 0},
    ("POST", "/api/supervision-tasks"): {
        **{name: uuid7() for name in ("id", "case_id", "unit_id")},
        "demand": "请办结",
        "due_at": MORNING.isoformat(),
    },
    **{
        ("POST", f"/api/supervision-tasks/{{task_id}}/{step}"): {"version": 0, "text": "已办"}
        for step in ("ask-withdrawal", "send-back", "review", "finish")
    },
    ("POST", "/api/unsolved-cases"): {"case_id": uuid7(), "reason": "未解决"},
    ("POST", "/api/unsolved-cases/{entry_id}/strike-off"): {"version": 0, "reason": "已解决"},
    ("PUT", "/api/limits/{key}"): {"version": 0, "amount": "1d", "hours": "24x7", "source": "本市", "reason": "新规"},
    ("POST", "/api/portal/progress"): {"number": "1", "code": "1"},
    ("POST", "/api/catalogue"): {"code": "", "name": ""},
    ("PATCH", "/api/catalogue/{item_id}"): {"version": 0},
    ("POST", "/api/catalogue/suggest"): {"text": "执照"},
    ("POST", "/api/knowledge"): {"id": uuid7(), "unit_id": uuid7(), "content": ENTRY},
    ("PUT", "/api/knowledge/{entry_id}/revision"): {"version": 0, "content": ENTRY},
    **{
        ("POST", f"/api/knowledge/{{entry_id}}/{step}"): {"version": 0} | ({} if step == "revise" else {"reason": "旧"})
        for step in KNOWLEDGE_STEPS
    },
    ("POST", f"{ENTRY_FILES}/{{file_id}}/remove"): {"version": 0},
    ("POST", "/api/knowledge-categories"): {"name": ""},
    ("PATCH", "/api/knowledge-categories/{category_id}"): {"version": 0},
    ("PUT", "/api/knowledge-ratings/{entry_id}"): {"helpful": True},
    ("POST", "/api/knowledge-gaps/searches"): {"search": "延续"},
    ("POST", "/api/knowledge-requests"): {"id": uuid7(), "kind": "gap", "question": "延续"},
    **{
        ("POST", f"/api/knowledge-requests/{{request_id}}/{step}"): {"version": 0, "reason": "旧"}
        for step in REQUEST_STEPS
    },
    ("POST", "/api/knowledge/suggestions"): {"title": "执照"},
    ("POST", "/api/knowledge-synonyms"): {"words": ["执照"]},
    ("PUT", "/api/knowledge-synonyms/{group_id}"): {"version": 0, "words": ["执照", "营业执照"]},
    ("POST", "/api/knowledge-synonyms/{group_id}/remove"): {"version": 0},
    ("POST", "/api/units"): {"name": ""},
    ("PATCH", "/api/units/{unit_id}"): {"version": 0},
}
QUERIES = {
    ("POST", f"{CASE}/attachments"): {"name": "a.txt", "kind": "other"},
    ("POST", ENTRY_FILES): {"name": "a.txt", "id": uuid7()},
    ("GET", "/api/knowledge-figures"): {"first": "2026-03-01", "last": "2026-03-31"},
}
OUTSIDERS = (
    *("{attachment_id}", "{item_id}", "{specialist_id}", "{view_id}", "{task_id}", "{entry_id}", "{revision_id}"),
    *("{key}", "{category_id}", "{file_id}", "{request_id}", "{group_id}"),
)
"""What an address names and nobody has: whoever gets past the door is told so."""
KNOCKED = (401, 403)
GROUPS = {
    **dict.fromkeys((R.AGENT, R.DISPATCHER, R.CALLBACK, R.QA, R.SUPERVISOR), "hotline"),
    **dict.fromkeys((R.UNIT_HANDLER, R.UNIT_HEAD), "units"),
}


class Matrix:
    def __init__(self, city: CaseCity, clock: FakeClock) -> None:
        self.city = city
        self.workspace = city.workspace
        self.walk = Walk(city, clock, Random(1))
        self.cases: dict[str, str] = {}
        self.seen: dict[str, SeenCase] = {}

    async def build(self) -> None:
        people = self.workspace.people
        people["writer"] = people["agent1"]
        for name, (role, _) in PEOPLE.items():
            if name not in people:
                self.workspace.hire(name, role)
        about_office: dict[str, Any] = {"type": "complaint", "unit_complained_of_id": self.city.units["office"]}
        about_office |= {"complaint_type": "效率", "demand": "尽快"}
        self.cases = {
            "normal": await self.city.signed(),
            "confidential": await self.city.signed(confidential=True),
            "anonymous": await self.city.signed(anonymous=True),
            "accused": await self.city.signed(**about_office),
            "others": await self.city.signed("other"),
            "recused": await self.city.signed(),
        }
        for kind in ("normal", "confidential", "anonymous", "recused"):
            down = {"unit_ids": [self.city.units["office"]]}
            await self.workspace.move("bureau", self.cases[kind], "sub_dispatch", **down)
        self.seen = {kind: await look(self.city, case_id) for kind, case_id in self.cases.items()}
        users = {people[name].user_id for name in PEOPLE}
        async with self.workspace.database.transaction() as db:
            case_id = self.cases["recused"]
            db.add_all(CaseRecusal(case_id=case_id, user_id=id, reason="亲属关系", by=id, at=MORNING) for id in users)

    async def knock(self, who: str, route: tuple[str, str], kind: str = "normal") -> tuple[int, str]:
        method, path = route
        body = BODIES.get(route)
        action = path.removeprefix(f"{CASE}/").replace("-", "_")
        if action in TOLD:
            # Of a version that never was, so that nothing changes.
            body = {"request_id": uuid7(), "version": 0, **TOLD[action](self.walk, self.seen[kind])}
        where = path.replace("{case_id}", self.cases[kind])
        for name in OUTSIDERS:
            where = where.replace(name, uuid7())
        where = where.replace("{name}", "all").replace("{number}", "1")
        where = where.replace("{unit_id}", self.city.units["bureau"])
        client = self.workspace.client
        assert client is not None
        query = QUERIES.get(route, {})
        async with client.request(method, where, json=body, params=query, **from_page(client, who)) as response:
            failed = response.status >= 400
            return response.status, (await response.json())["error_id"] if failed else ""


@pytest.fixture
def any_database(database: Database) -> Database:
    """SQLite alone: who may do what is decided above the database; the walks use both."""
    return database


@pytest.fixture
async def matrix(workspace: Workspace, morning: FakeClock) -> Matrix:
    city = CaseCity(workspace)
    await city.build()
    matrix = Matrix(city, morning)
    await matrix.build()
    return matrix


@pytest.mark.slow
@pytest.mark.timeout(400)  # some two thousand requests each
@pytest.mark.parametrize("group", ["hotline", "units", "others"])
async def test_who_reaches_which_case_by_which_route(matrix: Matrix, group: str) -> None:
    wrong = {}
    for who, (role, sees) in PEOPLE.items():
        if GROUPS.get(role, "others") != group:
            continue
        for route, roles in ON_A_CASE.items():
            # Whom the door itself keeps out, it keeps out of all.
            for kind in KINDS if role in roles else ("normal",):
                status, error_id = await matrix.knock(who, route, kind)
                assert status != 401
                assert status < 500, (who, route, kind)
                expected = role in roles and kind in sees and who in ONLY.get(route, {who})
                if (status not in KNOCKED) != expected:
                    wrong[who, route, kind] = (status, error_id)
    assert wrong == {}


async def test_who_lists_which_case(matrix: Matrix) -> None:
    for who, (role, sees) in PEOPLE.items():
        status, answer = await matrix.workspace.ask(who, "GET", "/api/cases")
        assert status == (200 if role in READERS else 403), who
        rows = answer["items"] if status == 200 else []
        listed = {row["id"] for row in rows}
        shown = {kind for kind in KINDS if matrix.cases[kind] in listed}
        assert shown == sees, who
        # To the hotline's staff a confidential one shows its words only when it is opened.
        assert not [row for row in rows if row["confidential"] and GROUPS[role] == "hotline" and row["title"]]


async def test_who_may_do_what_besides(matrix: Matrix) -> None:
    for who, (role, _) in PEOPLE.items():
        reached = {route for route in BESIDES if (await matrix.knock(who, route))[0] not in KNOCKED}
        assert reached == {route for route, roles in BESIDES.items() if role in roles}, who


def test_the_matrix_names_every_route(workspace: Workspace) -> None:
    prefixes = (
        *("/api/cases", "/api/catalogue", "/api/units", "/api/bulk", "/api/worklists", "/api/saved-views"),
        *("/api/supervision-tasks", "/api/unsolved-cases", "/api/limits", "/api/portal"),
        "/api/knowledge",
    )
    routes = {(route.method, route.path) for group in workspace.crm.routes for route in group}
    asked = ON_A_CASE.keys() | BESIDES.keys() | OFFICES
    assert {route for route in routes if route[1].startswith(prefixes)} == asked


def test_the_matrix_names_every_role() -> None:
    assert {role for role, _ in PEOPLE.values()} == set(Role)
