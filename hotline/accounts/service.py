"""Users: who they are, their roles and their passwords."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import PasswordHistory, PasswordState, User
from hotline.accounts.options import AccountOptions
from hotline.accounts.password_rules import LAST_PASSWORDS, PasswordReusedError, check_password
from hotline.accounts.passwords import PasswordHash, Passwords
from hotline.accounts.roles import Permission, Role, conflict_of, permissions_of
from hotline.accounts.schemas import fold_username
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.kernel.http import AuditRecord
from hotline.kernel.rate import RateLimit

_OWN_PASSWORD_TRIES = "10 per 15 minutes"
_NEVER_WITHOUT = {Permission.USER_MANAGE: Role.SYSTEM_ADMIN, Permission.ROLE_ASSIGN: Role.SECURITY_ADMIN}
"""What somebody must always be able to do, and the role that brings it."""


class UsernameTakenError(ConflictError):
    error_id = "account.username_taken"
    title = "The user name is taken"


class LastAdministratorError(ConflictError):
    error_id = "account.last_administrator"
    title = "Somebody must be able to manage users"


class RolesConflictError(ConflictError):
    error_id = "account.roles_conflict"
    title = "These roles do not combine"


class OwnAccountError(ForbiddenError):
    error_id = "account.own"
    title = "Nobody does this to their own account"


class UserNotFoundError(NotFoundError):
    error_id = "account.not_found"
    title = "No such user"


def hash_token(token: str) -> str:
    """How a token is stored. It has 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(token.encode()).hexdigest()


def require_other(user_id: str, actor_id: str) -> None:
    """Raise `OwnAccountError` where somebody would change their own access."""
    if user_id == actor_id:
        raise OwnAccountError("Nobody changes their own access; ask another administrator.")


class AccountService:
    """Users. Methods that take `db` are part of the caller's transaction."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        audit: AuditLog,
        *,
        options: AccountOptions | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self.options = options or AccountOptions()
        self.passwords = passwords or Passwords()
        self._own_password = RateLimit("own password", _OWN_PASSWORD_TRIES)

    def close(self) -> None:
        self.passwords.close()

    async def hash_password(self, password: str, *, username: str = "") -> PasswordHash:
        """Slow: before the transaction that stores it. Raises as `check_password`."""
        check_password(password, username)
        return await self.passwords.hash(password)

    async def hash_new_password(self, user_id: str, password: str) -> PasswordHash:
        """As `hash_password`, for a user who has one. Raises also `PasswordReusedError`, `UserNotFoundError`."""
        async with self._database.snapshot() as db:
            user = await self.user(db, user_id)
            former = [row.password_hash for row in await repository.former_passwords(db, user_id)]
        check_password(password, user.username)
        for used in (user.password_hash, *former[: LAST_PASSWORDS - 1]):
            if await self.passwords.check(password, used):
                raise PasswordReusedError(f"None of the last {LAST_PASSWORDS} passwords may be used again.")
        return await self.passwords.hash(password)

    async def create_user(
        self,
        db: AsyncSession,
        *,
        username: str,
        name: str,
        password_hash: PasswordHash,
        roles: Iterable[Role],
        password_state: PasswordState = PasswordState.OWN,
    ) -> User:
        """Raises `UsernameTakenError`, `RolesConflictError`."""
        user = User(
            username=fold_username(username),
            name=name,
            password_hash=password_hash,
            password_state=password_state,
            roles=allowed_roles(roles),
            active=True,
            created_at=self._clock.now(),
        )
        try:
            async with db.begin_nested():
                db.add(user)
        except IntegrityError:
            raise UsernameTakenError("Choose another user name; this one belongs to somebody.") from None
        return user

    async def user(self, db: AsyncSession, user_id: str, *, lock: bool = False) -> User:
        """Raises `UserNotFoundError`. `lock`: the row is locked until this transaction ends."""
        if (user := await repository.user_by_id(db, user_id, lock=lock)) is None:
            raise UserNotFoundError("No user has this id.")
        return user

    async def set_roles(self, db: AsyncSession, user_id: str, roles: Iterable[Role]) -> User:
        """Raises `RolesConflictError`; `LastAdministratorError` if no one would be left to manage users or roles."""
        user = await self.user(db, user_id, lock=True)
        before = permissions_of(user.role_set()) if user.active else frozenset()
        user.roles = allowed_roles(roles)
        await self._require_administrators(db, before)
        return user

    async def set_password(
        self,
        db: AsyncSession,
        user_id: str,
        password_hash: PasswordHash,
        *,
        state: PasswordState = PasswordState.OWN,
        keep_token: str = "",
    ) -> User:
        """Ends every session of the user, except the one of `keep_token`."""
        user = await self.user(db, user_id, lock=True)
        now = self._clock.now()
        db.add(PasswordHistory(user_id=user.id, password_hash=user.password_hash, at=now))
        await db.flush()
        for old in (await repository.former_passwords(db, user_id))[LAST_PASSWORDS - 1 :]:
            await db.delete(old)
        user.password_hash, user.password_state, user.password_changed_at = password_hash, state, now
        await repository.end_sessions(db, user_id, except_hash=hash_token(keep_token) if keep_token else "")
        return user

    async def confirm_password(self, user_id: str, password: str, *, address: str) -> User:
        """That whoever holds the session also knows the password, in transactions of its own.

        Raises `InvalidInputError` for a wrong one, which is audited, and `TooManyRequestsError` after several.
        """
        async with self._database.snapshot() as db:
            user = await self.user(db, user_id)
        self._own_password.hit(user_id)
        if not await self.passwords.check(password, user.password_hash):
            async with self._database.transaction() as db:
                await self.record(db, user, "user.own_password_wrong", address)
            raise InvalidInputError("The old password is wrong.")
        self._own_password.forget(user_id)
        return user

    async def change_password(
        self, user_id: str, *, old_password: str | None, new_password: str, token: str, address: str
    ) -> None:
        """A user's own change, in transactions of its own; their other sessions end.

        `old_password` is None in a session that a one-time password has just opened. Raises like `confirm_password`
        and `hash_new_password`.
        """
        if old_password is not None:
            await self.confirm_password(user_id, old_password, address=address)
        password_hash = await self.hash_new_password(user_id, new_password)
        async with self._database.transaction() as db:
            before = (await self.user(db, user_id)).password_state
            user = await self.set_password(db, user_id, password_hash, keep_token=token)
            await self.record(db, user, "user.change_password", address, before=before, after=user.password_state)

    async def set_active(self, db: AsyncSession, user_id: str, *, active: bool) -> User:
        """Deactivation ends every session at once. Raises `LastAdministratorError`."""
        user = await self.user(db, user_id, lock=True)
        before = permissions_of(user.role_set()) if user.active else frozenset()
        user.active = active
        if not active:
            await repository.end_sessions(db, user_id)
        await self._require_administrators(db, before)
        return user

    async def administrators(self, db: AsyncSession) -> list[User]:
        """Active users who may create users or assign roles, by name."""
        users = await repository.active_users(db)
        able = [user for user in users if permissions_of(user.role_set()) & set(_NEVER_WITHOUT)]
        return sorted(able, key=lambda user: user.name)

    async def _require_administrators(self, db: AsyncSession, before: frozenset[Permission]) -> None:
        """That the change took the last holder of no permission which somebody must have."""
        await db.flush()
        held = frozenset[Permission]().union(
            *(permissions_of(user.role_set()) for user in await repository.active_users(db))
        )
        for permission, role in _NEVER_WITHOUT.items():
            if permission in before and permission not in held:
                raise LastAdministratorError(f"Give another active user the role {role} first.")

    async def rehash(self, user_id: str, password: str) -> None:
        """Store the same password by today's parameters."""
        password_hash = await self.passwords.hash(password)
        async with self._database.transaction() as db:
            (await self.user(db, user_id)).password_hash = password_hash

    def now(self) -> datetime:
        return self._clock.now()

    async def record(self, db: AsyncSession, user: User | None, action: str, address: str, **detail: object) -> None:
        """Audit what a user did to their own account. An unknown name may be a mistyped password: it is not stored."""
        record = AuditRecord(
            user_id=user.id if user else None,
            username=user.username if user else "",
            action=action,
            target=user.id if user else "",
            address=address,
            detail=detail,
        )
        await self._audit.record(db, record)


def allowed_roles(roles: Iterable[Role]) -> list[str]:
    """As they are stored. Raises `RolesConflictError`."""
    wanted = frozenset(roles)
    if (why := conflict_of(wanted)) is not None:
        raise RolesConflictError(why[0].upper() + why[1:])
    return sorted(wanted)
