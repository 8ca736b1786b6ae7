"""What keeps a service from running is one clear line and exit status 1, and harms nobody who runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import new_number, until_at
from tests.phones.pjsua import PjsuaPhone
from tests.phones.ports import free_port
from tests.stories.city import City, environment

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

ORDINARY = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""What makes of root somebody to whom permissions apply."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of one's own, open to the unprivileged too."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-refused-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def refusal(home: Path, *, unprivileged: bool = False, within: float = 60, **settings: str) -> str:
    """The one line that `hotline serve` ends with."""
    service = await asyncio.create_subprocess_exec(
        *(ORDINARY if unprivileged and os.geteuid() == 0 else ()),
        sys.executable,
        "-m",
        "hotline",
        "serve",
        env=os.environ | {"HOTLINE_HOME": str(home), "HOTLINE_AMI__PORT": "1"} | settings,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within):
            _, stderr = await service.communicate()
    finally:
        if service.returncode is None:
            service.kill()
            await service.wait()
    text = stderr.decode()
    assert service.returncode == 1, text
    assert "Traceback" not in text
    said = [line for line in text.splitlines() if line.startswith("hotline: ")]
    assert len(said) == 1, text
    assert text.splitlines()[-1] == said[0]
    return said[0]


async def test_a_taken_port(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = await refusal(home, HOTLINE_HTTP__PORT=str(port))
    assert f"127.0.0.1:{port}" in line
    assert "http.port" in line


async def test_no_right_to_its_folder(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o500)
    try:
        line = await refusal(closed / "hotline", unprivileged=True)
    finally:
        closed.chmod(0o700)
    assert str(closed) in line
    assert "HOTLINE_HOME" in line


async def test_a_database_that_cannot_be_opened(home: Path) -> None:
    line = await refusal(home, HOTLINE_DATABASE__URL=f"sqlite:///{home}")
    assert "database" in line.lower()


async def test_a_broken_settings_file(home: Path) -> None:
    (home / "hotline.toml").write_text("[http\nport = 8080\n")
    line = await refusal(home)
    assert str(home / "hotline.toml") in line
    assert "TOML" in line


async def test_a_misspelt_setting(home: Path) -> None:
    (home / "hotline.toml").write_text("[http]\nprot = 8080\n")
    line = await refusal(home)
    assert "http.prot" in line


async def test_a_flow_with_a_dangling_branch(home: Path) -> None:
    flow = home / "flow.yaml"
    shipped = Path(__file__).parents[2] / "callflow" / "flows" / "enterprise.yaml"
    text = shipped.read_text(encoding="utf-8")
    flow.write_text(text.replace('"1": to-enterprise', '"1": to-nowhere', 1), encoding="utf-8")
    line = await refusal(home, HOTLINE_FLOW=str(flow))
    assert "to-nowhere" in line


async def test_a_second_service_with_the_same_home(city: City) -> None:
    line = await refusal(city.settings.home, HOTLINE_HTTP__PORT=str(free_port()))
    assert f"pid {city.pid}" in line
    assert await city.ready()


async def test_a_second_service_on_the_same_asterisk_leaves_the_first_alone(city: City, home: Path) -> None:
    asterisk = {name: value for name, value in environment(city.settings).items() if name.startswith("HOTLINE_")}
    others = {"HOTLINE_HOME": str(home), "HOTLINE_HTTP__PORT": str(free_port()), "HOTLINE_DATABASE__URL": ""}
    async with city.workspace("agent1") as workspace, PjsuaPhone.desk_phone(city.asterisk, "1001"):
        await workspace.ready()
        second = asyncio.create_task(refusal(home, unprivileged=False, within=60, **asterisk | others))
        # A call while the second one finds out goes to the first: its agent's page shows it.
        async with PjsuaPhone.caller(city.asterisk, new_number()) as caller:
            await caller.call_and_wait()
            await until_at(city, caller.user, "in_service")
            caller.press("1")
            await workspace.wait_call("ringing", within=30)
            line = await second
            assert str(city.settings.home) in line
            assert workspace.agent["state"] == "ringing"
            caller.hang_up()
            await caller.wait_for("disconnected")
        async with PjsuaPhone.caller(city.asterisk, new_number()) as caller:
            await caller.call_and_wait()
            await until_at(city, caller.user, "in_service")
        await workspace.do("sign_out")
    assert await city.ready()
