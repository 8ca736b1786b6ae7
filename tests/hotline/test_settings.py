from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cti.desktop.phones import ice_server
from cti.desktop.schemas import IceServer
from hotline.app.settings import load_settings
from hotline.kernel.settings import SettingsError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    return tmp_path


def test_defaults_suffice(home: Path) -> None:
    settings = load_settings()
    assert settings.home == home
    assert settings.database_url == f"sqlite+aiosqlite:///{home / 'hotline.db'}"
    assert settings.recordings == home / "recordings"


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "hotline.toml").write_text('log_format = "json"\n[http]\nport = 1\nsession_lifetime = "PT1H"\n')
    monkeypatch.setenv("HOTLINE_HTTP__PORT", "2")
    settings = load_settings()
    assert (settings.http.port, settings.log_format) == (2, "json")
    assert settings.http.session_lifetime == timedelta(hours=1)
    assert load_settings(log_format="console").log_format == "console"


@pytest.mark.parametrize(
    "url",
    [
        "192.0.2.1:3478",
        "stun:192.0.2.1:3478?transport=udp",
        "http://192.0.2.1",
        "turn:192.0.2.1:3478",
        "turn:user@192.0.2.1",
        "stun://192.0.2.1",
    ],
)
def test_a_malformed_ice_server_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HOTLINE_ASTERISK__ICE_SERVERS", f'["{url}"]')
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "asterisk.ice_servers.0 in the environment variable HOTLINE_ASTERISK__ICE_SERVERS" in error.value.detail
    assert "each must read stun:<host>:<port>" in error.value.detail
    assert url not in error.value.detail


def test_ice_servers_reach_the_browser_as_it_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = ["stun:192.0.2.1:3478", "turns:hotline:s3:cret@[2001:db8::1]:5349?transport=tcp"]
    monkeypatch.setenv("HOTLINE_ASTERISK__ICE_SERVERS", json.dumps(urls))
    stun, turn = (ice_server(url) for url in load_settings().asterisk.ice_servers)
    assert stun == IceServer(urls="stun:192.0.2.1:3478")
    assert turn == IceServer(urls="turns:[2001:db8::1]:5349?transport=tcp", username="hotline", credential="s3:cret")


def test_another_file_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text("[http]\nport = 7\n")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().http.port == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\nport = 99999\n", "http.port in {file}: Input should be less than or equal to 65535"),
        ("[asterisk]\nsip_port = 0\n", "asterisk.sip_port in {file}: Input should be greater than or equal to 1"),
        ("[asterisk]\nweb_port = 65536\n", "asterisk.web_port in {file}: Input should be less than or equal to 65535"),
        ("[asterisk]\nrtp_start = -1\n", "asterisk.rtp_start in {file}: Input should be greater than or equal to 1"),
        ("[asterisk]\nrtp_end = 70000\n", "asterisk.rtp_end in {file}: Input should be less than or equal to 65535"),
        ("[asterisk]\nrtp_start = 11000\n", "asterisk in {file}: rtp_start must be less than rtp_end"),
        ("[http]\nprot = 1\n", "http.prot in {file}: no such setting; check the spelling"),
        ("[htpp]\nport = 1\n", "htpp in {file}: no such setting; check the spelling"),
        ('log_level = "loud"\n', "log_level in {file}: Input should be 'debug', 'info', 'warning' or 'error'"),
        ('[crm]\ntime_zone = "Asia/Wuhai"\n', "crm.time_zone in {file}: no such time zone"),
        ("[http\n", "{file} is not valid TOML"),
    ],
)
def test_a_bad_file_is_one_clear_line(home: Path, text: str, said: str) -> None:
    (home / "hotline.toml").write_text(text)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert said.format(file=home / "hotline.toml") in error.value.detail
    assert "\n" not in error.value.detail


def test_a_file_that_is_no_text_is_named(home: Path) -> None:
    (home / "hotline.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings()


def test_a_file_that_is_a_folder_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_CONFIG", str(home))
    # The library takes a folder for an absent file; the defaults hold.
    assert load_settings().http.port == 8080


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOTLINE_HTTP__PORT", "x", "http.port in the environment variable HOTLINE_HTTP__PORT"),
        ("HOTLINE_HTTP__PROT", "1", "http.prot in the environment variable HOTLINE_HTTP__PROT: no such setting"),
        ("HOTLINE_HTPP__PORT", "1", "htpp in the environment variable HOTLINE_HTPP__PORT: no such section"),
        ("HOTLINE_HTTP_PORT", "1", "HOTLINE_HTTP_PORT is not read; two underscores: HOTLINE_HTTP__PORT"),
        ("HOTLINE_LOG_FORMAT", "xml", "log_format in the environment variable HOTLINE_LOG_FORMAT"),
    ],
)
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert said in error.value.detail


def test_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "hotline.toml").write_text('[ami]\nsecret = ["hunter2"]\n')
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "hunter2" not in error.value.detail


def test_the_command_line_is_named_too() -> None:
    with pytest.raises(SettingsError, match="log_level in the command line"):
        load_settings(log_level="loud")
