"""Limits of the accounts feature."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hotline.accounts.ports import InstanceAccounts
from hotline.accounts.roles import ADMINISTRATORS, Role
from hotline.kernel.keyfile import KeyFile
from hotline.kernel.settings import SettingsError


@dataclass(frozen=True, kw_only=True)
class AccountOptions:
    """How long sessions live, how many attempts to log in are taken, who needs a second factor."""

    session_lifetime: timedelta = timedelta(hours=12)
    """A session ends this long after its last use …"""
    administrator_idle: timedelta = timedelta(minutes=30)
    """… an administrator's this long after …"""
    session_limit: timedelta = timedelta(days=7)
    """… and this long after the log-in, whatever its use."""
    log_in_time: timedelta = timedelta(minutes=15)
    """For a second factor, a new password, an enrolment."""
    attempts: int = 10
    """Wrong passwords in a row, or codes, from one place, before it is locked out for the rest of …"""
    attempts_window: timedelta = timedelta(minutes=15)
    attempts_by_address: str = "100 per minute"
    """High, because a whole call centre comes from one address when the shift begins. Known browsers are exempt."""
    known_for: timedelta = timedelta(days=180)
    """How long after its last log-in a browser or network still counts as the user's own."""
    second_factor_roles: frozenset[Role] = frozenset()

    def idle_limit(self, roles: Iterable[Role]) -> timedelta:
        limit = self.session_lifetime
        return min(limit, self.administrator_idle) if ADMINISTRATORS.intersection(roles) else limit

    def requires_second_factor(self, roles: Iterable[Role]) -> bool:
        return bool(self.second_factor_roles.intersection(roles))


def account_options(settings: InstanceAccounts) -> AccountOptions:
    """Raises `SettingsError` for a role that does not exist."""
    accounts = settings.accounts
    known = {role.value for role in Role}
    if unknown := sorted(set(accounts.second_factor_roles) - known):
        raise SettingsError(
            f"accounts.second_factor_roles: no such role: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    return AccountOptions(
        session_lifetime=settings.http.session_lifetime,
        administrator_idle=accounts.administrator_idle,
        second_factor_roles=frozenset(map(Role, accounts.second_factor_roles)),
    )


def second_factor_key(settings: InstanceAccounts) -> KeyFile:
    return KeyFile(settings.accounts.second_factor_key or settings.home / "second-factor.key")
