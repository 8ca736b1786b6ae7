"""Flow files that want to use up the machine: each command says what is wrong in a line, and at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callflow.document import FlowInvalidError, read_file
from hotline.cli.main import app

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine lines of text that are 9⁹ words once they are written out."""
COMMANDS = {
    "check": ["flow", "check"],
    "simulate": ["flow", "simulate"],
    "test": ["flow", "test"],
    "publish": ["flow", "publish", "--note", "试"],
}


def said(command: list[str], file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOTLINE_HOME", str(file.parent / "home"))
    began = time.process_time()
    result = CliRunner().invoke(app, [*command, str(file)])
    assert result.exit_code == 1
    assert time.process_time() - began < 5
    # `main` prints what a command raises; `flow check` prints its findings itself.
    return result.output + str(getattr(result.exception, "detail", ""))


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_bomb_of_aliases_is_refused_with_its_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(BOMB, encoding="utf-8")
    text = said(command, file, monkeypatch)
    assert "*a: write the part out again" in text
    assert "line 2" in text or ":2:" in text


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_50_megabytes_are_refused_with_the_limit(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"- node\n" * (50_000_000 // 7))
    assert "large.yaml: larger than 8 MB" in said(command, file, monkeypatch)


def test_a_device_that_never_ends_is_no_flow() -> None:
    with pytest.raises(FlowInvalidError, match="larger than 8 MB"):
        read_file(Path("/dev/zero"))
