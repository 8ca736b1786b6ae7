"""Who may do what: the roles of a 12345 hotline and the permissions each carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """The work of one person; a person may have several."""

    AGENT = "agent"
    SPECIALIST = "specialist"
    DISPATCHER = "dispatcher"
    UNIT_HANDLER = "unit_handler"
    CALLBACK = "callback"
    KB_EDITOR = "kb_editor"
    KB_REVIEWER = "kb_reviewer"
    QA = "qa"
    SUPERVISOR = "supervisor"
    TELEPHONY_ADMIN = "telephony_admin"
    SYSTEM_ADMIN = "system_admin"


class Permission(StrEnum):
    """One thing that a route or a WebSocket event asks for."""

    DESK_USE = "desk.use"
    CALL_READ = "call.read"
    CALL_READ_ALL = "call.read_all"
    CALL_EXPORT = "call.export"
    RECORDING_PLAY = "recording.play"
    NUMBER_UNMASK = "number.unmask"
    CASE_READ = "case.read"
    CASE_WRITE = "case.write"
    ENTERPRISE_READ = "enterprise.read"
    ENTERPRISE_WRITE = "enterprise.write"
    UNIT_READ = "unit.read"
    UNIT_WRITE = "unit.write"
    FLOW_READ = "flow.read"
    FLOW_WRITE = "flow.write"
    PROMPT_WRITE = "prompt.write"
    USER_MANAGE = "user.manage"
    AGENT_MANAGE = "agent.manage"
    AUDIT_READ = "audit.read"
    SETTINGS_MANAGE = "settings.manage"
    SUPERVISE = "supervise"


P = Permission
_AGENT = frozenset(
    {P.DESK_USE, P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.ENTERPRISE_WRITE, P.UNIT_READ}
)
_REVIEW_CALLS = frozenset({P.CALL_READ, P.CALL_READ_ALL, P.RECORDING_PLAY})

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.AGENT: _AGENT,
        Role.SPECIALIST: frozenset({P.CASE_READ, P.UNIT_READ}),
        Role.DISPATCHER: frozenset({P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.UNIT_READ}),
        Role.UNIT_HANDLER: frozenset({P.CASE_READ, P.CASE_WRITE, P.UNIT_READ}),
        Role.CALLBACK: frozenset({P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.NUMBER_UNMASK}),
        Role.KB_EDITOR: frozenset({P.UNIT_READ}),
        Role.KB_REVIEWER: frozenset({P.UNIT_READ, P.UNIT_WRITE}),
        Role.QA: _REVIEW_CALLS | {P.CASE_READ, P.ENTERPRISE_READ},
        Role.SUPERVISOR: _AGENT
        | _REVIEW_CALLS
        | {P.SUPERVISE, P.AGENT_MANAGE, P.CALL_EXPORT, P.NUMBER_UNMASK, P.FLOW_READ, P.UNIT_WRITE, P.AUDIT_READ},
        # Who runs the telephony or the accounts sees no caller's case: the two are kept apart on purpose.
        Role.TELEPHONY_ADMIN: frozenset(
            {P.FLOW_READ, P.FLOW_WRITE, P.PROMPT_WRITE, P.SETTINGS_MANAGE, P.SUPERVISE, P.AGENT_MANAGE}
        ),
        Role.SYSTEM_ADMIN: frozenset(
            {P.USER_MANAGE, P.AGENT_MANAGE, P.AUDIT_READ, P.SETTINGS_MANAGE, P.FLOW_READ, P.UNIT_READ}
        ),
    }
)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that `roles` together allow."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, for the length of one request or connection."""

    user_id: str
    username: str
    name: str
    roles: frozenset[Role]
    permissions: frozenset[Permission]
