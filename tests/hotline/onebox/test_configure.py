from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hotline.app.settings import Settings
from hotline.onebox.configure import SHIPPED, configure, link_sounds, write_agents, write_safe_flow
from hotline.onebox.distribution import Distribution
from hotline.onebox.errors import BadSettingError, BoxError
from hotline.onebox.keys import load_secrets
from hotline.onebox.render import AgentEndpoints, Directories
from ivr.settings import AsteriskSettings

AGENT = AgentEndpoints("1001", "web-secret-1", "desk-secret-1")


@pytest.fixture
def distribution(tmp_path: Path) -> Distribution:
    data = tmp_path / "asterisk"
    (data / "documentation").mkdir(parents=True)
    (data / "sounds/en_US/digits").mkdir(parents=True)
    (data / "sounds/en_US/beep.gsm").write_bytes(b"")
    return Distribution(command=("/usr/sbin/asterisk",), version="22.10.1", modules=None, data=data)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", cache=tmp_path / "cache")


def test_the_shipped_files_are_used_unchanged(settings: Settings, distribution: Distribution) -> None:
    etc = configure(settings, distribution=distribution).directories.etc
    for path in SHIPPED.rglob("*.conf"):
        name = path.relative_to(SHIPPED)
        if "instance.example" in name.parts or str(name) == "asterisk.conf":
            continue
        assert (etc / name).read_text() == path.read_text(), name
    assert (etc / "asterisk.conf").read_text().endswith((SHIPPED / "asterisk.conf").read_text())


def test_each_instance_file_has_an_example(settings: Settings, distribution: Distribution) -> None:
    etc = configure(settings, distribution=distribution).directories.etc
    examples = {path.name for path in (SHIPPED / "instance.example").iterdir()}
    assert examples == {path.name for path in (etc / "instance").iterdir()}


def test_files_with_secrets_are_closed_to_others(settings: Settings, distribution: Distribution) -> None:
    etc = configure(settings, distribution=distribution, agents=[AGENT]).directories.etc
    assert stat.S_IMODE((settings.home / "secrets.json").stat().st_mode) == 0o600
    for path in (etc / "instance").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_identifies_callers_is_closed_to_others(settings: Settings, distribution: Distribution) -> None:
    folders = configure(settings, distribution=distribution).directories
    for folder in (settings.recordings, folders.log, folders.lib, folders.spool, folders.run, folders.etc):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_an_administrators_own_folder_of_recordings_keeps_its_mode(
    settings: Settings, distribution: Distribution, tmp_path: Path
) -> None:
    (tmp_path / "archive").mkdir(mode=0o755)
    own = settings.model_copy(update={"asterisk": AsteriskSettings(recordings=tmp_path / "archive")})
    configure(own, distribution=distribution)
    assert stat.S_IMODE((tmp_path / "archive").stat().st_mode) == 0o755


def test_configuring_again_keeps_secrets_and_files(settings: Settings, distribution: Distribution) -> None:
    first = configure(settings, distribution=distribution, agents=[AGENT])
    before = {path: path.stat().st_mtime_ns for path in first.directories.etc.rglob("*.conf")}
    second = configure(settings, distribution=distribution, agents=[AGENT])
    assert second == first
    assert {path: path.stat().st_mtime_ns for path in second.directories.etc.rglob("*.conf")} == before


def test_a_file_of_an_older_release_goes_and_the_safe_flow_stays(
    settings: Settings, distribution: Distribution
) -> None:
    instance = configure(settings, distribution=distribution)
    (instance.directories.etc / "old.conf").write_text("[general]\n")
    assert write_safe_flow(instance, "[hotline-safe-flow]\n")
    assert not write_safe_flow(instance, "[hotline-safe-flow]\n")
    configure(settings, distribution=distribution)
    assert not (instance.directories.etc / "old.conf").exists()
    assert (instance.directories.etc / "extensions_safe.conf").exists()


def test_only_what_a_reload_cannot_do_changes_the_fingerprint(settings: Settings, distribution: Distribution) -> None:
    first = configure(settings, distribution=distribution)
    assert configure(settings, distribution=distribution, agents=[AGENT]).fingerprint == first.fingerprint
    moved = settings.model_copy(update={"asterisk": AsteriskSettings(sip_port=5999)})
    assert configure(moved, distribution=distribution).fingerprint != first.fingerprint


def test_new_agents_are_written_once(settings: Settings, distribution: Distribution) -> None:
    instance = configure(settings, distribution=distribution)
    assert write_agents(settings, instance, [AGENT])
    assert not write_agents(settings, instance, [AGENT])


def test_asterisks_own_sounds_are_below_every_language(settings: Settings, distribution: Distribution) -> None:
    directories = configure(settings, distribution=distribution).directories
    sounds = directories.data / "sounds"
    assert sounds.resolve() == settings.sounds
    assert (sounds / "beep.gsm").exists()
    assert (directories.data / "documentation").is_dir()
    (settings.sounds / "digits").unlink()
    (settings.sounds / "digits").mkdir()
    link_sounds(settings.sounds, Directories.of(settings), distribution)
    assert not (settings.sounds / "digits").is_symlink()


def test_a_module_the_distribution_lacks_is_not_asked_for(settings: Settings, tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "app_queue.so").touch()
    lean = Distribution(command=("asterisk",), version="20.9", modules=modules, data=None)
    text = (configure(settings, distribution=lean).directories.etc / "modules.conf").read_text()
    assert "\nload = app_queue.so\n" in text
    assert "\nload = codec_opus_open_source.so\n" not in text


def test_damaged_secrets_are_not_silently_replaced(settings: Settings) -> None:
    first = load_secrets(settings.home)
    assert load_secrets(settings.home) == first
    (settings.home / "secrets.json").write_text('{"ami": ')
    with pytest.raises(BadSettingError, match="secrets.json"):
        load_secrets(settings.home)


def test_secrets_are_not_shown(settings: Settings) -> None:
    secrets = load_secrets(settings.home)
    assert secrets.ami not in repr(secrets)
    assert len({secrets.ami, secrets.ami_reload, secrets.web_caller}) == 3


def test_no_configuration_is_one_clear_line(settings: Settings, distribution: Distribution, tmp_path: Path) -> None:
    with pytest.raises(BoxError, match="no Asterisk configuration"):
        configure(settings, distribution=distribution, shipped=tmp_path / "nowhere")
