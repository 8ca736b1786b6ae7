"""A browser phone's password lives as long as the log-in that it was given to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from cti.desktop.web_secrets import WebSecrets, secret_of
from cti.presence.models import Agent
from hotline.accounts.models import User, UserSession
from hotline.accounts.service import hash_token
from hotline.kernel.db import Database
from ivr.errors import PhoneUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard
from tests.hotline.conftest import clock, database

__all__ = ["clock", "database"]


@pytest.fixture
def switchboard() -> FakeSwitchboard:
    return FakeSwitchboard()


@pytest.fixture
async def secrets(database: Database, clock: FakeClock, switchboard: FakeSwitchboard) -> WebSecrets:
    now = clock.now()
    async with database.transaction() as db:
        db.add(User(id="u-1", username="agent1", name="王芳", password_hash="x", roles=["agent"], created_at=now))
        await db.flush()
        db.add(Agent(user_id="u-1", number="1001", web_secret="w", desk_secret="d", queues=[]))
        for token in ("first", "second"):
            db.add(
                UserSession(
                    token_hash=hash_token(token),
                    user_id="u-1",
                    created_at=now,
                    renewed_at=now,
                    expires_at=now + timedelta(hours=1),
                    address="",
                )
            )
    return WebSecrets(switchboard, database, clock)


async def log_out(database: Database, token: str) -> None:
    async with database.transaction() as db:
        await db.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def test_it_is_what_the_dialplan_takes_and_reveals_nothing_of_the_token() -> None:
    assert set(secret_of("1001", "token")) <= set("0123456789abcdef")
    assert len(secret_of("1001", "token")) == 32
    assert len({secret_of("1001", "token"), secret_of("1002", "token"), secret_of("1001", "other")}) == 3


async def test_a_reloaded_page_gets_the_same_and_a_new_log_in_another(
    secrets: WebSecrets, switchboard: FakeSwitchboard
) -> None:
    first = await secrets.give("1001", "first")
    assert await secrets.give("1001", "first") == first == switchboard.web_secrets["1001"]
    second = await secrets.give("1001", "second")
    assert second == switchboard.web_secrets["1001"] != first


async def test_it_ends_with_its_log_in_alone(
    secrets: WebSecrets, switchboard: FakeSwitchboard, database: Database
) -> None:
    second = await secrets.give("1001", "second")
    await log_out(database, "first")
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == second
    await log_out(database, "second")
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == ""
    switchboard.sent.clear()
    await secrets.take_back()
    await secrets.put_again()
    assert switchboard.sent == []


async def test_it_ends_by_time(secrets: WebSecrets, switchboard: FakeSwitchboard, clock: FakeClock) -> None:
    await secrets.give("1001", "first")
    await clock.advance(timedelta(minutes=61))
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == ""


async def test_it_ends_with_the_account(secrets: WebSecrets, switchboard: FakeSwitchboard, database: Database) -> None:
    await secrets.give("1001", "first")
    async with database.transaction() as db:
        await db.execute(update(User).values(active=False))
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == ""


async def test_what_asterisk_was_not_sent_is_sent_the_next_time(
    secrets: WebSecrets, switchboard: FakeSwitchboard, database: Database
) -> None:
    secret = await secrets.give("1001", "first")
    await log_out(database, "first")
    switchboard.go_down()
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == secret
    switchboard.refuse = None
    await secrets.take_back()
    assert switchboard.web_secrets["1001"] == ""


async def test_without_asterisk_there_is_none(secrets: WebSecrets, switchboard: FakeSwitchboard) -> None:
    switchboard.go_down()
    with pytest.raises(PhoneUnavailableError):
        await secrets.give("1001", "first")


async def test_an_asterisk_that_lost_them_gets_them_again(secrets: WebSecrets, switchboard: FakeSwitchboard) -> None:
    secret = await secrets.give("1001", "first")
    switchboard.web_secrets.clear()
    await secrets.put_again()
    assert switchboard.web_secrets == {"1001": secret}
