"""Render one instance's Asterisk configuration into <home>/asterisk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.app.settings import Settings
from hotline.onebox import render
from hotline.onebox.account import Account
from hotline.onebox.distribution import Distribution
from hotline.onebox.errors import BoxError
from hotline.onebox.keys import BoxSecrets, load_secrets, write_private
from hotline.onebox.render import AgentEndpoints, Directories

SHIPPED = Path(__file__).resolve().parents[2] / "asterisk-config"
SAFE_FLOW = "extensions_safe.conf"
"""Written by the service from the published call flow; the dialplan includes it where it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An instance ready to start."""

    directories: Directories
    distribution: Distribution
    account: Account | None
    secrets: BoxSecrets
    ami_host: str
    ami_port: int
    ami_user: str
    ami_secret: str
    fingerprint: str
    """Changes with everything that only a restart of Asterisk brings into force."""

    def command(self, *arguments: str) -> list[str]:
        """Asterisk's program with this instance's configuration and `arguments`."""
        return [*self.distribution.command, "-C", str(self.directories.config), *arguments]


def configure(
    settings: Settings,
    *,
    distribution: Distribution,
    agents: Sequence[AgentEndpoints] = (),
    account: Account | None = None,
    shipped: Path = SHIPPED,
) -> Instance:
    """Write the configuration of the instance at `settings.home` and return it; safe to call again.

    The shipped files are copied unchanged; what belongs to the instance goes to asterisk.conf and instance/.
    Files that did not change keep their time. Raises BadSettingError for a value Asterisk cannot carry.
    """
    directories = Directories.of(settings)
    secrets = load_secrets(settings.home)
    files = _shipped_files(shipped)
    modules = files["modules.conf"]
    missing = [name for name in render.modules_named(modules) if not distribution.has_module(name)]
    files |= {
        "asterisk.conf": render.asterisk_conf(files["asterisk.conf"], directories, distribution.modules),
        "modules.conf": render.modules_conf(modules, missing),
        "instance/manager.conf": render.manager(settings, secrets),
        "instance/http.conf": render.http(settings.asterisk),
        "instance/acl.conf": render.acl(settings),
        "instance/rtp.conf": render.rtp(settings.asterisk),
        "instance/pjsip.conf": render.pjsip(settings.asterisk, secrets, agents),
        "instance/globals.conf": render.global_variables(settings.recordings.absolute(), settings.asterisk),
    }
    _make_folders(directories, settings, account)
    for name, text in files.items():
        _write(directories.etc / name, text, account)
    _remove_others(directories.etc, set(files))
    link_sounds(settings.sounds.absolute(), directories, distribution)
    return Instance(
        directories=directories,
        distribution=distribution,
        account=account,
        secrets=secrets,
        ami_host=settings.ami.host,
        ami_port=settings.ami.port,
        ami_user=settings.ami.username,
        ami_secret=settings.ami.secret.get_secret_value() or secrets.ami,
        fingerprint=_fingerprint(files, distribution),
    )


def write_agents(settings: Settings, instance: Instance, agents: Sequence[AgentEndpoints]) -> bool:
    """Render the agents' endpoints again; true if res_pjsip must be reloaded for it."""
    text = render.pjsip(settings.asterisk, instance.secrets, agents)
    return _write(instance.directories.etc / "instance/pjsip.conf", text, instance.account)


def write_safe_flow(instance: Instance, dialplan: str) -> bool:
    """Put the generated safe flow where the dialplan includes it; true when pbx_config must be reloaded."""
    return _write(instance.directories.etc / SAFE_FLOW, dialplan, instance.account)


def _shipped_files(shipped: Path) -> dict[str, str]:
    names = [path for path in sorted(shipped.rglob("*.conf")) if "instance.example" not in path.parts]
    if not names:
        raise BoxError(f"{shipped} holds no Asterisk configuration; run from a checkout or reinstall")
    return {str(path.relative_to(shipped)): path.read_text(encoding="utf-8") for path in names}


def _make_folders(directories: Directories, settings: Settings, account: Account | None) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.sounds.mkdir(parents=True, exist_ok=True)
    own = (directories.lib, directories.spool, directories.run, directories.cache, directories.log)
    for folder in (directories.etc / "instance", directories.etc / "extensions", directories.data, *own):
        folder.mkdir(parents=True, exist_ok=True)
    settings.recordings.mkdir(parents=True, exist_ok=True)
    (directories.log / "cdr-custom").mkdir(exist_ok=True)
    (directories.lib / "keys").mkdir(exist_ok=True)
    configuration = (directories.etc, directories.etc / "instance", directories.etc / "extensions")
    # Even file names are private: a recording's shows who called when. An administrator may have opened the folder.
    private = (settings.recordings,) if settings.asterisk.recordings is None else ()
    for folder in (*configuration, *own, *private):
        folder.chmod(0o750)
    if account is not None:
        for folder in configuration:
            os.chown(folder, -1, account.gid)
        account.own(*own)
        # Only the folder: recordings may be many, and Asterisk made them itself.
        os.chown(settings.recordings, account.uid, account.gid)


def _write(path: Path, text: str, account: Account | None) -> bool:
    """Replace `path` where its text differs: readable by us and by Asterisk, written by us alone."""
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    if changed:
        write_private(path, text, mode=0o640)
    if account is not None:
        os.chown(path, -1, account.gid)
    return changed


def _remove_others(etc: Path, kept: set[str]) -> None:
    """A file shipped by an older release must not stay in effect."""
    for path in etc.rglob("*.conf"):
        if str(path.relative_to(etc)) not in kept | {SAFE_FLOW}:
            path.unlink()


def link_sounds(sounds: Path, directories: Directories, distribution: Distribution) -> None:
    """Make <astdatadir> show our sounds, Asterisk's own ones as a fallback for every language, and its documentation.

    Asterisk looks for a sound in its language first and in the folder above all languages last; its own English
    ones are linked there, so that a file that Mandarin lacks is heard in English rather than not at all.
    """
    (sounds / "moh").mkdir(exist_ok=True)
    _link(directories.data / "sounds", sounds)
    _link(directories.data / "moh", sounds / "moh")
    if distribution.data is None:
        return
    _link(directories.data / "documentation", distribution.data / "documentation")
    english = next((path for path in sorted((distribution.data / "sounds").glob("en*")) if path.is_dir()), None)
    for sound in english.iterdir() if english else ():
        _link(sounds / sound.name, sound)


def _link(link: Path, target: Path) -> None:
    """Point `link` to `target`; what is there and is no link is somebody's own and stays."""
    if link.is_symlink():
        if Path(os.readlink(link)) == target:
            return
        link.unlink()
    elif link.exists():
        return
    link.symlink_to(target)


def _fingerprint(files: dict[str, str], distribution: Distribution) -> str:
    """Listening addresses, modules and the program itself; the rest takes effect by a reload."""
    shipped = ("asterisk.conf", "modules.conf", "sorcery.conf")
    lasting = (*shipped, "instance/manager.conf", "instance/http.conf", "instance/rtp.conf")
    transports = files["instance/pjsip.conf"].partition("[trunk]")[0]
    digest = hashlib.sha256()
    for text in (*distribution.command, distribution.version, *(files[name] for name in lasting), transports):
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]
