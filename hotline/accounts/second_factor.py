"""The second factor: enrolment, codes at log-in, recovery codes."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.attempts import LogInAttempts
from hotline.accounts.models import User
from hotline.accounts.seal import SecondFactorKeyError, TotpSeal
from hotline.accounts.service import AccountService, hash_token
from hotline.accounts.sessions import OpenedSession, Sessions, Visitor
from hotline.accounts.steps import LogInStep
from hotline.accounts.totp import (
    hash_recovery_code,
    key_uri,
    matching_step,
    new_recovery_codes,
    new_secret,
    qr_code,
)
from hotline.kernel.db import Database
from hotline.kernel.errors import ConflictError, ForbiddenError, InvalidInputError

log = structlog.get_logger(__name__)


class WrongCodeError(InvalidInputError):
    error_id = "auth.wrong_code"
    title = "The code is wrong"


class NoStepError(ConflictError):
    error_id = "auth.no_such_step"
    title = "Nothing asks for this now"


class SecondFactorRequiredError(ForbiddenError):
    error_id = "account.second_factor_required"
    title = "A role asks for the second factor"


@dataclass(frozen=True, slots=True)
class Enrolment:
    secret: str
    uri: str
    qr_code: str


class SecondFactor:
    """A user's own steps; each is audited, in transactions of its own."""

    def __init__(
        self,
        database: Database,
        users: AccountService,
        sessions: Sessions,
        attempts: LogInAttempts,
        seal: TotpSeal,
    ) -> None:
        self._database = database
        self._seal = seal
        self._users = users
        self._sessions = sessions
        self._attempts = attempts

    async def give_code(self, token: str, code: str, visitor: Visitor) -> OpenedSession:
        """The second step of a log-in, by a code of the app or a recovery code; the session gets a new token.

        Raises `WrongCodeError`, also for a code given before, which is audited; `LockedOutError` after several;
        `SecondFactorKeyError` where the app's secret cannot be read and it was no recovery code either.
        """
        async with self._database.snapshot() as db:
            session = await self._sessions.session(db, token)
        if self._sessions.step_of(session.user, session) is not LogInStep.SECOND_FACTOR:
            raise NoStepError("This session needs no code.")
        attempt = await self._attempts.begin_code(session.user_id)
        async with self._database.transaction() as db:
            user = await self._users.user(db, session.user_id, lock=True)
            session = await self._sessions.session(db, token)
            secret = self._secret_of(user)
            accepted = self._accept(user, secret, code)
            if accepted is None:
                await self._users.record(db, user, "session.second_factor_refused", visitor.address)
                if attempt.last:
                    await self._users.record(db, user, "user.locked_out", visitor.address, place=attempt.kind)
            else:
                await self._attempts.clear(db, attempt)
                session.second_factor = True
                new_token = repository.replace_token(session)
                await self._users.record(
                    db,
                    user,
                    "session.second_factor",
                    visitor.address,
                    by=accepted,
                    recovery_left=len(user.recovery_codes),
                )
                opened = await self._sessions.advance(db, user, session, new_token, visitor)
        if accepted is None and secret is None:
            raise SecondFactorKeyError("The app's codes cannot be checked now: use a recovery code.")
        if accepted is None:
            raise WrongCodeError("Wait for the next code and type that, or use a recovery code.")
        return opened

    def _secret_of(self, user: User) -> str | None:
        """What the app was given; None where it cannot be read, which is logged: recovery codes are still good then."""
        try:
            return self._seal.open(user.id, user.totp_secret or "")
        except SecondFactorKeyError as error:
            log.error("second factor cannot be read", user_id=user.id, reason=error.detail)
            return None

    def _accept(self, user: User, secret: str | None, code: str) -> str | None:
        """By what the code was good, and used up with it."""
        step = matching_step(secret, code, self._users.now()) if secret else None
        if step is not None and step > user.totp_last_step:
            user.totp_last_step = step
            return "app"
        hashed = hash_recovery_code(code)
        if hashed in user.recovery_codes:
            user.recovery_codes = [left for left in user.recovery_codes if left != hashed]
            return "recovery code"
        return None

    async def begin(self, token: str, password: str, *, address: str) -> Enrolment:
        """A new secret for an app, which counts once `confirm` is given a code of it.

        `password` is asked again of a session that is complete. Raises as `AccountService.confirm_password`, and
        `SecondFactorKeyError` where the secret could not be stored.
        """
        async with self._database.snapshot() as db:
            session = await self._sessions.session(db, token)
        step = self._sessions.step_of(session.user, session)
        if step not in (None, LogInStep.ENROLMENT):
            raise NoStepError("Complete the log-in first.")
        if step is None:
            await self._users.confirm_password(session.user_id, password, address=address)
        secret = new_secret()
        async with self._database.transaction() as db:
            session = await self._sessions.session(db, token)
            session.enrolment_secret = self._seal.seal(session.user_id, secret)
            uri = key_uri(secret, session.user.username)
        return Enrolment(secret, uri, qr_code(uri))

    async def confirm(self, token: str, code: str, visitor: Visitor) -> tuple[list[str], OpenedSession]:
        """From now on a log-in asks for a code; the user's other sessions end. Returns the recovery codes."""
        async with self._database.snapshot() as db:
            user_id = (await self._sessions.session(db, token)).user_id
        attempt = await self._attempts.begin_code(user_id)
        async with self._database.transaction() as db:
            user = await self._users.user(db, user_id, lock=True)
            session = await self._sessions.session(db, token)
            if session.enrolment_secret is None:
                raise NoStepError("Begin with a new QR code.")
            step = matching_step(self._seal.open(user.id, session.enrolment_secret), code, self._users.now())
            if step is None:
                raise WrongCodeError("Scan the QR code again and type the code that the app shows now.")
            await self._attempts.clear(db, attempt)
            before = user.totp_secret is not None
            user.totp_secret, user.totp_since, user.totp_last_step = session.enrolment_secret, self._users.now(), step
            codes = self._new_codes(user)
            session.enrolment_secret, session.second_factor = None, True
            await repository.end_sessions(db, user.id, except_hash=hash_token(token))
            new_token = repository.replace_token(session)
            await self._users.record(db, user, "user.second_factor", visitor.address, before=before, after=True)
            opened = await self._sessions.advance(db, user, session, new_token, visitor)
        return codes, opened

    async def renew_codes(self, user_id: str, password: str, *, address: str) -> list[str]:
        """New recovery codes instead of those that are left."""
        await self._users.confirm_password(user_id, password, address=address)
        async with self._database.transaction() as db:
            user = await self._users.user(db, user_id, lock=True)
            if user.totp_secret is None:
                raise NoStepError("Set the second factor up first.")
            before = len(user.recovery_codes)
            codes = self._new_codes(user)
            await self._users.record(db, user, "user.recovery_codes", address, before=before, after=len(codes))
        return codes

    async def remove(self, user_id: str, password: str, *, address: str) -> None:
        """By the user. Raises `SecondFactorRequiredError` where a role asks for it."""
        await self._users.confirm_password(user_id, password, address=address)
        async with self._database.transaction() as db:
            user = await self._users.user(db, user_id, lock=True)
            if self._users.options.requires_second_factor(user.role_set()):
                raise SecondFactorRequiredError("One of your roles asks for it; a new phone can be set up instead.")
            before = self.clear(user)
            await self._users.record(db, user, "user.second_factor", address, before=before, after=False)

    async def reset(self, db: AsyncSession, user_id: str) -> bool:
        """By an administrator, for a lost phone: every session ends. Whether there was one."""
        user = await self._users.user(db, user_id, lock=True)
        before = self.clear(user)
        await repository.end_sessions(db, user_id)
        return before

    @staticmethod
    def clear(user: User) -> bool:
        before = user.totp_secret is not None
        user.totp_secret, user.totp_since, user.recovery_codes = None, None, []
        return before

    @staticmethod
    def _new_codes(user: User) -> list[str]:
        codes = new_recovery_codes()
        user.recovery_codes = [hash_recovery_code(code) for code in codes]
        return codes
