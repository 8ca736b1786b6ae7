from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hotline.onebox.ami import AmiRefusedError
from hotline.onebox.demo import specialist_phones
from hotline.onebox.keeper import ConfigurationKeeper
from hotline.onebox.phones import MODULE, specialist_secret
from tests.fakes.clock import FakeClock


class PhoneFiles:
    """Where the phones are written, and an Asterisk that may refuse."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.differs = False
        self.written = 0
        self.reloaded: list[str] = []
        self.trouble: Exception | None = None
        self.keeper = ConfigurationKeeper("agent phones", self.write, self.reload, MODULE, self.clock)

    async def write(self) -> bool:
        self.written += 1
        changed, self.differs = self.differs, False
        return changed

    async def reload(self, module: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.reloaded.append(module)

    async def passes(self, seconds: float = 0) -> None:
        await self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
async def place() -> AsyncIterator[PhoneFiles]:
    place = PhoneFiles()
    place.keeper.start()
    await place.passes()
    yield place
    await place.keeper.close()


async def test_asterisk_reloads_only_what_differs(place: PhoneFiles) -> None:
    assert (place.written, place.reloaded) == (1, [])
    place.keeper.look()
    await place.passes()
    assert (place.written, place.reloaded) == (2, [])
    place.differs = True
    place.keeper.look()
    await place.passes()
    assert place.reloaded == [MODULE]


@pytest.mark.parametrize(
    "trouble", [AmiRefusedError("no"), ConnectionRefusedError(), TimeoutError(), RuntimeError("a bug")]
)
async def test_a_reload_that_failed_is_tried_again(place: PhoneFiles, trouble: Exception) -> None:
    place.trouble, place.differs = trouble, True
    place.keeper.look()
    await place.passes()
    assert place.reloaded == []
    place.trouble = None
    await place.passes(5)
    assert place.reloaded == [MODULE]
    await place.passes(60)
    assert place.reloaded == [MODULE]


async def test_it_ends_when_told(place: PhoneFiles) -> None:
    await place.keeper.close()
    place.keeper.look()
    await asyncio.sleep(0)
    assert place.written == 1


def test_each_specialists_phone_has_a_password_of_its_own() -> None:
    phones = specialist_phones("instance-secret")
    secrets = [secret for phone in phones for secret in (phone.web_secret, phone.desk_secret)]
    assert len(set(secrets)) == 2 * len(phones) >= 6
    assert "instance-secret" not in "".join(secrets)
    assert phones[0].desk_secret == specialist_secret("instance-secret", phones[0].number)
