"""A caller asks how their case stands: what they learn, and what nobody else does."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from callflow.ports import ProgressState
from crm.cases.query_codes import QueryCodes
from crm.cases.state import CaseState
from crm.portal.routes import portal_routes
from crm.portal.service import ProgressService
from crm.portal.state import WORDS, progress_of
from hotline.accounts.roles import Role
from hotline.kernel.settings import SettingsError
from tests.crm.city import CONTACT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import Workspace

PATH = "/api/portal/progress"
NEXT = "2026-03-09T09:00:00Z"
NOBODY = ""


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


async def case_of(city: CaseCity, case_id: str, who: str = "agent1") -> Any:
    return await city.workspace.get(who, f"/api/cases/{case_id}")


async def ask(city: CaseCity, number: str, code: str) -> tuple[int, Any]:
    return await city.workspace.ask(NOBODY, "POST", PATH, {"number": number, "code": code})


async def told(city: CaseCity, case_id: str) -> Any:
    case = await case_of(city, case_id, "supervisor")
    status, answer = await ask(city, case["number"], case["query_code"])
    assert status == 200, answer
    return answer


# --- what the caller learns --------------------------------------------------------------------------------


def test_every_state_of_a_case_is_told_in_words() -> None:
    assert {progress_of(state) for state in CaseState} | {ProgressState.INTERIM} == set(ProgressState) == set(WORDS)


async def test_a_case_is_followed_from_its_acceptance_to_its_end(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.submitted()
    seen = [await told(city, case_id)]
    await workspace.move("dispatcher", case_id, "approve")
    await city.dispatch(case_id)
    await workspace.move("bureau", case_id, "sign")
    seen.append(await told(city, case_id))
    interim = {"public_answer": "已受理，正在核查。", "promised_at": NEXT, "caller_informed": True}
    await workspace.move("bureau", case_id, "reply_interim", **interim)
    seen.append(await told(city, case_id))
    await workspace.move("bureau", case_id, "reply", **REPLY)
    seen.append(await told(city, case_id))
    await workspace.move("dispatcher", case_id, "schedule_callback", fits_facts=True)
    await workspace.move("callback", case_id, "record_callback", **SATISFIED)
    await workspace.move("callback", case_id, "close")
    seen.append(await told(city, case_id))
    assert [one["state"] for one in seen] == ["reviewing", "with_unit", "interim", "answered", "closed"]
    assert [one["unit"] for one in seen] == [None, *["市场监督管理局"] * 4]
    assert [one["answer"] for one in seen] == [None, None, "已受理，正在核查。", *[REPLY["public_answer"]] * 2]
    assert [one["promised_at"] for one in seen] == [None, None, NEXT, None, None]
    assert seen[-1]["received_at"]
    assert seen[-1]["dispatched_at"]
    assert seen[-1]["answered_at"]
    assert seen[-1]["closed_at"]


async def test_the_answer_of_a_round_that_was_reworked_is_withdrawn(city: CaseCity) -> None:
    case_id = await city.replied()
    await city.workspace.move("dispatcher", case_id, "order_rework", reason="来电人不满意。")
    answer = await told(city, case_id)
    assert (answer["state"], answer["answer"]) == ("with_unit", None)


@pytest.mark.parametrize("hidden", ["confidential", "anonymous"])
async def test_of_a_hidden_caller_only_the_state_is_told(city: CaseCity, hidden: str) -> None:
    fields: dict[str, Any] = {
        "type": "report",
        "unit_complained_of": "某局",
        "complaint_type": "作风",
        "demand": "查处",
    }
    case_id = await city.dispatched(**{**fields, hidden: True})
    await city.workspace.move("bureau", case_id, "sign")
    await city.workspace.move("bureau", case_id, "reply", **REPLY)
    answer = await told(city, case_id)
    assert (answer["state"], answer["unit"], answer["answer"]) == ("answered", None, None)
    viewed = [one for one in city.workspace.audits.records if one.detail.get("by") == "caller"]
    assert len(viewed) == (hidden == "confidential")


async def test_nothing_of_staff_caller_or_inner_work_is_in_the_answer(city: CaseCity) -> None:
    case_id = await city.replied()
    text = str(await told(city, case_id))
    for secret in ("13912345678", "赵敏", CONTACT["by"], REPLY["internal_handling"], "开饭店", case_id, "agent1"):
        assert secret not in text


async def test_the_answer_is_handed_on_as_plain_text(city: CaseCity) -> None:
    """The page shows it as text; see tests/web/test_progress_page.py."""
    case_id = await city.signed()
    script = "<img src=x onerror=alert(1)>{{7*7}}"
    await city.workspace.move("bureau", case_id, "reply", **{**REPLY, "public_answer": script})
    assert (await told(city, case_id))["answer"] == script


# --- the code ----------------------------------------------------------------------------------------------


async def test_the_hotlines_staff_read_the_code_and_units_do_not(city: CaseCity) -> None:
    case_id = await city.signed()
    code = (await case_of(city, case_id))["query_code"]
    assert len(code) == 8
    assert code.isdecimal()
    assert (await case_of(city, case_id, "bureau"))["query_code"] == ""


def test_the_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "home" / "codes.key"
    code = QueryCodes(file).of("a")
    assert file.stat().st_mode & 0o777 == 0o600
    assert QueryCodes(file).of("a") == code
    assert QueryCodes(tmp_path / "other.key").of("a") != code
    assert not QueryCodes(file).fits(None, code)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("damage", ["", "zz", "abcd"])
def test_a_damaged_key_stops_the_service_and_is_not_replaced(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "codes.key"
    file.write_text(damage)
    with pytest.raises(SettingsError, match="restore it"):
        QueryCodes(file).open()
    assert file.read_text() == damage


def test_codes_are_spread_evenly(tmp_path: Path) -> None:
    codes = QueryCodes(tmp_path / "codes.key")
    seen = {codes.of(f"case-{n}") for n in range(2000)}
    assert len(seen) > 1990
    assert {code[0] for code in seen} == set("0123456789")


# --- who guesses -------------------------------------------------------------------------------------------


async def test_an_unknown_number_and_a_wrong_code_are_one_answer(city: CaseCity) -> None:
    case = await case_of(city, await city.submitted())
    wrong = f"{(int(case['query_code']) + 1) % 10**8:08d}"
    known, unknown = await ask(city, case["number"], wrong), await ask(city, "990101000011", wrong)
    assert known[1].pop("instance") != unknown[1].pop("instance")
    assert known == unknown
    assert (known[0], known[1]["error_id"]) == (404, "portal.no_such_case")


async def test_both_take_the_same_way(city: CaseCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statements, one computation of a code each, and no time that tells them apart."""
    workspace = city.workspace
    case = await case_of(city, await city.submitted())
    computed: list[str] = []
    of = QueryCodes.of

    def counted(self: QueryCodes, case_id: str) -> str:
        computed.append(case_id)
        return of(self, case_id)

    monkeypatch.setattr(QueryCodes, "of", counted)
    statements: list[str] = []
    engine = workspace.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    service = ProgressService(QueryCodes(tmp_path / "query-codes.key"))

    async def measured(number: str) -> float:
        async with workspace.database.snapshot() as db:
            started = time.perf_counter()
            with pytest.raises(Exception, match="Check the number"):
                await service.read(db, number, "00000000")
            return time.perf_counter() - started

    ways, medians = [], []
    for number in (case["number"], "990101000011"):
        statements.clear()
        computed.clear()
        await measured(number)
        ways.append((list(statements), len(computed)))
    assert ways[0] == ways[1]
    assert ways[0][1] == 1
    for number in (case["number"], "990101000011"):
        medians.append(statistics.median([await measured(number) for _ in range(60)]))
    assert abs(medians[0] - medians[1]) < 0.005, medians


async def test_codes_cannot_be_tried_out(city: CaseCity) -> None:
    case = await case_of(city, await city.submitted())
    answers = [await ask(city, case["number"], f"{guess:08d}") for guess in range(10)]
    assert {status for status, _ in answers} == {404}
    # The right code does not help any more, or it would show that it is right.
    status, body = await ask(city, case["number"], case["query_code"])
    assert (status, body["error_id"]) == (429, "rate.limited")


async def test_numbers_cannot_be_tried_out(city: CaseCity) -> None:
    answers = [await ask(city, f"26030200{guess:04d}", "12345678") for guess in range(25)]
    assert [status for status, _ in answers] == [404] * 20 + [429] * 5


async def test_who_knows_the_code_may_look_often(city: CaseCity) -> None:
    case = await case_of(city, await city.submitted())
    for _ in range(15):
        assert (await ask(city, case["number"], case["query_code"]))[0] == 200


async def test_failures_are_counted_in_the_audit_log_without_what_was_typed(city: CaseCity) -> None:
    for _ in range(5):
        await ask(city, "990101000011", "12345678")
    records = [one for one in city.workspace.audits.records if one.action == "progress.refused"]
    assert records
    assert records[0].address
    assert "990101000011" not in str(records)
    assert "12345678" not in str(records)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"number": "2603 0200-0017", "code": "1234 5678"}, 404),
        ({"number": "２６０３０２００００１７", "code": "１２３４５６７８"}, 404),
        ({"number": "1", "code": "12345678"}, 422),
        ({"number": "260302000017", "code": "123"}, 422),
        ({"number": "' OR 1=1 --", "code": "12345678"}, 422),
        ({"number": "260302000017", "code": "12345678", "more": 1}, 422),
        ({"number": ["260302000017"], "code": "12345678"}, 422),
        ({"number": 260302000017, "code": None}, 422),
        ({"number": "260302000017"}, 422),
        ({"number": "1" * 900, "code": "12345678"}, 422),
        ({"number": "260302000017", "code": "1" * 2000}, 413),
    ],
)
async def test_odd_questions_get_a_clear_answer(workspace: Workspace, body: Any, status: int) -> None:
    answered, problem = await workspace.ask(NOBODY, "POST", PATH, body)
    assert answered == status, problem
    assert problem["error_id"]


async def test_the_code_never_travels_in_an_address(workspace: Workspace) -> None:
    routes = portal_routes(workspace.crm.progress)
    assert [(route.method, route.path, route.public) for route in routes] == [("POST", PATH, True)]
    assert (await workspace.ask(NOBODY, "GET", f"{PATH}?number=260302000017&code=12345678"))[0] in (404, 405)


@pytest.mark.parametrize("role", [None, *Role])
async def test_an_account_makes_no_difference(city: CaseCity, role: Role | None) -> None:
    who = NOBODY if role is None else city.workspace.hire("somebody", role).username
    status, body = await city.workspace.ask(who, "POST", PATH, {"number": "990101000011", "code": "12345678"})
    assert (status, body["error_id"]) == (404, "portal.no_such_case")


async def test_the_answer_is_kept_by_no_cache(city: CaseCity) -> None:
    case = await case_of(city, await city.submitted())
    client = city.workspace.client
    assert client is not None
    headers = {"Origin": f"http://{client.host}:{client.port}", "X-Requested-With": "hotline"}
    body = {"number": case["number"], "code": case["query_code"]}
    async with client.post(PATH, json=body, headers=headers) as response:
        assert response.headers["Cache-Control"] == "no-store"
