from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from hotline.app.settings import Settings
from hotline.kernel.settings import HttpSettings
from hotline.onebox import fetch
from hotline.onebox.account import Account
from hotline.onebox.errors import FetchError, NotReadyError
from hotline.onebox.pids import is_alive
from hotline.onebox.preflight import check_machine, sole_instance
from hotline.onebox.sockets import owner_of
from ivr.settings import AmiSettings, AsteriskSettings
from tests.phones.ports import free_port, own_network


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    host, trunk, _ = own_network()
    return Settings(
        home=tmp_path / "home",
        cache=tmp_path / "cache",
        http=HttpSettings(port=free_port()),
        ami=AmiSettings(port=free_port()),
        asterisk=AsteriskSettings(sip_host=host, trunk_host=trunk, web_port=free_port()),
    )


def problems(settings: Settings) -> list[str]:
    """What `check_machine` finds, without what pytest's closed folders add for the unprivileged user."""
    try:
        check_machine(settings)
    except NotReadyError as error:
        return [line for line in error.detail.splitlines() if "may not enter" not in line]
    return []


def without_asterisk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """PATH with neither asterisk nor mmdebstrap, but with what else is needed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("id", "useradd"):
        (tools / name).symlink_to(Path("/bin/true"))
    monkeypatch.setenv("PATH", str(tools))


def test_a_taken_port_names_who_has_it(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.http.port)):
        (line,) = [line for line in problems(settings) if line.startswith("http.port")]
    assert f"127.0.0.1:{settings.http.port} is taken" in line
    assert f"(pid {os.getpid()})" in line
    assert "HOTLINE_HTTP__PORT" in line


def test_a_taken_sip_port_is_found_too(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((settings.asterisk.sip_host, settings.asterisk.sip_port))
        assert any(line.startswith("asterisk.sip_port") for line in problems(settings))


def test_an_address_of_another_machine_is_reported(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"http": HttpSettings(host="192.0.2.1", port=8080)})
    assert any("192.0.2.1 is no address of this machine" in line for line in problems(elsewhere))


def test_a_home_that_is_a_file_is_reported(settings: Settings) -> None:
    settings.home.write_text("")
    assert any("is a file" in line for line in problems(settings))


def test_all_problems_are_reported_at_once(settings: Settings) -> None:
    with (
        socket.create_server(("127.0.0.1", settings.http.port)),
        socket.create_server(("127.0.0.1", settings.ami.port)),
    ):
        found = " ".join(problems(settings))
    assert "http.port" in found
    assert "ami.port" in found


def test_a_missing_tool_names_its_package(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_asterisk(monkeypatch, tmp_path)
    assert any("apt-get install mmdebstrap" in line for line in problems(settings))
    with pytest.raises(NotReadyError, match="apt-get install mmdebstrap"):
        fetch.obtain(settings.cache)
    assert [path.name for path in settings.cache.iterdir()] == ["asterisk.lock"]


def test_a_fetch_that_fails_says_why_and_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_asterisk(monkeypatch, tmp_path)
    program = tmp_path / "tools/mmdebstrap"
    program.write_text("#!/bin/sh\necho 'I: downloading'\necho 'E: no such mirror'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/bin")
    told: list[str] = []
    with pytest.raises(FetchError, match="no such mirror"):
        fetch.obtain(settings.cache, told.append)
    assert "downloading" in told
    assert [path.name for path in settings.cache.iterdir()] == ["asterisk.lock"]


def test_a_fetch_that_is_given_up_leaves_no_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_asterisk(monkeypatch, tmp_path)
    program = tmp_path / "tools/mmdebstrap"
    program.write_text("#!/bin/sh\nsleep 600 &\necho I: $$\necho I: $!\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/bin")
    given_up = threading.Event()
    pids: list[int] = []

    def progress(line: str) -> None:
        if line.isdecimal():
            pids.append(int(line))
            if len(pids) == 2:
                given_up.set()

    with pytest.raises(FetchError, match="given up"):
        fetch.obtain(settings.cache, progress, given_up)
    assert len(pids) == 2
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline
    assert [path.name for path in settings.cache.iterdir()] == ["asterisk.lock"]


def test_who_waits_for_anothers_fetch_may_give_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_asterisk(monkeypatch, tmp_path)
    settings.cache.mkdir()
    given_up = threading.Event()
    with (settings.cache / "asterisk.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="given up"):
            fetch.obtain(settings.cache, lambda line: given_up.set(), given_up)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sources.list", "# old\ndeb [arch=amd64] http://mirror.example/debian bookworm main\n"),
        ("sources.list.d/a.sources", "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\n"),
    ],
)
def test_the_hosts_own_mirror_is_used(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d/other.list").write_text("deb https://packages.example/node x main\n")
    (tmp_path / name).write_text(text)
    keyring = tmp_path / "key.gpg"
    keyring.touch()
    line = fetch.debian_source(tmp_path, keyring)
    assert line == f"deb [signed-by={keyring}] http://mirror.example/debian forky main"


def test_a_host_without_a_debian_mirror_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="HOTLINE_DEBIAN_MIRROR"):
        fetch.debian_source(tmp_path)


def test_one_process_holds_an_instance(tmp_path: Path) -> None:
    with sole_instance(tmp_path), pytest.raises(NotReadyError, match=f"pid {os.getpid()}"), sole_instance(tmp_path):
        pass
    with sole_instance(tmp_path):
        pass


def test_a_folder_the_account_may_not_enter_is_found(tmp_path: Path) -> None:
    nobody = Account("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    open_parent = Path("/usr/share")
    assert nobody.first_closed(open_parent) is None
    assert nobody.first_closed(closed / "deeper") is not None


def test_nobody_owns_a_free_port() -> None:
    assert owner_of(free_port()) == ""
