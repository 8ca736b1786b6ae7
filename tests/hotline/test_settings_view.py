"""The settings page's list: each value's origin, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hotline.app.settings import Settings
from hotline.app.settings_view import SettingView, settings_in_force
from hotline.kernel.settings import DatabaseSettings, HttpSettings
from ivr.settings import AmiSettings


@pytest.fixture(autouse=True)
def _no_file_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "none.toml"))


def view(settings: Settings, environment: dict[str, str] | None = None) -> dict[str, SettingView]:
    return {one.name: one for one in settings_in_force(settings, environment or {})}


def test_each_setting_names_where_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text("[http]\nport = 9000\n")
    settings = Settings(
        home=tmp_path, config=file, http=HttpSettings(port=9000, host="0.0.0.0"), ami=AmiSettings(username="other")
    )
    found = view(settings, {"HOTLINE_AMI__USERNAME": "other"})
    assert (found["http.port"].origin, found["http.port"].where, found["http.port"].value) == (
        "file",
        str(file),
        "9000",
    )
    assert (found["ami.username"].origin, found["ami.username"].where) == ("environment", "HOTLINE_AMI__USERNAME")
    assert found["http.host"].origin == "command_line"
    assert found["ami.port"].origin == "default"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        ami=AmiSettings(secret=SecretStr("hunter2")),
        database=DatabaseSettings(url="postgresql+psycopg://hotline:hunter2@db/hotline?sslpassword=hunter2&x=1"),
    )
    found = view(settings)
    assert not any("hunter2" in one.model_dump_json() for one in found.values())
    assert (found["ami.secret"].secret, found["ami.secret"].is_set) == (True, True)
    assert found["asterisk.web_caller_secret"].is_set is False
    assert found["database.url"].value == "postgresql+psycopg://***@db/hotline?sslpassword=***&x=1"
