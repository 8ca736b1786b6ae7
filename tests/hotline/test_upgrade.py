"""A newer service does not migrate the database of one that still serves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.app.settings import Settings
from hotline.app.upgrade import ami_link, holder_of, upgrade_when_free
from hotline.kernel.clock import SystemClock
from hotline.kernel.migrate import downgrade, upgrade
from hotline.kernel.revision import SchemaState, schema_state
from ivr.lease import Lease, LeaseHeldError
from ivr.settings import AmiSettings
from tests.hotline.test_app import settings_of
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

CLOCK = SystemClock()


@pytest.fixture
def stand_by(real_asterisk: RealAsterisk, any_url: str, tmp_path: Path) -> Settings:
    """A newer service's settings, on a database of an older version."""
    asyncio.run(upgrade(any_url))
    asyncio.run(downgrade(any_url, "0005"))
    ami = real_asterisk.settings.ami
    return Settings(
        home=tmp_path / "home",
        ami=AmiSettings(port=ami.port, secret=ami.secret),
        database={"url": any_url},  # type: ignore[arg-type]
    )


@asynccontextmanager
async def serving(settings: Settings, *, renews: bool = True) -> AsyncIterator[None]:
    """Another service has the lease, and renews it unless it has just died."""
    async with ami_link(settings, CLOCK) as ami:
        await until(lambda: ami.ready)
        lease = Lease(ami.switchboard, CLOCK, holder="north:/srv/old", lasts=timedelta(seconds=4))
        assert await lease.renew()

        async def renew() -> None:
            while renews:
                second = int(time.time())  # The lease counts whole seconds.
                await until(lambda second=second: int(time.time()) > second, each=0.2)  # type: ignore[misc]
                await lease.renew()

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            if renews:
                await lease.release()


@pytest.mark.real
async def test_the_database_of_a_service_that_serves_is_left_alone(stand_by: Settings) -> None:
    async with serving(stand_by):
        with pytest.raises(LeaseHeldError, match="north"):
            await upgrade_when_free(stand_by, CLOCK)
        assert await schema_state(stand_by.database_url) is SchemaState.OLDER


@pytest.mark.real
async def test_of_a_service_that_died_it_is_taken_over(stand_by: Settings) -> None:
    async with serving(stand_by, renews=False):
        await upgrade_when_free(stand_by, CLOCK)
    assert await schema_state(stand_by.database_url) is SchemaState.CURRENT
    async with ami_link(stand_by, CLOCK) as ami:
        await until(lambda: ami.ready)
        lease = Lease(ami.switchboard, CLOCK, holder=holder_of(stand_by))
        assert await lease.renew()
        await lease.release()


async def test_an_empty_database_needs_no_asterisk(any_url: str, tmp_path: Path) -> None:
    settings = settings_of(any_url, tmp_path / "home")
    assert await schema_state(any_url) is SchemaState.EMPTY
    for _again in range(2):
        await upgrade_when_free(settings, CLOCK)
        assert await schema_state(any_url) is SchemaState.CURRENT


async def test_an_older_one_waits_for_asterisk(any_url: str, tmp_path: Path) -> None:
    settings = settings_of(any_url, tmp_path / "home")
    await upgrade(any_url)
    await downgrade(any_url, "0005")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(upgrade_when_free(settings, CLOCK), 0.5)
    assert await schema_state(any_url) is SchemaState.OLDER
