"""A prompt that cannot be played costs the caller a sentence, never the call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stories.office import Office, keys, nodes

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


def is_missing(file: Path) -> None:
    file.unlink()


def is_empty(file: Path) -> None:
    file.write_bytes(b"")


def may_not_be_read(file: Path) -> None:
    """As after copying a recording with the wrong rights: it is there, and Asterisk cannot open it."""
    file.chmod(0)


def is_cut_off(file: Path) -> None:
    file.write_bytes(b"\x80\x81\x82" * 7)


@contextmanager
def spoilt(office: Office, prompt: str, how: Callable[[Path], None]) -> Iterator[None]:
    """Every file of this prompt, in every language."""
    files = list(office.city.settings.sounds.glob(f"*/hotline/{prompt}.*"))
    assert files
    kept = {file: file.read_bytes() for file in files}
    for file in files:
        how(file)
    try:
        yield
    finally:
        for file, sound in kept.items():
            file.unlink(missing_ok=True)
            file.write_bytes(sound)
            file.chmod(0o644)


@pytest.mark.parametrize("how", [is_missing, is_empty, may_not_be_read, is_cut_off])
async def test_the_welcome(office: Office, how: Callable[[Path], None]) -> None:
    with spoilt(office, "welcome", how):
        async with office.caller() as caller:
            call = await office.comes_to(caller, "menu")
            assert nodes(call)[-2:] == ["announcements", "menu"]
            assert not caller.seen("disconnected")


@pytest.mark.parametrize("how", [is_missing, may_not_be_read])
async def test_the_menu(office: Office, how: Callable[[Path], None]) -> None:
    with spoilt(office, "menu-main", how):
        async with office.on_duty() as workspace, office.caller() as caller:
            caller.press("4")
            await office.comes_to(caller, "english-menu")
            caller.press("1")
            call = await workspace.wait_call("ringing")
            assert call["queue"] == "enterprise"
            assert keys(call) == ["4", "1"]


async def test_the_survey(office: Office) -> None:
    with spoilt(office, "survey-ask", may_not_be_read):
        async with office.talk() as talk:
            # A phone sends keys and voice in one stream: once its voice is heard, both keys of the talk are past.
            await talk.hear(agent={"caller"}, caller={"agent"})
            talk.agent.hang_up()
            await office.comes_to(talk.caller, "survey")
            talk.caller.press("4")
            await talk.caller.wait_for("disconnected", within=20)
        assert (await talk.record())["survey"] == 4
