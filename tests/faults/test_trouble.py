"""Trouble that the service lives with until an operator mends it: a wrong password, a full disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from tests.faults.figures import FaultFigure, Figures, Stopwatch
from tests.faults.stage import finished, lost, new_number, scene_in, until_at
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_a_wrong_ami_password_is_said_once_and_callers_get_the_safe_flow(city: City, figures: Figures) -> None:
    right = city.settings
    await city.stop()
    before = len(city.log())
    wrong = right.ami.model_copy(update={"secret": SecretStr("not-the-secret")})
    city.settings = right.model_copy(update={"ami": wrong})
    try:
        await city.launch()

        async def refused() -> bool:
            ami = await ill(city, "ami")
            return ami is not None and "refused" in ami["detail"]

        await until(refused, within=40, each=0.2, what="/readyz tells of the log-in")
        async with PjsuaPhone.caller(city.asterisk, new_number()) as caller:
            await caller.call_and_wait()
            await until_at(city, caller.user, "in_safe_flow")
            said = city.log()[before:]
            assert said.count("AMI log-in refused") == 1
            assert "ami.secret" in said
            assert "not-the-secret" not in said
            assert "Traceback" not in said
            await city.stop()
            city.settings = right
            watch = Stopwatch()
            await city.start()
            recovery = watch.seconds
            gone = await lost(city, [caller])
            caller.hang_up()
            await caller.wait_for("disconnected")
    except BaseException:
        await city.stop()
        city.settings = right
        raise
    async with city.as_user("supervisor") as log:
        found = await finished(log, [caller.user])
    figures.add(
        FaultFigure(
            fault="wrong AMI password",
            calls=1,
            lost=gone,
            missing=1 - len(found),
            recovery=recovery,
            recovered="start with the right one until callers are served",
        )
    )
    assert gone == 0
    assert found[caller.user]["safe_reason"] == "no-client"


@pytest.fixture
def small_disk(city: City) -> Iterator[Path]:
    """The folder of recordings as a disk of its own, with room for a moment."""
    folder = city.settings.recordings
    owner = folder.stat()
    options = f"size=512k,uid={owner.st_uid},gid={owner.st_gid},mode={owner.st_mode & 0o7777:o}"
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True
        ).returncode
    )
    if not mounted:
        # A container may well refuse root the mount; the run's last lines say what was left out, and why.
        pytest.skip("needs root and the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_costs_the_recording_and_not_the_call(city: City, small_disk: Path, figures: Figures) -> None:
    before = len(city.log())
    async with scene_in(city) as scene:
        fill(small_disk)
        await city.asterisk.until_lasts("PJSIP/trunk", 5)
        gap = await scene.assert_talk_goes_on()
        async with PjsuaPhone.caller(city.asterisk, new_number()) as newcomer:
            await newcomer.call_and_wait()
            newcomer.press("1")
            await until_at(city, newcomer.user, "waiting")
            disk = await ill(city, "disk")
            assert disk is not None
            assert str(small_disk) in disk["detail"]
            assert not disk["critical"]
            await until(lambda: "part=disk" in city.log()[before:], within=30, each=0.2, what="the log tells of it")
            gone = await lost(city, (*scene.callers, newcomer))
            newcomer.hang_up()
            await newcomer.wait_for("disconnected")
        await scene.end()
        numbers = [*(phone.user for phone in scene.callers), newcomer.user]
        found = await finished(scene.log, numbers)
    figures.add(FaultFigure(fault="disk of the recordings full", calls=4, lost=gone, missing=4 - len(found), gap=gap))
    assert gone == 0
    assert set(found) == set(numbers)
    assert found[scene.talking.user]["outcome"] == "answered"
    assert "Traceback" not in city.log()[before:]


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


async def ill(city: City, name: str) -> dict[str, Any] | None:
    """What /readyz says of this part, where it finds fault with it."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{city.address}/readyz") as answer:
            parts = (await answer.json())["parts"]
    except aiohttp.ClientError:
        return None
    return next((part for part in parts if part["name"] == name and not part["ok"]), None)
