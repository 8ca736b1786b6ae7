from __future__ import annotations

from typing import Any

import pytest

from crm.enterprises.schemas import MOST_CONTACTS
from tests.crm.conftest import Workspace
from tests.crm.test_names import code

HOTEL = code("91150300MA000001")
BANK = code("91150300MA000002")


def a_hotel(**changes: Any) -> dict[str, Any]:
    return {
        "name": "乌海市海勃湾酒店（有限公司）",
        "credit_code": HOTEL,
        "kind": "private_enterprise",
        "industry": "住宿",
        "size": "small",
        "contacts": [
            {
                "name": "李娜",
                "role": "财务",
                "numbers": [
                    {"number": "139 1234 5678"},
                    {"number": "2991001", "purpose": "callback"},
                ],
            }
        ],
        **changes,
    }


async def test_an_enterprise_is_registered_and_read_with_masked_numbers(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    read = await workspace.get("agent1", f"/api/enterprises/{made['id']}")
    assert read == made
    assert read["version"] == 1
    numbers = [(number["number"], number["purpose"]) for number in read["contacts"][0]["numbers"]]
    assert numbers == [("139****5678", "caller"), ("047*-***1001", "callback")]
    assert workspace.events() == ["enterprise.registered"]


@pytest.mark.parametrize(
    "text",
    [
        *("海勃湾", "（海勃湾）酒店", "hbwjd", "HBWJD", "haibowan", "jiudian", HOTEL[:6].lower()),
        *("+86 139 1234 5678", "0473-2991001", "\u202a13912345678\u202c", "\ufeff酒店\u200b"),
        *("酒店 海勃湾", "酒店\u3000乌海", "wuhai jiudian", "酒店 13912345678", f"hbw {HOTEL[:8]}"),
    ],
)
async def test_search_finds_by_name_initials_code_and_number(workspace: Workspace, text: str) -> None:
    await workspace.post("agent1", "/api/enterprises", a_hotel())
    await workspace.post("agent1", "/api/enterprises", {"name": "草原银行", "credit_code": None})
    found = await workspace.get("agent1", "/api/enterprises", search=text)
    assert [row["name"] for row in found["items"]] == ["乌海市海勃湾酒店（有限公司）"]


@pytest.mark.parametrize(
    "text", ["%", "_", "（）", "139123", "5678", "zzz", "海勃湾 银行", "酒店 zzz", "酒店 13812345678"]
)
async def test_search_takes_no_wildcard_and_no_part_of_a_number(workspace: Workspace, text: str) -> None:
    await workspace.post("agent1", "/api/enterprises", a_hotel())
    assert (await workspace.get("agent1", "/api/enterprises", search=text))["items"] == []


async def test_search_pages_show_the_best_first_and_each_once(workspace: Workspace) -> None:
    names = ["草原银行", "乌海草原牧业", "草原酒店", "大草原旅游", "草原书店"]
    for name in names:
        await workspace.post("agent1", "/api/enterprises", {"name": name})
    shown: list[str] = []
    cursor = None
    while True:
        query = {"search": "草原", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await workspace.get("agent1", "/api/enterprises", **query)
        shown += [row["name"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert shown == ["草原书店", "草原酒店", "草原银行", "大草原旅游", "乌海草原牧业"]


async def listed(workspace: Workspace, **query: Any) -> list[str]:
    """The names on all pages of two."""
    shown: list[str] = []
    cursor = None
    while True:
        page = await workspace.get(
            "agent1", "/api/enterprises", limit=2, **query, **({"cursor": cursor} if cursor else {})
        )
        shown += [row["name"] for row in page["items"]]
        if (cursor := page["next"]) is None:
            assert page["total"] == len(shown)
            return shown


@pytest.mark.clause(5)
async def test_the_list_is_sorted_filtered_and_counted_by_the_server(workspace: Workspace) -> None:
    first = await workspace.post("agent1", "/api/enterprises", a_hotel(name="中天商贸", contacts=[]))
    for name, kind in (("白云物流", "enterprise"), ("安达货运", "individual_business")):
        await workspace.post("agent1", "/api/enterprises", {"name": name, "kind": kind})
    await workspace.patch("agent1", f"/api/enterprises/{first['id']}", {"version": 1, "industry": "零售"})
    assert await listed(workspace) == ["安达货运", "白云物流", "中天商贸"]
    assert await listed(workspace, sort="name") == ["安达货运", "白云物流", "中天商贸"]
    assert await listed(workspace, sort="-name") == ["中天商贸", "白云物流", "安达货运"]
    assert await listed(workspace, sort="created_at") == ["中天商贸", "白云物流", "安达货运"]
    assert (await listed(workspace, sort="-updated_at"))[0] in ("中天商贸", "安达货运")
    assert await listed(workspace, kind="individual_business") == ["安达货运"]
    assert await listed(workspace, size="small") == ["中天商贸"]
    assert await listed(workspace, code="none", sort="name") == ["安达货运", "白云物流"]
    assert await listed(workspace, code="valid") == ["中天商贸"]
    assert await listed(workspace, search="zzz") == []
    assert await workspace.refused("agent1", "GET", "/api/enterprises?sort=initials") == (422, "input.invalid")


WRONG = "91350203M0001QKT19"


@pytest.mark.parametrize("code", [WRONG, "150302000012345"])
async def test_a_code_that_fails_a_check_is_taken_once_compared_with_the_licence(
    workspace: Workspace, code: str
) -> None:
    status, problem = await workspace.ask("agent1", "POST", "/api/enterprises", a_hotel(credit_code=code))
    assert (status, problem["error_id"]) == (422, "enterprise.credit_code_invalid")
    assert problem["reason"] in ("check_digit", "registration_number")
    assert workspace.audited() == []
    made = await workspace.post("agent1", "/api/enterprises", a_hotel(credit_code=code, credit_code_confirmed=True))
    assert (made["credit_code"], made["credit_code_confirmed"]) == (code, True)
    assert workspace.audited() == [("agent1", "enterprise.create"), ("agent1", "enterprise.confirm_credit_code")]
    assert await listed(workspace, code="confirmed") == await listed(workspace, search=code) == [made["name"]]
    assert await listed(workspace, code="valid") == []
    # It stays confirmed with the rest changed, and stops being so with a right code.
    path = f"/api/enterprises/{made['id']}"
    kept = await workspace.patch("agent1", path, {"version": 1, "credit_code": code, "industry": "餐饮"})
    assert kept["credit_code_confirmed"]
    mended = await workspace.patch("agent1", path, {"version": 2, "credit_code": HOTEL, "credit_code_confirmed": True})
    assert (mended["credit_code"], mended["credit_code_confirmed"]) == (HOTEL, False)
    assert await workspace.refused("agent1", "PATCH", path, {"version": 3, "credit_code": code}) == (
        422,
        "enterprise.credit_code_invalid",
    )


@pytest.mark.parametrize("confirmed", [False, True])
async def test_an_identity_number_is_no_credit_code_whatever_is_confirmed(
    workspace: Workspace, confirmed: bool
) -> None:
    body = a_hotel(credit_code="150302190001010051", credit_code_confirmed=confirmed)
    status, problem = await workspace.ask("agent1", "POST", "/api/enterprises", body)
    assert (status, problem["reason"]) == (422, "identity_number")
    assert "characters 9 to 17" in problem["detail"]
    assert "GB 11714" in problem["detail"]
    assert "1503021900" not in str(problem)


async def test_what_copying_adds_to_a_field_is_not_stored(workspace: Workspace) -> None:
    made = await workspace.post(
        "agent1",
        "/api/enterprises",
        a_hotel(
            name="\ufeff海勃湾酒店\u200b",
            credit_code=f"\u200e{HOTEL}\u200b",
            contacts=[{"name": "\u202a李娜\u202c", "numbers": [{"number": "\u202d１３９１２３４５６７８\u202c"}]}],  # noqa: RUF001
        ),
    )
    assert (made["name"], made["credit_code"], made["contacts"][0]["name"]) == ("海勃湾酒店", HOTEL, "李娜")
    assert made["contacts"][0]["numbers"][0]["number"] == "139****5678"
    assert await workspace.refused("agent1", "POST", "/api/enterprises", {"name": "\u200b \ufeff"}) == (
        422,
        "input.invalid",
    )


async def test_changes_are_audited_with_before_and_after_and_no_whole_number(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    path = f"/api/enterprises/{made['id']}"
    await workspace.patch("agent1", path, {"version": 1, "industry": "餐饮"})
    contact = await workspace.post(
        "agent1", f"{path}/contacts", {"name": "王强", "numbers": [{"number": "13800000001"}]}
    )
    await workspace.patch("agent1", f"{path}/contacts/{contact['id']}", {"version": 3, "numbers": []})
    actions = [record.action for record in workspace.audits.records]
    assert actions == ["enterprise.create", "enterprise.change", "contact.create", "contact.change"]
    change, removed = workspace.audits.records[1].detail, workspace.audits.records[3].detail
    assert (change["before"], change["after"]) == ({"industry": "住宿"}, {"industry": "餐饮"})
    assert [number["number"] for number in removed["before"]["numbers"]] == ["138****0001"]
    assert removed["after"] == {"numbers": []}
    assert "13912345678" not in str(workspace.audits.records)


async def test_a_credit_code_belongs_to_one_enterprise(workspace: Workspace) -> None:
    await workspace.post("agent1", "/api/enterprises", a_hotel())
    bank = await workspace.post("agent1", "/api/enterprises", {"name": "草原银行", "credit_code": BANK})
    again = await workspace.refused("agent1", "POST", "/api/enterprises", a_hotel(name="另一家"))
    moved = await workspace.refused(
        "agent1", "PATCH", f"/api/enterprises/{bank['id']}", {"version": 1, "credit_code": HOTEL}
    )
    wrong = await workspace.refused("agent1", "POST", "/api/enterprises", a_hotel(credit_code=HOTEL[:-1] + "#"))
    assert again == moved == (409, "enterprise.credit_code_taken")
    assert wrong == (422, "enterprise.credit_code_invalid")
    for name in ("甲", "乙"):  # any number of enterprises have none
        await workspace.post("agent1", "/api/enterprises", {"name": name})


async def test_an_update_needs_the_present_version(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    path = f"/api/enterprises/{made['id']}"
    renamed = await workspace.patch("agent1", path, {"version": 1, "name": "乌达酒店"})
    assert (renamed["version"], renamed["name"], renamed["industry"]) == (2, "乌达酒店", "住宿")
    status, problem = await workspace.ask("agent2", "PATCH", path, {"version": 1, "industry": "餐饮"})
    assert (status, problem["error_id"], problem["version"]) == (409, "enterprise.version_conflict", 2)
    assert (await workspace.get("agent1", "/api/enterprises", search="wdjd"))["items"][0]["id"] == made["id"]
    assert await workspace.refused("agent1", "PATCH", path, {"version": 2, "name": None}) == (422, "input.invalid")


async def test_an_enterprise_has_no_more_contacts_than_it_could_begin_with(workspace: Workspace) -> None:
    contacts = [{"name": f"联系人{n}"} for n in range(MOST_CONTACTS - 1)]
    made = await workspace.post("agent1", "/api/enterprises", {"name": "蓝天物流", "contacts": contacts})
    path = f"/api/enterprises/{made['id']}/contacts"
    await workspace.post("agent1", path, {"name": "最后一位"})
    refused = await workspace.refused("agent1", "POST", path, {"name": "多一位"})
    assert refused == (409, "enterprise.too_many_contacts")


async def test_contacts_are_added_and_changed_with_numbers_kept_by_id(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    path = f"/api/enterprises/{made['id']}/contacts"
    added = await workspace.post(
        "agent1", path, {"name": "王强", "preferred": "sms", "numbers": [{"number": "13800000001"}]}
    )
    assert added["preferred"] == "sms"
    kept = made["contacts"][0]["numbers"][0]
    changed = await workspace.patch(
        "agent1",
        f"{path}/{made['contacts'][0]['id']}",
        {
            "version": 2,
            "role": "法定代表人",
            "numbers": [{"id": kept["id"]}, {"number": "13700000002", "purpose": "callback"}],
        },
    )
    assert changed["name"] == "李娜"
    assert changed["role"] == "法定代表人"
    assert [number["number"] for number in changed["numbers"]] == ["139****5678", "137****0002"]
    assert changed["numbers"][0]["id"] == kept["id"]
    assert (await workspace.get("agent1", f"/api/enterprises/{made['id']}"))["version"] == 3


async def test_the_same_number_written_twice_is_kept_once(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    contact = made["contacts"][0]
    again = [{"number": "+8613912345678"}, {"number": "13912345678"}, {"id": contact["numbers"][1]["id"]}]
    changed = await workspace.patch(
        "agent1",
        f"/api/enterprises/{made['id']}/contacts/{contact['id']}",
        {"version": 1, "numbers": again},
    )
    assert len(changed["numbers"]) == 2
    assert changed["numbers"][0]["id"] == contact["numbers"][0]["id"]


async def test_bad_numbers_are_refused_without_a_trace_of_a_change(workspace: Workspace) -> None:
    bad = {"name": "坏", "contacts": [{"name": "李", "numbers": [{"number": "abc1234"}]}]}
    assert await workspace.refused("agent1", "POST", "/api/enterprises", bad) == (422, "number.invalid")
    assert (await workspace.get("agent1", "/api/enterprises"))["items"] == []
    assert workspace.events() == []


async def test_unmasking_needs_its_permission_and_is_audited(workspace: Workspace) -> None:
    made = await workspace.post("agent1", "/api/enterprises", a_hotel())
    path = f"/api/enterprises/{made['id']}/contacts/{made['contacts'][0]['id']}/unmask"
    assert await workspace.refused("agent1", "POST", path) == (403, "auth.forbidden")
    shown = await workspace.post("supervisor", path)
    assert shown["numbers"][0]["number"] == "13912345678"
    assert workspace.audited() == [
        ("agent1", "enterprise.create"),
        ("agent1", "access.refused"),
        ("supervisor", "contact.unmask"),
    ]


async def test_who_may_not_read_the_book_does_not(workspace: Workspace) -> None:
    assert await workspace.refused("handler", "GET", "/api/enterprises") == (403, "auth.forbidden")
    assert await workspace.refused("nobody", "GET", "/api/enterprises") == (401, "auth.required")
    assert await workspace.refused("qa", "POST", "/api/enterprises", {"name": "甲"}) == (403, "auth.forbidden")
    assert await workspace.refused("agent1", "GET", "/api/enterprises/unknown") == (404, "resource.not_found")


async def test_hidden_numbers_cannot_be_tried_out(workspace: Workspace) -> None:
    await workspace.post("agent1", "/api/enterprises", a_hotel())
    for last in range(60):
        await workspace.get("agent1", "/api/enterprises", search=f"1391234{last:04}")
    status, problem = await workspace.ask("agent1", "GET", "/api/enterprises", search="13912345678")
    assert (status, problem["error_id"]) == (429, "rate.limited")
    for who, text in (("agent1", "海勃湾酒店"), ("agent1", ""), ("agent2", "13912345678")):
        assert len((await workspace.get(who, "/api/enterprises", search=text))["items"]) == 1
