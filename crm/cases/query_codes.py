"""The code by which a caller asks how their case stands.

It is derived from the case's id with a key that lies beside the database, not in it: whoever copies the database
learns no code, yet the agent can read it out at any time, and no code is ever stored, logged or audited.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cached_property
from pathlib import Path

from hotline.kernel.keyfile import KeyFile

DIGITS = 8
"""Six could be guessed across many cases within the rate limits of many addresses; eight are still keyed in one go."""
_NOBODY = "00000000-0000-0000-0000-000000000000"


class QueryCodes:
    def __init__(self, file: Path) -> None:
        """`file` holds the key; it is made at first use, readable by its owner alone."""
        self._file = KeyFile(file)

    def of(self, case_id: str) -> str:
        """The code of a case. Raises SettingsError where the key cannot be read."""
        digest = hmac.digest(self._key, case_id.encode(), hashlib.sha256)
        return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"

    def fits(self, case_id: str | None, code: str) -> bool:
        """Whether `code` is this case's; never for None. Both take the same way, and the same time."""
        right = hmac.compare_digest(self.of(case_id or _NOBODY).encode(), code.encode())
        return right and case_id is not None

    def open(self) -> None:
        """Make or read the key now rather than for the first caller. Raises SettingsError."""
        assert self._key

    @cached_property
    def _key(self) -> bytes:
        self._file.make()
        return self._file.read()
