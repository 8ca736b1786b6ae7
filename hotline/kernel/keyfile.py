"""A key that lies beside the database, not in it: whoever copies the database alone can use nothing made with it."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from hotline.kernel.settings import SettingsError

KEY_BYTES = 32


class KeyFile:
    """32 random bytes as hexadecimal digits, in a file that only its owner reads."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make a new key unless the file is there; safe in several processes at once. Raises SettingsError."""
        try:
            if not self.path.exists():
                _write_once(self.path, secrets.token_hex(KEY_BYTES))
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be written: {error.strerror}.") from None

    def read(self) -> bytes:
        """The key. Raises SettingsError where it is missing, cannot be read or is damaged."""
        try:
            key = bytes.fromhex(self.path.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            raise SettingsError(f"{self.path} is missing; restore it from the backup.") from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self.path} cannot be read ({type(error).__name__}); restore it.") from None
        if len(key) != KEY_BYTES:
            raise SettingsError(f"{self.path} holds no key of {KEY_BYTES} bytes; restore it from the backup.")
        return key


def _write_once(path: Path, text: str) -> None:
    """Write a whole file that only its owner reads, unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
