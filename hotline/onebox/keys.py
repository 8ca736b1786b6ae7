"""The secrets of one instance: made once, kept in a file only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from hotline.onebox.errors import BadSettingError


def new_secret() -> str:
    """144 bits, in letters that need no quoting in any file, header or URL."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True)
class BoxSecrets:
    ami: str = field(default_factory=new_secret, repr=False)
    ami_reload: str = field(default_factory=new_secret, repr=False)
    web_caller: str = field(default_factory=new_secret, repr=False)
    specialist_phones: str = field(default_factory=new_secret, repr=False)


def load_secrets(home: Path) -> BoxSecrets:
    """The secrets in <home>/secrets.json; those that are missing are made. Safe to call again.

    Raises BadSettingError where the file is damaged: a silent new set would lock out what holds the old one.
    """
    path = home / "secrets.json"
    known: dict[str, str] = {}
    if path.exists():
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            known = {f.name: stored[f.name] for f in fields(BoxSecrets) if isinstance(stored.get(f.name), str)}
        except (ValueError, AttributeError, OSError) as error:
            raise BadSettingError(
                f"{path} cannot be read ({error}); restore it, or remove it for new secrets"
            ) from None
    loaded = BoxSecrets(**known)
    if set(known) != {f.name for f in fields(BoxSecrets)}:
        write_private(path, json.dumps(asdict(loaded), indent=2) + "\n")
    return loaded


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace `path` by `text` in one step, never readable by others in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
