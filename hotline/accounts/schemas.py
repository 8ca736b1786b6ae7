"""What crosses the edge about accounts."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from hotline.accounts.models import ROOT_ORGANISATION, PasswordState, RequestState, SlotKind
from hotline.accounts.password_rules import SHORTEST_PASSWORD
from hotline.accounts.roles import Permission, Role
from hotline.accounts.steps import LogInStep
from hotline.kernel.http import PageQuery
from hotline.kernel.words import LINES, VISIBLE


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


class OwnPassword(Input):
    password: Annotated[SecretStr, Field(max_length=256)]


class PasswordChange(Input):
    old_password: Annotated[SecretStr, Field(max_length=256)] = SecretStr("")
    """Not asked for in a session that a one-time password has opened."""
    new_password: NewPassword


class Code(Input):
    code: Annotated[str, Field(min_length=6, max_length=32)]


class EnrolmentStart(Input):
    password: Annotated[SecretStr, Field(max_length=256)] = SecretStr("")
    """Not asked for where the log-in itself asks for the enrolment."""


class Decision(Input):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), LINES] = ""


class NewUser(Input):
    username: Username
    name: PersonName
    roles: list[Role] = Field(min_length=1)


class UserDraft(NewUser):
    roles: list[Role] = Field(default_factory=list)
    """Asked for: they hold once a security administrator approves them."""
    organisation_id: str = Field(default=ROOT_ORGANISATION, max_length=36)
    password: NewPassword


class RolesChange(Input):
    roles: list[Role]


class PasswordReset(Input):
    password: NewPassword


class UserQuery(PageQuery):
    search: str = Field(default="", max_length=100)
    active: bool | None = None


class AuditFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user_id: str | None = Field(default=None, max_length=36)
    username: str | None = Field(default=None, max_length=64)
    action: str | None = Field(default=None, max_length=64)
    target: str | None = Field(default=None, max_length=255)
    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None


class AuditQuery(AuditFilter, PageQuery):
    pass


class AuditActions(BaseModel):
    items: list[str]


class SessionUser(BaseModel):
    id: str
    username: str
    name: str
    roles: list[Role]
    permissions: list[Permission]


class SessionView(BaseModel):
    user: SessionUser
    step: LogInStep | None
    """What is left to do; until then the session does nothing else."""


class EnrolmentView(BaseModel):
    secret: str
    uri: str
    qr_code: str
    """An SVG as a data URI."""


class RecoveryCodes(BaseModel):
    codes: list[str]
    """Shown once; each is good for one log-in."""


class EnrolledView(RecoveryCodes):
    session: SessionView


class OpenSession(BaseModel):
    id: str
    created_at: datetime
    used_at: datetime
    """Within a twentieth of the idle limit."""
    address: str
    user_agent: str
    current: bool


class SecondFactorView(BaseModel):
    enrolled_at: datetime | None
    required: bool
    recovery_codes_left: int


class AccountView(BaseModel):
    user: SessionUser
    password_changed_at: datetime | None
    second_factor: SecondFactorView
    sessions: list[OpenSession]


class LockView(BaseModel):
    place: SlotKind
    until: datetime


class AccessView(BaseModel):
    """How a user comes in."""

    password_state: PasswordState
    second_factor: SecondFactorView
    locks: list[LockView]
    sessions: list[OpenSession]


class RoleRequestView(BaseModel):
    id: str
    user_id: str
    username: str
    name: str
    roles: list[Role]
    state: RequestState
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    reason: str
    may_approve: bool
    may_refuse: bool


class RoleRequestList(BaseModel):
    items: list[RoleRequestView]


class RoleRequestQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    state: RequestState = RequestState.PENDING


class AdministratorView(BaseModel):
    """A person one can request a role from: a name, nothing to log in with."""

    name: str


class UserView(BaseModel):
    id: str
    username: str
    name: str
    organisation_id: str
    organisation: str
    """Its name."""
    roles: list[Role]
    active: bool
    created_at: datetime
    pending_roles: list[Role]
    """Asked for; a second person has yet to approve them."""
    locked: bool
    second_factor: bool
    password_state: PasswordState


class AuditView(BaseModel):
    id: str
    at: datetime
    user_id: str | None
    username: str
    action: str
    target: str
    address: str
    detail: dict[str, Any]
