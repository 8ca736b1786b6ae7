"""The secrets of authenticator apps in the database, and the key beside it."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from hotline.accounts.models import User, UserSession
from hotline.accounts.roles import Role
from hotline.accounts.seal import SecondFactorKeyError, TotpSeal, is_sealed
from hotline.kernel.db import Database
from hotline.kernel.keyfile import KeyFile
from hotline.kernel.settings import SettingsError
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import PASSWORD, Accounts

PATH = "/api/account/second-factor"
STEP = "/api/session/second-factor"


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "second-factor.key")


@pytest_asyncio.fixture
async def accounts(database: Database, clock: FakeClock, key: KeyFile) -> AsyncIterator[Accounts]:
    accounts = Accounts(database, clock, key=key)
    await accounts.feature.start()
    await accounts.start()
    await accounts.add("agent1", Role.AGENT)
    yield accounts
    await accounts.close()


async def enrol(accounts: Accounts, clock: FakeClock) -> tuple[str, list[str]]:
    token = await accounts.log_in("agent1")
    _status, begun = await accounts.ask("POST", PATH, token, {"password": PASSWORD})
    async with accounts.database.snapshot() as db:
        waiting = await db.scalar(select(UserSession.enrolment_secret).where(UserSession.enrolment_secret.is_not(None)))
    assert is_sealed(waiting or "")
    assert begun["secret"] not in (waiting or "")
    given = {"code": pyotp.TOTP(begun["secret"]).at(clock.now())}
    _status, body = await accounts.ask("PUT", PATH, token, given)
    return begun["secret"], body["codes"]


async def stored(database: Database) -> str:
    async with database.snapshot() as db:
        return await db.scalar(select(User.totp_secret)) or ""


async def test_a_secret_is_stored_sealed_and_its_codes_are_good(
    accounts: Accounts, clock: FakeClock, key: KeyFile, database: Database
) -> None:
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert await accounts.feature.keeper.check() == "0 sealed"
    secret, _codes = await enrol(accounts, clock)
    assert is_sealed(await stored(database))
    assert secret not in await stored(database)
    assert await accounts.feature.keeper.check() == "1 sealed"


@pytest.mark.parametrize("trouble", ["missing", "another", "damaged"])
async def test_without_the_right_key_recovery_codes_are_good_and_the_trouble_is_named(
    accounts: Accounts, clock: FakeClock, key: KeyFile, trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, codes = await enrol(accounts, clock)
    kept = key.path.read_text()
    if trouble == "damaged":
        key.path.write_text("no key\n")
    else:
        key.path.unlink()
    await accounts.feature.start()
    assert key.path.exists() == (trouble == "damaged"), "a key in use is not replaced"
    if trouble == "another":
        key.make()
    with pytest.raises(SecondFactorKeyError, match=str(key.path)):
        await accounts.feature.keeper.check()
    half = (await accounts.try_log_in("agent1", PASSWORD))[2]
    now = {"code": pyotp.TOTP(secret).at(clock.now())}
    status, body = await accounts.ask("POST", STEP, half, now)
    assert (status, body["error_id"]) == (503, "auth.second_factor_key")
    assert "recovery code" in body["detail"]
    status, body = await accounts.ask("POST", STEP, half, {"code": codes[0]})
    assert (status, body["step"]) == (200, None)
    printed = capsys.readouterr()
    assert "second factor cannot be read" in printed.out + printed.err
    assert secret not in printed.out + printed.err
    assert kept.strip() not in printed.out + printed.err
    key.path.write_text(kept)
    assert await accounts.feature.keeper.check() == "1 sealed"


async def test_secrets_of_an_older_version_are_sealed_at_the_start(
    accounts: Accounts, clock: FakeClock, database: Database
) -> None:
    secret = pyotp.random_base32()
    async with database.transaction() as db:
        await db.execute(update(User).values(totp_secret=secret))
    with pytest.raises(SecondFactorKeyError):
        await accounts.feature.keeper.check()
    await accounts.feature.start()
    sealed = await stored(database)
    assert is_sealed(sealed)
    await accounts.feature.start()
    assert await stored(database) == sealed
    half = (await accounts.try_log_in("agent1", PASSWORD))[2]
    assert (await accounts.ask("POST", STEP, half, {"code": pyotp.TOTP(secret).at(clock.now())}))[0] == 200


def test_a_sealed_secret_is_good_for_its_user_alone() -> None:
    seal = TotpSeal(lambda: bytes(32))
    sealed = seal.seal("a", "JBSWY3DPEHPK3PXP")
    assert seal.open("a", sealed) == "JBSWY3DPEHPK3PXP"
    assert seal.seal("a", "JBSWY3DPEHPK3PXP") != sealed
    for user, value in (("b", sealed), ("a", sealed[:-2] + "aa"), ("a", "1."), ("a", "JBSWY3DPEHPK3PXP"), ("a", "")):
        with pytest.raises(SecondFactorKeyError):
            seal.open(user, value)


def test_a_key_is_made_once(key: KeyFile) -> None:
    with pytest.raises(SettingsError, match="missing"):
        key.read()
    key.make()
    made = key.read()
    key.make()
    assert key.read() == made


def test_a_path_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: File name too long"):
        KeyFile(tmp_path / ("k" * 300)).make()
