from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.kernel.db import Database
from tests.callflow.service import Service, make_prompts, opened_database, running_service
from tests.phones.asterisk import RealAsterisk


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened_database(tmp_path) as database:
        yield database


@pytest.fixture(scope="session")
def speaking_asterisk(real_asterisk: RealAsterisk) -> RealAsterisk:
    make_prompts(real_asterisk.settings.sounds)
    return real_asterisk


@pytest.fixture
async def service(speaking_asterisk: RealAsterisk, database: Database) -> AsyncIterator[Service]:
    async with running_service(speaking_asterisk, database) as service:
        yield service
        await service.remove_agents("1001", "1002")
        await speaking_asterisk.hang_up_all()
