"""asterisk-config/README.md, taken literally: its steps make a server whose every part is well."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hotline.app.settings import Settings
from hotline.onebox.account import unprivileged
from hotline.onebox.fetch import obtain
from ivr.prompts.catalogue import shipped_catalogue
from tests.phones.ports import free_port, own_network
from tests.phones.waiting import until

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "asterisk-config/README.md").read_text(encoding="utf-8")
STEPS = README.partition("## On a server of your own")[2].partition("\n## ")[0]
NOT_HERE = {
    "hotline prompt build": "minutes of a voice; the folders get a sound for each prompt instead",
    "systemctl": "there is no systemd; Asterisk is started by its program",
}


class Server:
    """The places of a server under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.distribution = obtain(Settings().cache)
        self.account = unprivileged()
        self.host = own_network()[0]
        self.http, self.ami, self.web = free_port(), free_port(), free_port()
        for name in ("etc/asterisk", "var/lib/hotline", "var/lib/asterisk", "var/log/asterisk", "run", "var/spool"):
            (folder / name).mkdir(parents=True)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
            if self.account is not None and path.name in ("asterisk", "run", "spool"):
                os.chown(path, self.account.uid, self.account.gid)

    def placed(self, text: str) -> str:
        """A line of the README with this server's places and people."""
        for path in (
            "/etc/asterisk",
            "/var/lib/asterisk",
            "/var/lib/hotline",
            "/var/spool/asterisk",
            "/var/log/asterisk",
        ):
            text = text.replace(path, f"{self.folder}{path}")
        text = text.replace("/usr/share/asterisk", str(self.distribution.data))
        owner, group = (self.account.uid, self.account.gid) if self.account else (os.geteuid(), os.getegid())
        text = text.replace("-o hotline", f"-o {os.geteuid()}").replace("-o asterisk", f"-o {owner}")
        text = re.sub(r"-g (hotline|asterisk)", f"-g {group}", text).replace("root:asterisk", f"root:{group}")
        return re.sub(r"^hotline\b", f"{sys.executable} -m hotline", text)

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "HOTLINE_HOME": f"{self.folder}/var/lib/hotline",
            "HOTLINE_HTTP__PORT": str(self.http),
            "HOTLINE_AMI__PORT": str(self.ami),
            "PYTHONPATH": str(ROOT),
        }

    def follow(self) -> None:
        """All steps of the README."""
        for block in re.findall(r"```toml\n(.*?)```", STEPS, re.DOTALL):
            (self.folder / "var/lib/hotline/hotline.toml").write_text(self.placed(re.sub("(?m)^ +", "", block)))
        for line in re.findall(r"^ {7}(\S.*)$", STEPS, re.MULTILINE):
            if line.startswith("astdatadir"):
                self._packagers_asterisk_conf(self.placed(line))
            elif line == "hotline prompt build":
                self.make_sounds()
            elif not any(line.startswith(start) for start in NOT_HERE):
                self._run(line)
            if "instance.example" in line:
                self._set_ports()

    def _run(self, line: str) -> None:
        done = subprocess.run(
            ["bash", "-ec", self.placed(line)], cwd=ROOT, env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"

    def _packagers_asterisk_conf(self, data: str) -> None:
        etc = self.folder / "etc/asterisk"
        places = {
            "astetcdir": etc,
            "astmoddir": self.distribution.modules,
            "astvarlibdir": self.folder / "var/lib/asterisk",
            "astdbdir": self.folder / "var/lib/asterisk",
            "astkeydir": self.folder / "var/lib/asterisk",
            "astspooldir": self.folder / "var/spool",
            "astrundir": self.folder / "run",
            "astlogdir": self.folder / "var/log/asterisk",
        }
        lines = [f"{name} => {path}" for name, path in places.items() if path is not None]
        options = (ROOT / "asterisk-config/asterisk.conf").read_text(encoding="utf-8")
        (etc / "asterisk.conf").write_text("[directories]\n" + "\n".join([*lines, data]) + "\n" + options)

    def _set_ports(self) -> None:
        instance = self.folder / "etc/asterisk/instance"
        for name, was, instead in (
            ("manager.conf", "port = 5038", f"port = {self.ami}"),
            ("http.conf", "bindport = 8088", f"bindport = {self.web}"),
            ("pjsip.conf", "127.0.0.1:5060", f"{self.host}:5060"),
        ):
            text = (instance / name).read_text(encoding="utf-8")
            assert was in text
            (instance / name).write_text(text.replace(was, instead), encoding="utf-8")

    def make_sounds(self) -> None:
        sounds = self.folder / "var/lib/asterisk/hotline/sounds"
        names = [f"{prompt.language}/{prompt.name}" for prompt in shipped_catalogue()]
        for name in (*names, "moh/hold"):
            file = sounds / f"{name}.alaw"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"\xd5" * 800)

    def asterisk(self, *arguments: str) -> list[str]:
        return [*self.distribution.command, "-C", f"{self.folder}/etc/asterisk/asterisk.conf", *arguments]

    def console(self, line: str) -> str:
        return subprocess.run(self.asterisk("-rx", line), capture_output=True, text=True, timeout=20).stdout

    async def parts(self) -> dict[str, dict[str, Any]]:
        try:
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"http://127.0.0.1:{self.http}/readyz") as answer,
            ):
                return {part["name"]: part for part in (await answer.json())["parts"]}
        except aiohttp.ClientError:
            return {}


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-server-"))
    server = Server(folder)
    running: list[subprocess.Popen[bytes]] = []
    try:
        server.follow()
        account: dict[str, Any] = {}
        if server.account is not None:
            account = {"user": server.account.uid, "group": server.account.gid, "extra_groups": []}
        log = (folder / "service.log").open("wb")
        running.append(subprocess.Popen(server.asterisk("-f"), stdout=log, stderr=log, **account))
        serve = [sys.executable, "-m", "hotline", "serve"]
        running.append(subprocess.Popen(serve, cwd=ROOT, env=server.environment(), stdout=log, stderr=log))
        log.close()
        yield server
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


async def test_the_steps_of_the_readme_make_a_server_that_is_well(server: Server) -> None:
    async def well() -> bool:
        parts = await server.parts()
        return bool(parts) and all(part["ok"] or part["name"] == "disk" for part in parts.values())

    await until(well, within=60, each=0.5, what="every part of /readyz is well")
    assert f"{server.folder}/var/lib/asterisk/hotline/moh/hold" in server.console("moh show files")
    assert "hotline-safe-flow" in server.console("dialplan show s@hotline-safe-flow")

    # What the old steps left out is seen, each by its own part.
    (server.folder / "var/lib/asterisk/hotline/moh").unlink()
    (server.folder / "etc/asterisk/extensions_safe.conf").unlink()
    server.console("dialplan reload")
    next((server.folder / "var/lib/asterisk/hotline/sounds/zh/hotline").iterdir()).unlink()
    parts = await server.parts()
    assert {name for name, part in parts.items() if not part["ok"]} - {"disk"} == {"music", "safe_flow", "prompts"}
    assert "hear nothing" in parts["music"]["detail"]
    assert "hotline flow safe" in parts["safe_flow"]["hint"]["en"]
