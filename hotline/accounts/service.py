"""Log-in, sessions and users."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import User, UserSession
from hotline.accounts.passwords import PasswordHash, Passwords
from hotline.accounts.roles import Permission, Principal, Role, permissions_of
from hotline.accounts.schemas import SHORTEST_PASSWORD, fold_username
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ConflictError, HotlineError, InvalidInputError, NotFoundError, UnauthenticatedError
from hotline.kernel.http import AuditRecord
from hotline.kernel.jobs import JobContext
from hotline.kernel.rate import RateLimit, visitor_of

log = structlog.get_logger(__name__)


class WrongCredentialsError(UnauthenticatedError):
    error_id = "auth.wrong_credentials"
    title = "User name or password is wrong"


class UsernameTakenError(ConflictError):
    error_id = "account.username_taken"
    title = "The user name is taken"


class LastAdministratorError(ConflictError):
    error_id = "account.last_administrator"
    title = "Somebody must be able to manage users"


class UserNotFoundError(NotFoundError):
    error_id = "account.not_found"
    title = "No such user"


@dataclass(frozen=True, kw_only=True)
class AccountOptions:
    """How long a session lives, and how many attempts to log in are taken."""

    session_lifetime: timedelta = timedelta(hours=12)
    """A session ends this long after its last use."""
    session_limit: timedelta = timedelta(days=7)
    """… and this long after the log-in, whatever its use."""
    attempts_by_username: str = "10 per 5 minutes"
    """From one address, so that a stranger elsewhere cannot keep a user out …"""
    attempts_in_all: str = "200 per 5 minutes"
    """… and from all addresses together, so that many of them cannot guess on."""
    attempts_by_address: str = "100 per minute"
    """High, because a whole call centre comes from one address when the shift begins."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A fresh log-in; `token` is shown to the browser once and stored nowhere."""

    token: str
    principal: Principal


def principal_of(user: User) -> Principal:
    roles = user.role_set()
    return Principal(user.id, user.username, user.name, roles, permissions_of(roles))


def hash_token(token: str) -> str:
    """How a token is stored. It has 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccountService:
    """Users and their sessions. Methods that take `db` are part of the caller's transaction."""

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
        self._options = options or AccountOptions()
        self._passwords = passwords or Passwords()
        self._by_username = RateLimit("log-in by user name", self._options.attempts_by_username)
        self._in_all = RateLimit("log-in by user name, in all", self._options.attempts_in_all)
        self._by_address = RateLimit("log-in by address", self._options.attempts_by_address)

    def close(self) -> None:
        self._passwords.close()

    # --- sessions ---------------------------------------------------------------------------------------

    async def log_in(self, username: str, password: str, *, address: str) -> OpenedSession:
        """Check the password and open a session, in transactions of its own.

        Raises `WrongCredentialsError`, the same and after the same time whoever is unknown, inactive or
        wrong; `TooManyRequestsError` after too many attempts, until some minutes have passed.
        """
        user = await self.authenticate(username, password, address=address)
        async with self._database.transaction() as db:
            opened = await self.open_session(db, user, address=address)
            await self._record(db, user, "session.open", address)
        return opened

    async def authenticate(self, username: str, password: str, *, address: str) -> User:
        """Whoever has this name and password. Raises like `log_in`; refusals are audited."""
        username = fold_username(username)
        attempt = self._count_attempt(username, address)
        async with self._database.snapshot() as db:
            user = await repository.user_by_username(db, username) if "\0" not in username else None
        known = user.password_hash if user is not None and user.active else None
        # Outside any transaction: it is slow, and would hold up every writer.
        if not await self._passwords.check(password, known) or user is None:
            async with self._database.transaction() as db:
                await self._record(db, user, "session.refused", address)
            raise WrongCredentialsError("Check both and try again, or ask an administrator for a new password.")
        self._by_username.forget(attempt)
        if self._passwords.is_outdated(user.password_hash):
            await self._rehash(user.id, password)
        return user

    def _count_attempt(self, username: str, address: str) -> str:
        """Raises `TooManyRequestsError`; returns the key to forget once the password proves right."""
        visitor = visitor_of(address)
        self._by_address.hit(visitor)
        attempt = f"{username} {visitor}"
        self._by_username.hit(attempt)
        self._in_all.hit(username)
        return attempt

    async def open_session(self, db: AsyncSession, user: User, *, address: str) -> OpenedSession:
        """A new session for `user`; sessions that are over are cleared away by the way."""
        now = self._clock.now()
        await repository.forget_old_sessions(db, now)
        token = secrets.token_urlsafe(32)
        db.add(
            UserSession(
                token_hash=hash_token(token),
                user_id=user.id,
                created_at=now,
                renewed_at=now,
                expires_at=now + self._options.session_lifetime,
                address=address[:64],
            )
        )
        await db.flush()
        return OpenedSession(token, principal_of(user))

    async def principal_for(self, token: str) -> Principal | None:
        """Who holds this session token; None where it is unknown or over. Renews the session by its use."""
        now = self._clock.now()
        async with self._database.snapshot() as db:
            session = await repository.live_session(db, hash_token(token), now)
        if session is None:
            return None
        # Not at every request: a write each time would queue behind the one writer.
        if now - session.renewed_at > self._options.session_lifetime / 20:
            await self._renew(session)
        return principal_of(session.user)

    async def log_out(self, db: AsyncSession, token: str) -> None:
        """End one session; one that is over already is no error."""
        await repository.end_session(db, hash_token(token))

    async def forget_old_sessions(self, ctx: JobContext) -> None:
        """Clear sessions away that are over; recurring work."""
        await repository.forget_old_sessions(ctx.db, self._clock.now())

    async def _renew(self, session: UserSession) -> None:
        now = self._clock.now()
        expires_at = min(now + self._options.session_lifetime, session.created_at + self._options.session_limit)
        try:
            async with self._database.transaction() as db:
                await repository.renew_session(db, session.id, now=now, expires_at=expires_at)
        except HotlineError as error:  # the session is good all the same; the next request tries again
            log.warning("session not renewed", error_id=error.error_id)

    # --- users ------------------------------------------------------------------------------------------

    async def hash_password(self, password: str) -> PasswordHash:
        """For the two below, before their transaction. Raises `InvalidInputError` for one that is too short."""
        if len(password) < SHORTEST_PASSWORD:
            raise InvalidInputError(f"A password has at least {SHORTEST_PASSWORD} characters.")
        return await self._passwords.hash(password)

    async def create_user(
        self, db: AsyncSession, *, username: str, name: str, password_hash: PasswordHash, roles: Iterable[Role]
    ) -> User:
        """Raises `UsernameTakenError`."""
        user = User(
            username=fold_username(username),
            name=name,
            password_hash=password_hash,
            roles=sorted(set(roles)),
            active=True,
            created_at=self._clock.now(),
        )
        try:
            async with db.begin_nested():
                db.add(user)
        except IntegrityError:
            raise UsernameTakenError("Choose another user name; this one belongs to somebody.") from None
        return user

    async def user(self, db: AsyncSession, user_id: str) -> User:
        """Raises `UserNotFoundError`."""
        if (user := await repository.user_by_id(db, user_id)) is None:
            raise UserNotFoundError("No user has this id.")
        return user

    async def set_roles(self, db: AsyncSession, user_id: str, roles: Iterable[Role]) -> User:
        """Raises `LastAdministratorError` where nobody would be left to manage users."""
        user = await self.user(db, user_id)
        user.roles = sorted(set(roles))
        await self._require_administrator(db)
        return user

    async def set_password(
        self, db: AsyncSession, user_id: str, password_hash: PasswordHash, *, keep_token: str = ""
    ) -> User:
        """Ends every session of the user, except the one of `keep_token`."""
        user = await self.user(db, user_id)
        user.password_hash = password_hash
        await repository.end_sessions(db, user_id, except_hash=hash_token(keep_token) if keep_token else "")
        return user

    async def change_password(
        self, user_id: str, *, old_password: str, new_password: str, token: str, address: str
    ) -> None:
        """A user's own change, in transactions of its own; their other sessions end.

        Raises `InvalidInputError` where the new password is too short, or the old one wrong, which is audited and
        counts as an attempt to log in, and `TooManyRequestsError` like `log_in`.
        """
        async with self._database.snapshot() as db:
            user = await self.user(db, user_id)
        attempt = self._count_attempt(user.username, address)
        if not await self._passwords.check(old_password, user.password_hash):
            async with self._database.transaction() as db:
                await self._record(db, user, "user.change_password_refused", address)
            raise InvalidInputError("The old password is wrong.")
        self._by_username.forget(attempt)
        password_hash = await self.hash_password(new_password)
        async with self._database.transaction() as db:
            await self.set_password(db, user_id, password_hash, keep_token=token)
            await self._record(db, user, "user.change_password", address)

    async def set_active(self, db: AsyncSession, user_id: str, *, active: bool) -> User:
        """Deactivation ends every session at once. Raises `LastAdministratorError`."""
        user = await self.user(db, user_id)
        user.active = active
        if not active:
            await repository.end_sessions(db, user_id)
        await self._require_administrator(db)
        return user

    async def administrators(self, db: AsyncSession) -> list[User]:
        """Active users who may manage users, by name."""
        users = await repository.active_users(db)
        able = [user for user in users if Permission.USER_MANAGE in permissions_of(user.role_set())]
        return sorted(able, key=lambda user: user.name)

    async def _require_administrator(self, db: AsyncSession) -> None:
        await db.flush()
        if not await self.administrators(db):
            raise LastAdministratorError("Give another active user the role system_admin first.")

    async def _rehash(self, user_id: str, password: str) -> None:
        password_hash = await self._passwords.hash(password)
        async with self._database.transaction() as db:
            (await self.user(db, user_id)).password_hash = password_hash

    async def _record(self, db: AsyncSession, user: User | None, action: str, address: str) -> None:
        # A name that nobody has may be a password typed into the wrong field: it is not kept.
        record = AuditRecord(
            user_id=user.id if user else None,
            username=user.username if user else "",
            action=action,
            target=user.id if user else "",
            address=address,
            detail={},
        )
        await self._audit.record(db, record)
