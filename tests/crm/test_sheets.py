from __future__ import annotations

import base64
import re
import zlib
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from crm.cases.models import Assignment, Case, CaseChannel, CaseReply, CaseType, Urgency
from crm.cases.state import CaseState
from crm.sheets.texts import SHEET_WORDS, SheetWords
from crm.units.models import Unit
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from tests.crm.conftest import MORNING, Workspace
from tests.hotline.web import from_page

LONG = "材料已交两周仍未办理，窗口多次推诿。" * 1100
HOSTILE = "<b>粗体</b> &lt;script&gt;alert(1)</script> <para><font size=99> =1+1 &nbsp; {x}"


async def new_case(workspace: Workspace, who: str = "agent1", **fields: Any) -> Any:
    return await workspace.post(who, "/api/cases", {"callback_number": "13912345678", **fields})


async def pdf(workspace: Workspace, who: str, case_id: str, **query: str) -> tuple[int, bytes, str]:
    assert workspace.client is not None
    path = f"/api/cases/{case_id}/sheet.pdf"
    async with workspace.client.get(path, params=query, **from_page(workspace.client, who)) as response:
        return response.status, await response.read(), response.headers.get("Content-Disposition", "")


def words_of(content: bytes) -> list[str]:
    """The text of each page: what its strings say in the font's encoding, UniGB-UCS2-H."""
    pages = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        drawn = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        strings = re.findall(rb"\(((?:\\.|[^\\)])*)\)", drawn, re.DOTALL)
        pages.append("".join(_unescaped(one).decode("utf-16-be") for one in strings))
    return pages


def _unescaped(text: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8)]) if code.isdigit() else {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, text, flags=re.DOTALL)


async def dispatched(workspace: Workspace, case_id: str, answer: str) -> None:
    """By a unit that has replied."""
    async with workspace.database.transaction() as db:
        unit = Unit(id=uuid7(), name="某区市场监督管理局")
        db.add(unit)
        await db.flush()
        share = Assignment(
            id=uuid7(),
            case_id=case_id,
            unit_id=unit.id,
            role="lead",
            state="replied",
            advice="请依法办理",
            assigned_by="id-agent1",
            assigned_at=MORNING,
            signed_at=MORNING + timedelta(minutes=20),
        )
        db.add(share)
        await db.flush()
        db.add(
            CaseReply(
                id=uuid7(),
                case_id=case_id,
                assignment_id=share.id,
                round=1,
                kind="final",
                public_answer=answer,
                internal_handling="已约谈窗口人员",
                by="id-agent1",
                at=MORNING + timedelta(hours=3),
            )
        )


async def test_a_sheet_shows_number_units_and_reply_with_the_number_masked(workspace: Workspace) -> None:
    case = await new_case(workspace, title="办照拖延", content="材料已交两周", demand="尽快办理", type="complaint")
    await dispatched(workspace, case["id"], "营业执照已发放")
    status, content, disposition = await pdf(workspace, "agent2", case["id"])
    assert (status, content[:5]) == (200, b"%PDF-")
    assert disposition == f'attachment; filename="{case["number"]}.pdf"'
    (page,) = words_of(content)
    for shown in (
        case["number"],
        "办照拖延",
        "材料已交两周",
        "尽快办理",
        "投诉",
        "2026-03-02 09:00",
        "139****5678",
        "主办：某区市场监督管理局",
        "签收：2026-03-02 09:20",
        "请依法办理",
        "营业执照已发放",
        "第 1 页，共 1 页",
        "agent2 打印于",
    ):
        assert shown in page, shown
    assert "13912345678" not in page
    assert ("agent2", "case.sheet") in workspace.audited()
    (mine,) = words_of((await pdf(workspace, "agent1", case["id"]))[1])
    assert "13912345678" in mine, "whoever wrote it reads it"


async def test_twenty_thousand_characters_flow_over_pages_and_markup_is_text(workspace: Workspace) -> None:
    case = await new_case(workspace, title=HOSTILE[:60], content=LONG, demand=f"{HOSTILE}\n\t第二行\n\n" + "<" * 900)
    assert len(LONG) > 19_000
    status, content, _ = await pdf(workspace, "agent1", case["id"])
    assert status == 200
    pages = words_of(content)
    assert len(pages) > 10
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page
    text = "".join("".join(pages).split())
    assert text.count("材料已交两周仍未办理") > 1000
    assert "<b>粗体</b>&lt;script&gt;alert(1)</script><para><fontsize=99>" in text
    assert text.count("<") >= 900


async def test_the_print_view_is_the_same_sheet(workspace: Workspace) -> None:
    case = await new_case(workspace, content=HOSTILE)
    sheet = await workspace.get("agent2", f"/api/cases/{case['id']}/sheet")
    assert {"label": "回拨电话", "value": "139****5678"} in sheet["facts"]
    assert sheet["sections"][0] == {"heading": "诉求内容", "texts": [HOSTILE]}
    details = [record.detail for record in workspace.audits.records if record.action == "case.sheet"]
    assert details == [{"form": "print", "unmasked": False}]


def test_both_languages_have_the_same_words() -> None:
    zh, en = SHEET_WORDS["zh"], SHEET_WORDS["en"]
    for field in fields(SheetWords):
        ours, theirs = getattr(zh, field.name), getattr(en, field.name)
        assert ours.keys() == theirs.keys(), field.name
        for name, text in ours.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", theirs[name])), name
    assert set(en.states) == set(CaseState)
    assert set(en.types) == set(CaseType)
    assert set(en.urgencies) == set(Urgency)
    assert set(en.channels) == set(CaseChannel)


async def test_a_sheet_in_english_keeps_what_people_wrote(workspace: Workspace) -> None:
    case = await new_case(workspace, title="办照拖延", content="材料已交两周", type="complaint")
    await dispatched(workspace, case["id"], "营业执照已发放")
    (page,) = words_of((await pdf(workspace, "agent2", case["id"], language="en"))[1])
    for shown in (
        "Government Service Hotline: Case Sheet",
        "Case number",
        "Complaint",
        "Lead: 某区市场监督管理局 (round 1)",
        "办照拖延",
        "营业执照已发放",
        "printed by agent2 on",
        "Page 1 of 1",
    ):
        assert shown in page, shown
    for word in ("诉求", "工单", "打印于", "主办"):
        assert word not in page, word
    sheet = await workspace.get("agent2", f"/api/cases/{case['id']}/sheet", language="en")
    assert (sheet["language"], sheet["sections"][0]["heading"]) == ("en", "What it is about")
    assert (await pdf(workspace, "agent2", case["id"], language="fr"))[0] == 422


async def test_the_number_is_readable_for_whoever_may_unmask_it(workspace: Workspace) -> None:
    case = await new_case(workspace)
    path = f"/api/cases/{case['id']}/sheet"
    sheet = await workspace.get("supervisor", path, unmask="true")
    assert {"label": "回拨电话", "value": "13912345678"} in sheet["facts"]
    assert workspace.audits.records[-1].detail["unmasked"] is True
    assert (await pdf(workspace, "agent2", case["id"], unmask="true"))[0] == 403


async def test_a_units_person_gets_nothing_of_a_hidden_caller(workspace: Workspace) -> None:
    case_id = (await new_case(workspace, title="举报王某", content="我是隔壁店主", confidential=True))["id"]
    await dispatched(workspace, case_id, "已核查")
    async with workspace.database.transaction() as db:
        row = await db.get(Case, case_id)
        assert row is not None
        row.text_for_unit = "反映某店无照经营"
    async with workspace.database.snapshot() as db:
        row = await db.get(Case, case_id)
        assert row is not None
        sheet = await workspace.crm.sheets.sheet(db, row, who=workspace.people["handler"], unmask=True)
    text = sheet.model_dump_json()
    assert "反映某店无照经营" in text
    assert "已核查" in text
    for hidden in ("隔壁店主", "王某", "13912345678", "139****", "约谈"):
        assert hidden not in text, hidden


@pytest.mark.parametrize("role", list(Role))
async def test_which_role_may_print(workspace: Workspace, role: Role) -> None:
    case_id = (await new_case(workspace))["id"]
    secret = (await new_case(workspace, confidential=True))["id"]
    workspace.hire("somebody", role)
    staff = role in {Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.QA, Role.SUPERVISOR}
    entrusted = role in {Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR}
    for path in ("sheet", "sheet.pdf"):
        for one, allowed in ((case_id, staff), (secret, entrusted)):
            assert workspace.client is not None
            request = from_page(workspace.client, "somebody")
            async with workspace.client.get(f"/api/cases/{one}/{path}", **request) as response:
                assert (response.status == 200) == allowed, (role, path)
    assert (await pdf(workspace, "", case_id))[0] == 401
