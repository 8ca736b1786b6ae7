"""What the accounts ask of the floors above."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from hotline.accounts.settings import AccountSettings
from hotline.kernel.settings import HttpSettings


class InstanceAccounts(Protocol):
    """The settings that the accounts read."""

    @property
    def home(self) -> Path: ...

    @property
    def accounts(self) -> AccountSettings: ...

    @property
    def http(self) -> HttpSettings: ...

    @property
    def database_url(self) -> str: ...
