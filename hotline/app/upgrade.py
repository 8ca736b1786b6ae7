"""A service of a newer version migrates the database only once no other service runs on it.

A stand-by that is updated first would otherwise take the tables from under the one that serves callers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from socket import gethostname

import structlog

from hotline.app.settings import Settings
from hotline.kernel.clock import Clock
from hotline.kernel.migrate import upgrade
from hotline.kernel.revision import SchemaState, schema_state
from ivr.ami.client import AmiClient
from ivr.errors import PhoneError
from ivr.lease import Lease, LeaseHeldError

log = structlog.get_logger(__name__)

MIGRATION_LASTS = timedelta(minutes=2)
"""How long other services stay away. Callers get the safe flow meanwhile, because no service is logged in to AMI."""
RETRY = timedelta(seconds=1)


def holder_of(settings: Settings) -> str:
    """The name in the lease: the same after a restart."""
    return f"{gethostname()}:{settings.home.absolute()}"


async def upgrade_when_free(settings: Settings, clock: Clock) -> None:
    """Bring the database to this version, if it is of an older one: with the lease, waiting for Asterisk if need be.

    Raises `LeaseHeldError` where another service lives, and then leaves the database alone; else as `upgrade`.
    """
    state = await schema_state(settings.database_url)
    if state is SchemaState.CURRENT:
        return
    if state is SchemaState.OLDER:
        log.info("database is older, migration waits for the lease")
        async with ami_link(settings, clock) as ami:
            await _take(ami, Lease(ami.switchboard, clock, holder=holder_of(settings), lasts=MIGRATION_LASTS), clock)
    await upgrade(settings.database_url)


async def _take(ami: AmiClient, lease: Lease, clock: Clock) -> None:
    while True:
        try:
            if ami.ready and await lease.renew():
                return
        except LeaseHeldError:
            raise
        except PhoneError as error:
            log.warning("reading the lease failed", reason=error.error_id)
        await clock.sleep(RETRY)


@asynccontextmanager
async def ami_link(settings: Settings, clock: Clock) -> AsyncIterator[AmiClient]:
    ami = AmiClient(settings.ami, clock, lambda _event: None)
    await ami.start()
    try:
        yield ami
    finally:
        await ami.close()
