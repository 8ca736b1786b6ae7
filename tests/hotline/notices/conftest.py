from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hotline.kernel.db import Database
from hotline.notices.inbox_routes import inbox_routes
from hotline.notices.service import WebhookRoute
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import UNIT, NoticeStage


@pytest.fixture
async def stage(any_database: Database, clock: FakeClock) -> NoticeStage:
    return NoticeStage(any_database, clock, webhooks=[WebhookRoute("city", units=frozenset({UNIT}))])


@pytest.fixture
async def accounts(any_database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    accounts = Accounts(any_database, clock, more=[inbox_routes()])
    await accounts.start()
    yield accounts
    await accounts.close()
