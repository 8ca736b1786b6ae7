"""The safe flow of the one-box on a real Asterisk: what it takes is in force, what it cannot take changes nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from callflow.compile import compile_safe_flow, mark_of
from callflow.compile.dialplan import Extension
from callflow.document import Flow
from hotline.app.asterisk_files import AsteriskFiles, dialplan_has
from hotline.kernel.clock import SystemClock
from hotline.kernel.errors import UnavailableError
from hotline.onebox.configure import SAFE_FLOW, write_safe_flow
from hotline.onebox.safe_flow import SafeFlowFile, SafeFlowRefusedError
from hotline.onebox.up import DIALPLAN
from ivr.ami import AmiClient
from tests.callflow.calls import shipped_flow
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

pytestmark = pytest.mark.real


class SafeFlowHouse:
    """The file, Asterisk, and what the service's readiness says."""

    def __init__(self, asterisk: RealAsterisk, ami: AmiClient) -> None:
        self.asterisk = asterisk
        self.ami = ami
        self.live = version(1)
        self.path = asterisk.instance.directories.etc / SAFE_FLOW
        self.file = SafeFlowFile(asterisk.instance, lambda: self.live, asterisk.process.reload, self.has)
        self.readiness = AsteriskFiles(ami.switchboard, asterisk.settings.sounds, lambda: self.live)

    async def has(self, extension: str) -> bool:
        return await dialplan_has(self.ami.switchboard, extension)

    async def publish(self, flow: Flow) -> None:
        """What a keeper does after a publication."""
        self.live = flow
        if await self.file.write():
            await self.file.reload(DIALPLAN)


def version(number: int) -> Flow:
    return replace(shipped_flow(), version=number)


def unreadable(flow: Flow) -> Flow:
    """With an action whose rule writes what no dialplan is."""

    def broken(_: Any, out: Extension) -> None:
        out.lines.append("[never-closed")

    node = flow.nodes["goodbye"]
    action = replace(cast("Any", node.action), safe=broken)
    return replace(flow, nodes={**flow.nodes, "goodbye": replace(node, action=action)})


@pytest.fixture
async def house(real_asterisk: RealAsterisk) -> AsyncIterator[SafeFlowHouse]:
    ami = AmiClient(real_asterisk.settings.ami, SystemClock(), lambda _: None)
    await ami.start()
    try:
        await until(lambda: ami.ready, what="the AMI link is ready")
        house = SafeFlowHouse(real_asterisk, ami)
        write_safe_flow(real_asterisk.instance, compile_safe_flow(house.live))
        await real_asterisk.process.reload(DIALPLAN)
        yield house
    finally:
        await ami.close()
        (real_asterisk.instance.directories.etc / SAFE_FLOW).unlink(missing_ok=True)


async def test_a_publication_is_in_force_without_a_restart(house: SafeFlowHouse) -> None:
    before = house.asterisk.pid
    assert await house.readiness.check_safe_flow() == "enterprise 1"
    await house.publish(version(2))
    assert await house.has(mark_of(compile_safe_flow(version(2))))
    assert await house.readiness.check_safe_flow() == "enterprise 2"
    assert house.asterisk.pid == before


async def test_one_that_asterisk_cannot_read_leaves_the_last_good_one_and_is_reported(
    house: SafeFlowHouse,
) -> None:
    await house.publish(version(2))
    with pytest.raises(SafeFlowRefusedError, match="enterprise, version 3"):
        await house.publish(unreadable(version(3)))
    assert await house.has(mark_of(compile_safe_flow(version(2)))), "callers hear version 2 without the service"
    assert house.path.read_text() == compile_safe_flow(version(2)), "and so after a restart of Asterisk"
    with pytest.raises(UnavailableError, match="not that of enterprise, version 3"):
        await house.readiness.check_safe_flow()
    assert not await house.file.write(), "it is not tried again and again"
    await house.publish(version(4))
    assert await house.readiness.check_safe_flow() == "enterprise 4"


async def test_with_asterisk_away_the_file_stays_until_it_is_back(house: SafeFlowHouse) -> None:
    good = house.path.read_text()
    await house.asterisk.stop()
    await until(lambda: not house.ami.ready, what="the link is down")
    with pytest.raises(UnavailableError):
        await house.publish(version(2))
    assert house.path.read_text() == good
    await house.asterisk.start()
    await until(lambda: house.ami.ready, within=20, what="the link is back")
    assert await house.has(mark_of(good)), "a call that comes before the next attempt gets the last good one"
    await house.publish(version(2))
    assert await house.readiness.check_safe_flow() == "enterprise 2"


@pytest.fixture
def full_disk(house: SafeFlowHouse) -> Iterator[None]:
    """The folder of the file as a disk of its own that has no room for another one."""
    folder = house.path.parent
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    size = sum(-(-len(content) // 4096) * 4096 + 4096 for content in files.values())
    owner = folder.stat()
    options = f"size={size},gid={owner.st_gid},mode=750"
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("needs root and the right to mount a small disk")
    try:
        for path, content in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(content)
        with pytest.raises(OSError, match="No space left"):
            (folder / "filler").write_bytes(b"0" * size)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_leaves_the_last_good_one(house: SafeFlowHouse, full_disk: None) -> None:
    good = house.path.read_text()
    with pytest.raises(OSError, match="No space left"):
        await house.publish(version(2))
    assert house.path.read_text() == good
    assert await house.has(mark_of(good))
    assert [path.name for path in house.path.parent.glob(f".{SAFE_FLOW}.*")] == [], "nothing half-written stays"
    (house.path.parent / "filler").unlink()
    assert await house.file.write(), "the next attempt succeeds"


def test_the_mark_is_of_the_whole_text(tmp_path: Path) -> None:
    one, two = compile_safe_flow(version(1)), compile_safe_flow(version(2))
    assert mark_of(one) != mark_of(two)
    assert mark_of(one) == mark_of(compile_safe_flow(version(1)))
    assert mark_of(one) in one.splitlines()[-1]
    assert mark_of("[hotline-safe-flow]\nexten => s,1,NoOp()\n") == "", "as an earlier release wrote it"
