"""Secrets of authenticator apps as the database holds them: encrypted, with a key that lies elsewhere."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import User
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.keyfile import KeyFile
from hotline.kernel.settings import SettingsError

log = structlog.get_logger(__name__)
_MARK = "1."
"""The manner of sealing: AES-256-GCM, a nonce of 12 bytes first, bound to the user's id."""
_NONCE = 12


class SecondFactorKeyError(UnavailableError):
    error_id = "auth.second_factor_key"
    title = "The second factor cannot be checked"


class TotpSeal:
    """Seals secrets for one user each: moved to another user's row, they cannot be opened."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        """`key` gives 32 bytes; it raises SettingsError where it cannot, and is asked each time."""
        self._key = key

    def seal(self, user_id: str, secret: str) -> str:
        """Raises `SecondFactorKeyError`."""
        nonce = os.urandom(_NONCE)
        sealed = self._cipher().encrypt(nonce, secret.encode("ascii"), user_id.encode())
        return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode("ascii")

    def open(self, user_id: str, sealed: str) -> str:
        """Raises `SecondFactorKeyError` where the key is missing or another one, or the value is not sealed."""
        cipher = self._cipher()
        try:
            if not is_sealed(sealed):
                raise ValueError
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK))
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], user_id.encode()).decode("ascii")
        except (InvalidTag, ValueError, binascii.Error):
            raise SecondFactorKeyError("The secret was stored with another key.") from None

    def _cipher(self) -> AESGCM:
        try:
            return AESGCM(self._key())
        except SettingsError as error:
            raise SecondFactorKeyError(error.detail) from None


def is_sealed(stored: str) -> bool:
    """Whether a stored value has been sealed: no secret in Base32 has a dot."""
    return stored.startswith(_MARK)


class TotpKeeper:
    """The key at the start of the service, and whether it is the right one."""

    def __init__(self, database: Database, key: KeyFile, seal: TotpSeal) -> None:
        self._database = database
        self._key = key
        self._seal = seal

    async def start(self) -> None:
        """Make the key where none has been used yet, and seal the secrets of an older version.

        A key that is missing although secrets were sealed with it is never replaced: that would hide the loss.
        """
        async with self._database.transaction() as db:
            users = await _enrolled(db)
            old = [user for user in users if not is_sealed(user.totp_secret or "")]
            try:
                if len(old) == len(users):
                    self._key.make()
                for user in old:
                    user.totp_secret = self._seal.seal(user.id, user.totp_secret or "")
            except (SecondFactorKeyError, SettingsError) as error:
                # Callers must not suffer for it; `check` names it.
                log.error("second factors stay as they are", reason=error.detail)
                return
        if old:
            log.info("second factors sealed", count=len(old))

    async def check(self) -> str:
        """For `/readyz`. Raises `SecondFactorKeyError`, naming the file, where codes of apps cannot be checked."""
        async with self._database.snapshot() as db:
            users = await _enrolled(db)
        if not users and not self._key.path.exists():
            return "no second factor yet"
        self._seal.seal("", "")  # The key is there.
        unreadable = sum(not self._can_open(user) for user in users)
        if unreadable:
            raise SecondFactorKeyError(
                f"{self._key.path} is not the key of {unreadable} of {len(users)} second factors; restore that key."
            )
        return f"{len(users)} sealed"

    def _can_open(self, user: User) -> bool:
        try:
            self._seal.open(user.id, user.totp_secret or "")
        except SecondFactorKeyError:
            return False
        return True


async def _enrolled(db: AsyncSession) -> list[User]:
    return list(await db.scalars(select(User).where(User.totp_secret.is_not(None)).order_by(User.id)))
