import asyncio
import hashlib
from pathlib import Path

import pytest
import soundfile
from sqlalchemy import select
from typer.testing import CliRunner

from hotline.accounts.models import AuditEntry
from hotline.app.settings import Settings
from hotline.cli.prompts import prompt_app
from hotline.kernel.migrate import upgrade
from hotline.kernel.revision import current_database
from tests.ivr.prompts.sounds import as_file, tone


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTLINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOTLINE_SPEECH__PROVIDER", "none")
    return lambda *arguments: CliRunner().invoke(prompt_app, arguments)


@pytest.fixture
def recording(tmp_path):
    file = tmp_path / "recording.wav"
    file.write_bytes(as_file(tone(1.0)))
    return str(file)


def test_list_shows_words_and_sources(run, recording):
    run("upload", "welcome", "zh", recording)
    lines = run("list", "--language", "zh").output.splitlines()
    assert "recording" in lines[0]
    assert "12345政务服务便民热线" in lines[0]
    assert any("missing" in line for line in lines)
    assert all(line.startswith("zh") for line in lines)


def test_build_names_what_cannot_be_made(run):
    result = run("build")
    assert result.exit_code == 1
    assert "hotline prompt upload" in result.output
    assert "sounds are missing" in result.output
    assert "Traceback" not in result.output


def test_check_shows_what_a_call_would_miss(run, recording):
    run("upload", "welcome", "zh", recording)
    result = run("check")
    assert result.exit_code == 1
    assert "zh/goodbye: missing" in result.output
    assert "zh/welcome" not in result.output


def test_a_bad_upload_is_one_line(run, tmp_path):
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear hotline")
    result = run("upload", "welcome", "zh", str(letter))
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "cannot be decoded" in result.output


def test_a_bad_setting_is_one_line(run, monkeypatch):
    monkeypatch.setenv("HOTLINE_HTTP__PORT", "abc")
    result = run("list")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "http.port in the environment variable HOTLINE_HTTP__PORT" in result.output


def test_an_unknown_prompt_is_one_line(run, recording):
    result = run("upload", "welcom", "zh", recording)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


def test_a_recording_can_be_exported_and_forgotten(run, recording, tmp_path):
    run("upload", "welcome", "zh", recording)
    assert run("export", "welcome", "zh").output.strip().endswith("zh/hotline/welcome.sln16")
    target = tmp_path / "heard.wav"
    assert run("export", "welcome", "zh", str(target)).exit_code == 0
    assert soundfile.info(target).samplerate == 16000
    assert "voice" in run("forget", "welcome", "zh").output
    assert "no recording" in run("forget", "welcome", "zh").output


def test_an_upload_is_audited_where_there_is_a_database(run, recording, tmp_path):
    settings = Settings(home=tmp_path / "home")
    unaudited = run("upload", "welcome", "zh", recording)
    assert unaudited.exit_code == 0
    assert "not in the audit log" in unaudited.output
    asyncio.run(upgrade(settings.database_url))
    assert "audit log" not in run("upload", "welcome", "zh", recording).output
    run("forget", "welcome", "zh")
    run("forget", "welcome", "zh")

    async def audited():
        async with current_database(settings.database_url) as database, database.snapshot() as db:
            return list(await db.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    upload, forget = asyncio.run(audited())
    assert (upload.action, upload.target, upload.address) == ("prompt.upload", "zh/welcome", "command line")
    assert upload.detail["sha256"] == hashlib.sha256(Path(recording).read_bytes()).hexdigest()
    assert forget.action == "prompt.forget"
