"""The words of notices: shipped, edited, checked, previewed; and who may do what with notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Role
from hotline.app.settings import Settings
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.settings import SettingsError
from hotline.notices.feature import NoticeFeature
from hotline.notices.kinds import NoticeKind
from hotline.notices.settings import NoticeSettings, WebhookSettings
from hotline.notices.templates import problem_of, render, shipped, sms_parts
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import TO_CALLER, ZONE, NoticeStage
from tests.hotline.web import NoJournal, from_page

PATH = "/api/notice-templates"
ID = "0198c0de-0000-7000-8000-000000000001"
MATRIX: dict[tuple[str, str], tuple[Any, set[Role]]] = {
    ("GET", "/api/notices"): (None, set(Role)),
    ("GET", "/api/notices/unread"): (None, set(Role)),
    ("POST", "/api/notices/x/read"): (None, set(Role)),
    ("POST", "/api/notices/read"): ({"up_to": ID}, set(Role)),
    ("GET", "/api/messages"): (None, {Role.SUPERVISOR, Role.SYSTEM_ADMIN}),
    ("GET", "/api/messages/summary"): (None, {Role.SUPERVISOR, Role.SYSTEM_ADMIN}),
    ("POST", "/api/messages/x/resend"): ({"version": 1}, {Role.SUPERVISOR, Role.SYSTEM_ADMIN}),
    ("GET", PATH): (None, {Role.SUPERVISOR}),
    ("PUT", f"{PATH}/x"): ({"version": 0}, {Role.SUPERVISOR}),
    ("POST", f"{PATH}/x/reset"): ({"version": 0}, {Role.SUPERVISOR}),
    ("POST", f"{PATH}/x/preview"): ({}, {Role.SUPERVISOR}),
}


@pytest.fixture
async def accounts(any_database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Accounts]:
    feature = NoticeFeature(Settings(home=tmp_path), any_database, Bus(NoJournal()), clock)
    accounts = Accounts(any_database, clock, more=feature.routes)
    await accounts.start()
    yield accounts
    await accounts.close()
    await feature.close()


@pytest.fixture
async def chief(accounts: Accounts) -> str:
    await accounts.add("chief", Role.SUPERVISOR)
    return await accounts.log_in("chief")


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_ask_for_what(accounts: Accounts, role: Role) -> None:
    await accounts.add("somebody", role)
    token = await accounts.log_in("somebody")
    for (method, path), (body, roles) in MATRIX.items():
        status, _ = await accounts.ask(method, path, token, body)
        assert (status != 403) is (role in roles), path
        assert status in (200, 204, 403, 404), path
        assert (await accounts.ask(method, path, "", body))[0] == 401, path


def test_the_matrix_names_every_route_of_notices(accounts: Accounts) -> None:
    named = set()
    for route in accounts.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method != "HEAD" and path.startswith(("/api/notice", "/api/messages")):
            for name in ("{notice_id}", "{message_id}", "{kind}"):
                path = path.replace(name, "x")
            named.add((route.method, path))
    assert named == set(MATRIX)


def test_every_kind_has_words_that_its_own_check_accepts_and_the_two_languages_agree() -> None:
    assert set(shipped()) == set(NoticeKind)
    for kind, texts in shipped().items():
        for name, text in texts.as_dict().items():
            assert problem_of(name, text, text) is None, (kind, name)
        assert bool(texts.page_zh) == bool(texts.page_en), kind
        assert bool(texts.sms_zh) == bool(texts.sms_en), kind
        assert texts.page_zh or texts.sms_zh, kind
        for zh, en in ((texts.page_zh, texts.page_en), (texts.sms_zh, texts.sms_en)):
            assert set(_placeholders(zh)) == set(_placeholders(en)), kind


def _placeholders(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("page_zh", "工单 {nubmer}", "{nubmer} is no placeholder"),
        ("page_zh", "工单 {link}", "{link} may not stand here"),
        ("sms_zh", "{person}：{reason}", "{person} may not stand here"),
        ("sms_zh", "{title}", "{title} is no placeholder; there are {number}, {state}, {date}, {link}, {hotline}"),
        ("page_en", "Case {number", "a brace that belongs to no placeholder"),
        ("page_en", "Case {{number}}", "a brace that belongs to no placeholder"),
        ("page_en", "  ", "is empty"),
        ("page_en", "x" * 301, "longer than 300"),
    ],
)
def test_a_text_that_could_not_be_filled_is_refused_by_name(name: str, text: str, complaint: str) -> None:
    problem = problem_of(name, text, "shipped")
    assert problem is not None
    assert problem.startswith(f"{name}: ")
    assert complaint in problem
    assert "leave it empty" in (problem_of(name, "words", "") or "")
    assert problem_of(name, "", "") is None


def test_a_value_with_braces_is_no_template() -> None:
    assert render("{person} {state}", {"person": "{state}", "state": "x"}, "zh", ZONE) == "{state} x"


@pytest.mark.parametrize(
    ("text", "parts"), [("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("😀" * 36, 2)]
)
def test_how_many_sms_a_text_is(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


async def test_a_template_is_edited_used_and_reset(accounts: Accounts, chief: str, stage: NoticeStage) -> None:
    _, listed = await accounts.ask("GET", PATH, chief)
    (before,) = [item for item in listed["templates"] if item["kind"] == "case_closed"]
    assert (before["version"], before["edited"]) == (0, False)
    texts = {**before["texts"], "sms_zh": "工单 {number} 办结"}
    status, saved = await accounts.ask("PUT", f"{PATH}/case_closed", chief, {**texts, "version": 0})
    assert (status, saved["version"], saved["edited"], saved["texts"]) == (200, 1, True, texts)
    status, problem = await accounts.ask("PUT", f"{PATH}/case_closed", chief, {**texts, "version": 0})
    assert (status, problem["error_id"], problem["version"]) == (409, "template.version_conflict", 1)
    await stage.notify(NoticeKind.CASE_CLOSED, sms=TO_CALLER)
    assert [row.text for row in await stage.messages()] == ["工单 20260302-0001 办结"]
    status, reset = await accounts.ask("POST", f"{PATH}/case_closed/reset", chief, {"version": 1})
    assert (status, reset["version"], reset["texts"]) == (200, 0, before["texts"])
    async with stage.database.snapshot() as db:
        entries = list(await db.scalars(select(AuditEntry).where(AuditEntry.target == "case_closed")))
    assert {entry.action: entry.detail["after"] for entry in entries} == {
        "template.change": {"sms_zh": "工单 {number} 办结"},
        "template.reset": {"sms_zh": before["texts"]["sms_zh"]},
    }


async def test_two_who_edit_at_once_do_not_overwrite_each_other(accounts: Accounts, chief: str) -> None:
    body = {"version": 0, "page_zh": "甲", "page_en": "a"}
    answers = await asyncio.gather(
        *(accounts.client.put(f"{PATH}/mention", json=body, **_as(accounts, chief)) for _ in range(2))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


def _as(accounts: Accounts, token: str) -> dict[str, Any]:
    return from_page(accounts.client, token)


async def test_the_preview_shows_made_up_values_and_names_what_is_wrong(accounts: Accounts, chief: str) -> None:
    fields = {"sms_zh": "工单 {number} {state}", "sms_en": "Case {number}: {state}"}
    status, preview = await accounts.ask("POST", f"{PATH}/progress/preview", chief, fields)
    assert (status, preview["texts"]["sms_zh"], preview["sms_parts_zh"]) == (200, "工单 20260302-0001 办理中", 1)
    status, problem = await accounts.ask(
        "POST", f"{PATH}/progress/preview", chief, {**fields, "sms_zh": "{content}", "page_zh": "x"}
    )
    assert (status, problem["error_id"]) == (422, "template.invalid")
    assert "sms_zh: {content} is no placeholder" in problem["detail"]
    assert "page_zh: this kind of notice is not sent there" in problem["detail"]


async def test_a_webhook_for_a_kind_that_does_not_exist_is_refused_at_the_start(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    webhook = WebhookSettings.model_validate(
        {"name": "city", "url": "https://x.example", "secret": "x" * 16, "kinds": ["assignd"]}
    )
    settings = Settings(home=tmp_path, notices=NoticeSettings(webhooks=(webhook,)))
    with pytest.raises(SettingsError, match="'assignd'"):
        NoticeFeature(settings, database, Bus(NoJournal()), clock)
    with pytest.raises(ValueError, match="same name"):
        NoticeSettings(webhooks=(webhook, webhook))
