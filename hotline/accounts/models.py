"""Tables of users, their sessions, and what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.accounts.roles import Role
from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class PasswordState(StrEnum):
    """Whose a password is: one that somebody else set is good for one log-in."""

    OWN = "own"
    ONE_TIME = "one_time"
    USED = "used"


class SlotKind(StrEnum):
    """Where attempts come from, as far as a user is concerned."""

    DEVICE = "device"
    NETWORK = "network"
    UNKNOWN = "unknown"
    SECOND_FACTOR = "second_factor"


class RequestState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


class OrganisationKind(StrEnum):
    HOTLINE = "hotline"
    VENDOR = "vendor"
    UNIT = "unit"


ROOT_ORGANISATION = "00000000-0000-7000-8000-000000000001"
"""The hotline itself, above all others; made with the tables, and never deactivated."""


class Organisation(Identified, Base):
    """Who a user works for. Never deleted, as users are not."""

    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class User(Identified, Base):
    """A person who may log in. Never deleted, so that old cases and audit entries keep their author."""

    __tablename__ = "user_account"

    username: Mapped[str] = mapped_column(String(64), unique=True)
    """Folded to lower case; see `schemas.Username`."""
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(255))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True, default=ROOT_ORGANISATION)
    roles: Mapped[list[str]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    password_state: Mapped[str] = mapped_column(String(16), default=PasswordState.OWN)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_secret: Mapped[str | None] = mapped_column(String(160))
    """Sealed by `TotpSeal`; None without a second factor."""
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The time step of the last code accepted: that one and older ones are refused."""
    recovery_codes: Mapped[list[str]] = mapped_column(Json, default=list)
    """SHA-256 of those not used yet."""

    def role_set(self) -> frozenset[Role]:
        return frozenset(map(Role, self.roles))


class UserSession(Identified, Base):
    """One log-in. The token itself is only in the browser; here is its SHA-256."""

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether a code was given in this session."""
    enrolment_secret: Mapped[str | None] = mapped_column(String(160))
    """Shown as a QR code, not confirmed by a code yet; sealed too."""

    user: Mapped[User] = relationship(lazy="raise")


class PasswordHistory(Identified, Base):
    """Hashes of a user's former passwords, as many as may not be used again."""

    __tablename__ = "password_history"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoleRequest(Identified, Base):
    """Roles that one administrator wants a user to have, and what another decided."""

    __tablename__ = "role_request"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    roles: Mapped[list[str]] = mapped_column(Json)
    """Those to be added."""
    approval: Mapped[str] = mapped_column(String(64))
    """The permission that whoever decides must have."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str] = mapped_column(String(36))
    requested_by_name: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")

    user: Mapped[User] = relationship(lazy="raise")


class LogInSlot(Base):
    """Failed attempts to log in, counted apart for each browser and network known to a user, and for all others."""

    __tablename__ = "log_in_slot"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A user's id; for an unknown name, its keyed hash."""
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed: Mapped[int] = mapped_column(default=0)
    failed_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_log_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Identified, Base):
    """Who did what, to what, from where. The database itself refuses to change one, or to delete it unreleased."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "at", "id"),)

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[str | None] = mapped_column(String(36), index=True)
    """No foreign key: the log must not depend on another table."""
    username: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(String(255), index=True)
    address: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)


class AuditRelease(Base):
    """Entries older than `until` may be deleted, in the transaction that holds this row; see `accounts.retention`."""

    __tablename__ = "audit_release"

    until: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)


APPEND_ONLY_SQLITE = (
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
    "WHEN NOT EXISTS (SELECT 1 FROM audit_release WHERE until > OLD.at) "
    "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    # INSERT OR REPLACE deletes without asking the trigger for deletes.
    "CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry "
    "WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
)
APPEND_ONLY_POSTGRESQL = (
    "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$",
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF EXISTS (SELECT 1 FROM audit_release WHERE until > OLD.at) THEN RETURN OLD; END IF; "
    "RAISE EXCEPTION 'audit_entry is append-only'; END $$",
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_keep()",
)
_ROOT_ROW = (
    "INSERT INTO organisation (id, name, kind, active, version) "
    f"VALUES ('{ROOT_ORGANISATION}', '12345 热线', 'hotline', true, 1)"
)
event.listen(Organisation.__table__, "after_create", DDL(_ROOT_ROW))  # type: ignore[no-untyped-call]
for _dialect, _statements in (("sqlite", APPEND_ONLY_SQLITE), ("postgresql", APPEND_ONLY_POSTGRESQL)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(AuditEntry.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
