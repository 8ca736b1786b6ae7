"""Asterisk starts no program, whoever asks it: not for a thief of the AMI secret, not for its own console."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline.onebox import no_exec
from hotline.onebox.ami import AmiDialog, ami_dialog
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

LAUNCH = (sys.executable, "-I", "-S", no_exec.__file__)


def launched(*command: str, identity: str = "-") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LAUNCH, identity, *command], capture_output=True, text=True, check=False, timeout=20)


def test_the_program_runs_and_starts_no_other() -> None:
    assert launched("/bin/echo", "one", "two words").stdout == "one two words\n"
    refused = launched("/bin/sh", "-c", "echo begins; /bin/echo never")
    assert (refused.stdout, refused.returncode) == ("begins\n", 126)
    assert "not permitted" in refused.stderr


def test_the_filter_stays_with_children() -> None:
    inner = "import os; print(os.fork() and os.wait()[1] or os.execv('/bin/echo', ['echo', 'never']))"
    assert "never" not in launched(sys.executable, "-c", inner).stdout


def test_a_program_that_is_missing_says_so() -> None:
    done = launched("/no/such/asterisk")
    assert done.returncode == 1
    assert "/no/such/asterisk cannot be run" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="changes the user")
def test_it_becomes_the_user_and_has_no_other_group() -> None:
    assert launched("/usr/bin/id", "-u", identity="12345:12346").stdout == "12345\n"
    assert launched("/usr/bin/id", "-G", identity="12345:12346").stdout == "12346\n"


# --- on the real Asterisk, by all that the service's AMI user may do -------------------------------------


@pytest.fixture
async def ami(real_asterisk: RealAsterisk) -> AsyncIterator[AmiDialog]:
    instance = real_asterisk.instance
    async with ami_dialog(instance.ami_host, instance.ami_port, instance.ami_user, instance.ami_secret) as dialog:
        yield dialog
    await real_asterisk.hang_up_all()


async def _steered(dialog: AmiDialog) -> str:
    """A channel that runs AsyncAGI."""
    await dialog.ask(
        "Originate",
        Channel="Local/12345@from-web/n",
        Context="hotline-demo-caller",
        Exten="s",
        Priority="1",
        Async="true",
    )
    started = await dialog.wait_for("AsyncAGIStart")
    return started["Channel"]


@pytest.mark.real
@pytest.mark.parametrize(
    "command",
    [
        'EXEC MixMonitor "{file}.wav,,touch {file}"',
        'EXEC AGI "/bin/touch,{file}"',
        'EXEC AGI "/bin/sh,-c,touch {file}"',
    ],
    ids=["MixMonitor", "AGI", "AGI shell"],
)
async def test_the_right_to_agi_is_no_shell(real_asterisk: RealAsterisk, ami: AmiDialog, command: str) -> None:
    await real_asterisk.cli("dialplan set global APP_LEASE 9999999999")
    file = real_asterisk.instance.directories.spool / uuid.uuid4().hex
    channel = await _steered(ami)
    await ami.ask("AGI", Channel=channel, Command=command.format(file=file), CommandID="1")
    await ami.wait_for("AsyncAGIExec")
    await ami.ask("AGI", Channel=channel, Command="EXEC StopMixMonitor", CommandID="2")
    await ami.wait_for("AsyncAGIExec")
    await real_asterisk.hang_up_all()
    wav = Path(f"{file}.wav")
    if "MixMonitor" in command:
        await until(wav.exists, what="the recorder did its work")
    await until(lambda: not _children(real_asterisk.pid), what="its helpers are gone")
    assert not file.exists()


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.real
async def test_its_filter_is_on(real_asterisk: RealAsterisk) -> None:
    status = await until(Path(f"/proc/{real_asterisk.pid}/status").read_text)
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
