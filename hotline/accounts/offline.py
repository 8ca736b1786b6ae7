"""The accounts without the service, for the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hotline.accounts.audit import AuditLog
from hotline.accounts.feature import AccountFeature
from hotline.accounts.options import second_factor_key
from hotline.accounts.ports import InstanceAccounts
from hotline.accounts.service import AccountService
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.revision import current_database


@asynccontextmanager
async def accounts_of(settings: InstanceAccounts) -> AsyncIterator[tuple[AccountFeature, Database]]:
    """The accounts alone, for the command line. Raises as `current_database`."""
    clock = SystemClock()
    async with current_database(settings.database_url) as database:
        accounts = AccountFeature(database, clock, AuditLog(clock), key=second_factor_key(settings))
        try:
            yield accounts, database
        finally:
            accounts.close()


@asynccontextmanager
async def users_of(settings: InstanceAccounts) -> AsyncIterator[tuple[AccountService, Database]]:
    """As `accounts_of`, the users alone."""
    async with accounts_of(settings) as (accounts, database):
        yield accounts.users, database
