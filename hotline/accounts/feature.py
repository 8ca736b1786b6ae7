"""The services of this feature, put together."""

from __future__ import annotations

from hotline.accounts.attempts import LogInAttempts
from hotline.accounts.audit import AuditLog
from hotline.accounts.options import AccountOptions
from hotline.accounts.organisations import Organisations
from hotline.accounts.passwords import Passwords
from hotline.accounts.role_requests import RoleRequests
from hotline.accounts.seal import TotpKeeper, TotpSeal
from hotline.accounts.second_factor import SecondFactor
from hotline.accounts.service import AccountService
from hotline.accounts.sessions import Sessions
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.http import RepeatedTrail
from hotline.kernel.keyfile import KeyFile
from hotline.kernel.repeated_audit import RepeatedAudit


class AccountFeature:
    """Users, their sessions, their second factor, and who gives them roles."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        audit: AuditLog,
        *,
        key: KeyFile,
        options: AccountOptions | None = None,
        passwords: Passwords | None = None,
        repeated: RepeatedTrail | None = None,
    ) -> None:
        self.users = AccountService(database, clock, audit, options=options, passwords=passwords)
        self.organisations = Organisations()
        self.attempts = LogInAttempts(database, clock, self.users.options)
        self.sessions = Sessions(database, self.users, self.attempts, repeated or RepeatedAudit(database, audit, clock))
        seal = TotpSeal(key.read)
        self.keeper = TotpKeeper(database, key, seal)
        self.second_factor = SecondFactor(database, self.users, self.sessions, self.attempts, seal)
        self.requests = RoleRequests(self.users)

    async def start(self) -> None:
        """Call before anybody logs in."""
        await self.keeper.start()

    def close(self) -> None:
        self.users.close()
