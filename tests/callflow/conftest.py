from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callflow.document import SHIPPED_FLOW
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
def quick_flow(tmp_path: Path) -> Path:
    """The shipped flow with short waits."""
    text = SHIPPED_FLOW.read_text(encoding="utf-8")
    for long, short in (("PT60S", "PT1S"), ("PT120S", "PT1S"), ("PT180S", "PT1S")):
        text = text.replace(f"timeout: {long}", f"timeout: {short}")
    text = re.sub(r"(action: menu\n.*\n    options:)( \{|\n      )", r"\1\2patience: PT1S, ", text)
    text = text.replace("patience: PT1S, prompts", "patience: PT1S\n      prompts")
    text = text.replace("{patience: PT1S\n      prompts", "{patience: PT1S, prompts")
    path = tmp_path / "quick.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
async def quick_service(
    speaking_asterisk: RealAsterisk, database: Database, quick_flow: Path
) -> AsyncIterator[Service]:
    async with running_service(speaking_asterisk, database, flow=quick_flow) as service:
        yield service
        await service.remove_agents("1001", "1002")
        await speaking_asterisk.hang_up_all()


@pytest.fixture
async def service(speaking_asterisk: RealAsterisk, database: Database) -> AsyncIterator[Service]:
    async with running_service(speaking_asterisk, database) as service:
        yield service
        await service.remove_agents("1001", "1002")
        await speaking_asterisk.hang_up_all()
