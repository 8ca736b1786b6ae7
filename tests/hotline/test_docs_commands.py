"""Every command that the documentation names works: Asterisk's on the real one, the others in a shell."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import typer.main

from callflow.document import SHIPPED_FLOW
from hotline.cli.main import app
from hotline.onebox.render import AgentEndpoints, endpoints
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone

ROOT = Path(__file__).resolve().parents[2]
DOCS = [
    *ROOT.glob("README*.md"),
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/**/*.md"),
    ROOT / "asterisk-config/README.md",
]
SHELL = {"", "sh", "bash", "console"}
PROGRAMS = {"asterisk", "apt-get", "curl", "hotline", "make", "nginx", "pg_dump", "promtool", "python", "python3", "ln"}

NOT_RUN = {
    "chown -R root:asterisk": "needs the user asterisk; tests/hotline/onebox/test_own_server.py follows these steps",
    "install -d -o": "needs the user asterisk; tests/hotline/onebox/test_own_server.py follows these steps",
    "cp -r asterisk-config/": "a server's folders; tests/hotline/onebox/test_own_server.py follows these steps",
    "ln -sfn ": "a server's folders; tests/hotline/onebox/test_own_server.py follows these steps",
    "systemctl ": "needs systemd",
    "nginx -t": "needs nginx as the system's service",
    "curl -sS https://": "needs the name and certificate of a city",
    "for i in $(seq 40)": "needs the name and certificate of a city",
    "for of in PyPI npm": "fetches the advisories from the internet",
    "python -m tests.web.pictures": "minutes of Chromium; tests/web open the same pages",
    "pg_dump": "needs a PostgreSQL database of a city",
    "make ": "the whole build or test run; its target is looked up instead",
    "python -m bench.": "a benchmark: minutes on a machine of its own",
    "python -m tests.faults.figures": "minutes of faults on a machine of its own",
    "hotline up": "runs until it is stopped; tests/stories",
    "hotline serve": "runs until it is stopped; tests/faults",
    "hotline call": "needs the one-box; tests/stories",
    "hotline drill": "needs the one-box; tests/callflow/test_drill_real.py",
    "hotline flow publish": "the file is in force already; tests/stories/test_agents_come_and_go.py",
    "hotline flow rollback": "the version is in force already; tests/stories/test_agents_come_and_go.py",
    "hotline prompt build": "minutes of a voice; tests/hotline/onebox/test_own_server.py builds prompts",
    "hotline prompt check --production": "exits 1 until there are recordings; tests/ivr/prompts",
}
"""By how a command begins, with the reason. `hotline` commands among them are checked for their options."""


@dataclass(frozen=True)
class Command:
    where: str
    line: str


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Fenced blocks: line, language, text."""
    for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 2, found.group(1), found.group(2)


def _commands(path: Path) -> Iterator[Command]:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    for line, language, block in _blocks(text):
        if language in SHELL:
            lines = _lines(f"{name}:{line}", block)
            # Drawings and layouts of folders stand in blocks without a language too.
            yield from (c for c in lines if language or _is_command(c.line.split()[0]))
    outside = re.sub(r"^ *```.*?^ *```$", lambda m: "\n" * m.group().count("\n"), text, flags=re.MULTILINE | re.DOTALL)
    for found in re.finditer(r"(?:^ {4,}\S.*\n)+", outside, re.MULTILINE):
        if _is_command(found.group().split()[0]):
            yield from _lines(f"{name}:{outside.count(chr(10), 0, found.start()) + 1}", found.group())
    for found in re.finditer(r"`([^`\n]+)`", outside):
        if _is_command(found.group(1).split(" ")[0]) and " " in found.group(1):
            yield Command(f"{name}:{outside.count(chr(10), 0, found.start()) + 1}", found.group(1))


def _is_command(word: str) -> bool:
    return word.rpartition("/")[2] in PROGRAMS | {"install", "chown", "for", "[", "cp"}


def _lines(where: str, block: str) -> Iterator[Command]:
    for line in block.replace("\\\n", " ").splitlines():
        line = re.sub(r"\s{2,}#.*$", "", line).strip()
        if line and not line.startswith("#"):
            yield Command(where, line)


COMMANDS = [command for path in sorted(DOCS) for command in _commands(path)]
OF_ASTERISK = [c for c in COMMANDS if "asterisk -rx" in c.line]
OTHERS = [c for c in COMMANDS if c not in OF_ASTERISK]


def _reason(line: str) -> str | None:
    return next((reason for start, reason in NOT_RUN.items() if _starts(line, start)), None)


def _starts(line: str, start: str) -> bool:
    return line.removeprefix(".venv/bin/").startswith(start)


def named(command: Command) -> str:
    return f"{command.where} {command.line}"[:80]


def test_the_docs_name_commands() -> None:
    """So that an extraction which finds none is no success."""
    assert {"module reload res_pjsip.so", "dialplan reload"} <= {
        word for c in OF_ASTERISK for word in re.findall(r"asterisk -rx '([^']+)'", c.line)
    }
    assert len(OTHERS) > 30


@pytest.mark.real
@pytest.mark.parametrize("command", OF_ASTERISK, ids=named)
async def test_asterisk_knows_the_command(real_asterisk: RealAsterisk, command: Command) -> None:
    for line in re.findall(r"asterisk -rx '([^']+)'", command.line):
        answer = await real_asterisk.cli(line)
        assert not re.search("No such command|Usage:|not loaded|fail", answer), answer


@pytest.mark.real
async def test_the_command_of_the_docs_makes_new_agents_phones_known(real_asterisk: RealAsterisk) -> None:
    operations = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    reload = re.search(r"`hotline agent endpoints` prints.*?`asterisk -rx '([^']+)'`", operations, re.DOTALL)
    assert reload is not None
    phones = AgentEndpoints("1077", "web-secret-1077", "desk-secret-1077")
    file = real_asterisk.instance.directories.etc / "instance/pjsip.conf"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(before + endpoints([phones]), encoding="utf-8")
        await real_asterisk.cli(reload.group(1))
        async with PjsuaPhone(real_asterisk, host=real_asterisk.sip_host, user="1077", secret=phones.desk_secret):
            assert "1077-web" in await real_asterisk.cli("pjsip show endpoints")
    finally:
        file.write_text(before, encoding="utf-8")
        await real_asterisk.cli(reload.group(1))


def _parse(words: list[str]) -> None:
    """The arguments as the program takes them, without running it. A command alone is only a mention of it."""
    alone = not any(word.startswith("-") for word in words)
    command: click.Command = typer.main.get_command(app)  # type: ignore[assignment]
    while hasattr(command, "commands") and words:
        assert words[0] in command.commands, f"no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    if not hasattr(command, "commands") and (words or not alone):
        command.make_context("hotline", words)


def _as_run(line: str, home: Path) -> str:
    """With the places of a test in place of a server's, and values in place of their names."""
    for word, value in {
        "/etc/asterisk": str(home),
        "/var/lib/hotline": str(home),
        "/backup": str(home),
        "docs/case-states.md": str(home / "case-states.md"),
        "FILE": str(SHIPPED_FLOW),
        "NUMBER": "1007",
        "NAME": "somebody",
        "--name …": "--name 某人",
        "--role …": "--role system_admin",
        " …": "",
    }.items():
        line = line.replace(word, value)
    line = re.sub(r"^(\.venv/bin/)?hotline\b", "python -m hotline", line)
    return re.sub(r"^python3?\b", sys.executable, line)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("docs")
    _shell(f"{sys.executable} -m hotline db upgrade", home)
    # The last system administrator cannot be given other roles.
    _shell(f"{sys.executable} -m hotline user create another --name 另一人 --role system_admin", home)
    return home


def _shell(line: str, home: Path) -> None:
    done = subprocess.run(
        ["bash", "-ec", line],
        cwd=ROOT,
        env={**os.environ, "HOTLINE_HOME": str(home), "HOTLINE_CACHE": str(home / "cache")},
        input=f"correct horse {secrets.token_hex(4)}\n",  # None may be used again.
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("command", OTHERS, ids=named)
def test_the_command_runs(command: Command, home: Path) -> None:
    line = _as_run(command.line, home)
    reason = _reason(command.line)
    words = shlex.split(line.partition(">")[0], comments=True)
    of_hotline = words[1:3] == ["-m", "hotline"]
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert {word for word in words[1:] if "=" not in word} <= set(targets)
    elif of_hotline and (reason is not None or _is_mention(words[3:])):
        _parse(words[3:])
    elif reason is None:
        _shell(line, home)


def _is_mention(words: list[str]) -> bool:
    """Whether these are words of a command alone, which asks for more."""
    return words in (["phone"], ["prompt", "upload"], ["user", "reset"])


def test_each_reason_not_to_run_a_command_is_needed() -> None:
    assert {start for start in NOT_RUN if not any(_starts(c.line, start) for c in OTHERS)} == set()
