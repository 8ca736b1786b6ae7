"""Log-in and sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.attempts import LockedOutError, LogInAttempt, LogInAttempts
from hotline.accounts.models import PasswordState, User, UserSession
from hotline.accounts.roles import UserPrincipal, permissions_of
from hotline.accounts.schemas import fold_username
from hotline.accounts.service import AccountService, hash_token
from hotline.accounts.steps import LogInStep, next_step
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError, NotFoundError, TooManyRequestsError, UnauthenticatedError
from hotline.kernel.http import AuditRecord, RepeatedTrail
from hotline.kernel.jobs import JobContext

log = structlog.get_logger(__name__)
_RENEW_AFTER = 20
"""A session is renewed once this part of its idle limit is over: a write at each request would queue."""


class WrongCredentialsError(UnauthenticatedError):
    error_id = "auth.wrong_credentials"
    title = "User name or password is wrong"


class PasswordUsedError(UnauthenticatedError):
    error_id = "auth.password_used"
    title = "The password was good for one log-in"


class SessionNotFoundError(NotFoundError):
    error_id = "session.not_found"
    title = "No such session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """From where somebody logs in; `device` is the token of a browser that logged in before."""

    address: str
    device: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A fresh log-in; `token` is shown to the browser once and stored nowhere, `device` likewise."""

    token: str
    principal: UserPrincipal
    device: str = ""


class Sessions:
    """Who is logged in. Methods that take `db` are part of the caller's transaction."""

    def __init__(
        self, database: Database, users: AccountService, attempts: LogInAttempts, repeated: RepeatedTrail
    ) -> None:
        self._database = database
        self._repeated = repeated
        self._users = users
        self._attempts = attempts
        self._options = users.options

    async def log_in(self, username: str, password: str, visitor: Visitor) -> OpenedSession:
        """Check the password and open a session, in transactions of its own.

        Its principal has a restriction while a step is left. Raises `WrongCredentialsError`, the same and after the
        same time whoever is unknown, inactive or wrong; `PasswordUsedError` for a one-time password the second
        time; `LockedOutError` after too many attempts, `TooManyRequestsError` for too many from one address.
        """
        user, attempt = await self._authenticate(username, password, visitor)
        async with self._database.transaction() as db:
            user = await self._users.user(db, user.id, lock=True)
            used = user.password_state == PasswordState.USED
            if used:
                await self._users.record(db, user, "session.refused", visitor.address, reason="password used")
            else:
                await self._attempts.clear(db, attempt)
                opened = await self._open(db, user, visitor)
        if used:
            raise PasswordUsedError("It was used already; ask a security administrator for a new one.")
        if self._users.passwords.is_outdated(user.password_hash):
            await self._users.rehash(user.id, password)
        return opened

    async def _authenticate(self, username: str, password: str, visitor: Visitor) -> tuple[User, LogInAttempt]:
        username = fold_username(username)
        async with self._database.snapshot() as db:
            user = await repository.user_by_username(db, username) if "\0" not in username else None
        owner = user.id if user is not None else self._attempts.owner_of_unknown(username)
        try:
            attempt = await self._attempts.begin(owner, address=visitor.address, device=visitor.device)
        except TooManyRequestsError as error:
            await self._too_many(user, visitor, error)
            raise
        known = user.password_hash if user is not None and user.active else None
        # Outside any transaction: it is slow, and would hold up every writer.
        if await self._users.passwords.check(password, known) and user is not None:
            return user, attempt
        async with self._database.transaction() as db:
            await self._users.record(db, user, "session.refused", visitor.address)
            if attempt.last:
                await self._users.record(db, user, "user.locked_out", visitor.address, place=attempt.kind)
        raise WrongCredentialsError("Check both and try again, or ask an administrator for a new password.")

    async def _too_many(self, user: User | None, visitor: Visitor, error: TooManyRequestsError) -> None:
        """Audit an attempt that was not looked at. A name that nobody has may be a password: it is not kept."""
        await self._repeated.note(
            AuditRecord(
                user_id=user.id if user else None,
                username=user.username if user else "",
                action="session.locked" if isinstance(error, LockedOutError) else "session.rate_limited",
                target=user.id if user else "",
                address=visitor.address,
                detail={},
            )
        )

    async def _open(self, db: AsyncSession, user: User, visitor: Visitor) -> OpenedSession:
        now = self._users.now()
        await repository.forget_old_sessions(db, now)
        token = secrets.token_urlsafe(32)
        session = UserSession(
            token_hash=hash_token(token),
            user_id=user.id,
            created_at=now,
            renewed_at=now,
            expires_at=now + self._options.log_in_time,
            address=visitor.address[:64],
            user_agent=visitor.user_agent[:255],
        )
        db.add(session)
        await db.flush()
        await self._users.record(db, user, "session.open", visitor.address)
        return await self.advance(db, user, session, token, visitor)

    async def advance(
        self, db: AsyncSession, user: User, session: UserSession, token: str, visitor: Visitor
    ) -> OpenedSession:
        """After the password, and after each further step: the session as it is now.

        From the second factor on this browser is the user's; a one-time password is used up once it leads to its
        change; a complete session lives by its use.
        """
        step = self.step_of(user, session)
        device = ""
        if step is not LogInStep.SECOND_FACTOR:
            device = await self._attempts.remember(db, user.id, address=visitor.address, device=visitor.device)
        if step is LogInStep.NEW_PASSWORD:
            user.password_state = PasswordState.USED
        if step is None:
            session.renewed_at, session.expires_at = self._lifetime(user, session)
        await db.flush()
        return OpenedSession(token, self._principal(user, session), device)

    async def refresh(self, token: str, visitor: Visitor) -> OpenedSession:
        """The session after a step that left its token as it was, in a transaction of its own."""
        async with self._database.transaction() as db:
            session = await self.session(db, token)
            return await self.advance(db, session.user, session, token, visitor)

    def step_of(self, user: User, session: UserSession) -> LogInStep | None:
        return next_step(
            enrolled=user.totp_secret is not None,
            code_given=session.second_factor,
            password_state=user.password_state,
            required=self._options.requires_second_factor(user.role_set()),
        )

    async def principal_for(self, token: str) -> UserPrincipal | None:
        """Who holds this session token; None where it is unknown or over. Renews the session by its use."""
        return await self._principal_for(token, in_use=True)

    async def peek(self, token: str) -> UserPrincipal | None:
        """As `principal_for`, for what a page asks by itself: the session is not renewed."""
        return await self._principal_for(token, in_use=False)

    async def _principal_for(self, token: str, *, in_use: bool) -> UserPrincipal | None:
        now = self._users.now()
        async with self._database.snapshot() as db:
            session = await repository.live_session(db, hash_token(token), now)
        if session is None:
            return None
        idle = self._options.idle_limit(session.user.role_set())
        if now - session.renewed_at > idle:
            return None
        principal = self._principal(session.user, session)
        if in_use and not principal.restriction and now - session.renewed_at > idle / _RENEW_AFTER:
            await self._renew(session)
        return principal

    async def session(self, db: AsyncSession, token: str) -> UserSession:
        """The caller's own, with its user. Raises `SessionNotFoundError`."""
        session = await repository.live_session(db, hash_token(token), self._users.now())
        if session is None:
            raise SessionNotFoundError("The session is over; log in again.")
        return session

    async def log_out(self, db: AsyncSession, token: str) -> None:
        """End one session; one that is over already is no error."""
        await repository.end_session(db, hash_token(token))

    async def listed(self, db: AsyncSession, user: User) -> list[UserSession]:
        """Those that are not over, the last used first."""
        now = self._users.now()
        idle = self._options.idle_limit(user.role_set())
        return [s for s in await repository.sessions_of(db, user.id, now) if now - s.renewed_at <= idle]

    async def end(self, db: AsyncSession, user_id: str, session_id: str) -> UserSession:
        """Raises `SessionNotFoundError`, also for another user's."""
        session = await db.get(UserSession, session_id)
        if session is None or session.user_id != user_id:
            raise SessionNotFoundError("It is over already, or belongs to somebody else.")
        await db.delete(session)
        return session

    async def end_all(self, db: AsyncSession, user_id: str) -> int:
        return await repository.end_sessions(db, user_id)

    async def forget_old_sessions(self, ctx: JobContext) -> None:
        """Clear sessions and counts of attempts away that are over; recurring work."""
        await repository.forget_old_sessions(ctx.db, self._users.now())
        await self._attempts.forget_old(ctx.db)

    def _principal(self, user: User, session: UserSession) -> UserPrincipal:
        roles = user.role_set()
        step = self.step_of(user, session)
        return UserPrincipal(user.id, user.username, user.name, roles, permissions_of(roles), step or "")

    def _lifetime(self, user: User, session: UserSession) -> tuple[datetime, datetime]:
        now = self._users.now()
        idle = self._options.idle_limit(user.role_set())
        return now, min(now + idle, session.created_at + self._options.session_limit)

    async def _renew(self, session: UserSession) -> None:
        now, expires_at = self._lifetime(session.user, session)
        try:
            async with self._database.transaction() as db:
                await repository.renew_session(db, session.id, now=now, expires_at=expires_at)
        except HotlineError as error:  # the session is good all the same; the next request tries again
            log.warning("session not renewed", error_id=error.error_id)
