"""What crosses the edge about accounts."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from hotline.accounts.roles import Permission, Role
from hotline.kernel.http import PageQuery
from hotline.kernel.words import VISIBLE

SHORTEST_PASSWORD = 10


def fold_username(value: Any) -> Any:
    """One spelling of a username: compatibility forms and case are folded, spaces around it go."""
    return unicodedata.normalize("NFKC", value).strip().casefold() if isinstance(value, str) else value


Username = Annotated[
    str, BeforeValidator(fold_username), StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.@-]+$")
]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST_PASSWORD, max_length=256)]
"""Long rather than complicated; the limit above keeps a request from being an attack on argon2."""


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(Input):
    username: Annotated[str, Field(max_length=256)]
    password: Annotated[SecretStr, Field(max_length=256)]


class PasswordChange(Input):
    old_password: Annotated[SecretStr, Field(max_length=256)]
    new_password: NewPassword


class NewUser(Input):
    username: Username
    name: PersonName
    roles: list[Role] = Field(min_length=1)


class UserDraft(NewUser):
    password: NewPassword


class RolesChange(Input):
    roles: list[Role] = Field(min_length=1)


class PasswordReset(Input):
    password: NewPassword


class UserQuery(PageQuery):
    search: str = Field(default="", max_length=100)
    active: bool | None = None


class AuditQuery(PageQuery):
    user_id: str | None = None
    username: str | None = None
    action: str | None = None
    target: str | None = None
    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None


class SessionUser(BaseModel):
    id: str
    username: str
    name: str
    roles: list[Role]
    permissions: list[Permission]


class SessionView(BaseModel):
    user: SessionUser


class AdministratorView(BaseModel):
    """Of whom one asks for a role: a name, and nothing to log in with."""

    name: str


class UserView(BaseModel):
    id: str
    username: str
    name: str
    roles: list[Role]
    active: bool
    created_at: datetime


class AuditView(BaseModel):
    id: str
    at: datetime
    user_id: str | None
    username: str
    action: str
    target: str
    address: str
    detail: dict[str, Any]
