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
    UNIT_HEAD = "unit_head"
    CALLBACK = "callback"
    KB_EDITOR = "kb_editor"
    KB_REVIEWER = "kb_reviewer"
    QA = "qa"
    SUPERVISOR = "supervisor"
    TELEPHONY_ADMIN = "telephony_admin"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


class Permission(StrEnum):
    """One thing that a route or a WebSocket event asks for."""

    WORKSPACE_USE = "workspace.use"
    CALL_READ = "call.read"
    CALL_READ_ALL = "call.read_all"
    CALL_EXPORT = "call.export"
    RECORDING_PLAY = "recording.play"
    NUMBER_UNMASK = "number.unmask"
    CASE_READ = "case.read"
    CASE_WRITE = "case.write"
    ENTERPRISE_READ = "enterprise.read"
    ENTERPRISE_WRITE = "enterprise.write"
    ENTERPRISE_MANAGE = "enterprise.manage"
    UNIT_READ = "unit.read"
    UNIT_WRITE = "unit.write"
    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_WRITE = "knowledge.write"
    KNOWLEDGE_PUBLISH = "knowledge.publish"
    FLOW_READ = "flow.read"
    FLOW_WRITE = "flow.write"
    PROMPT_WRITE = "prompt.write"
    USER_READ = "user.read"
    USER_MANAGE = "user.manage"
    ROLE_ASSIGN = "role.assign"
    ROLE_APPROVE = "role.approve"
    ACCESS_MANAGE = "access.manage"
    AGENT_MANAGE = "agent.manage"
    CALENDAR_MANAGE = "calendar.manage"
    AUDIT_READ = "audit.read"
    SETTINGS_MANAGE = "settings.manage"
    SUPERVISE = "supervise"
    MESSAGE_MANAGE = "message.manage"
    TEMPLATE_WRITE = "template.write"


P = Permission
_AGENT = frozenset(
    {P.WORKSPACE_USE, P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.ENTERPRISE_WRITE, P.UNIT_READ}
    | {P.KNOWLEDGE_READ}
)
_UNIT = frozenset({P.CASE_READ, P.CASE_WRITE, P.UNIT_READ, P.KNOWLEDGE_READ, P.KNOWLEDGE_WRITE})
_EDITS_KNOWLEDGE = frozenset({P.UNIT_READ, P.KNOWLEDGE_READ, P.KNOWLEDGE_WRITE})
_REVIEW_CALLS = frozenset({P.CALL_READ, P.CALL_READ_ALL, P.RECORDING_PLAY})

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.AGENT: _AGENT,
        Role.SPECIALIST: frozenset({P.CASE_READ, P.UNIT_READ, P.KNOWLEDGE_READ, P.KNOWLEDGE_WRITE}),
        Role.DISPATCHER: frozenset(
            {P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.UNIT_READ, P.KNOWLEDGE_READ}
        ),
        Role.UNIT_HANDLER: _UNIT,
        Role.UNIT_HEAD: _UNIT,
        Role.CALLBACK: frozenset(
            {P.CALL_READ, P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.NUMBER_UNMASK, P.KNOWLEDGE_READ}
        ),
        Role.KB_EDITOR: _EDITS_KNOWLEDGE,
        Role.KB_REVIEWER: _EDITS_KNOWLEDGE | {P.UNIT_WRITE, P.KNOWLEDGE_PUBLISH},
        Role.QA: _REVIEW_CALLS | {P.CASE_READ, P.ENTERPRISE_READ, P.KNOWLEDGE_READ},
        Role.SUPERVISOR: _AGENT
        | _REVIEW_CALLS
        | {
            P.SUPERVISE,
            P.AGENT_MANAGE,
            P.CALENDAR_MANAGE,
            P.CALL_EXPORT,
            P.ENTERPRISE_MANAGE,
            P.NUMBER_UNMASK,
            P.FLOW_READ,
            P.MESSAGE_MANAGE,
            P.TEMPLATE_WRITE,
            P.UNIT_WRITE,
        },
        # Who runs the telephony or the accounts sees no caller's case: the two are kept apart on purpose.
        Role.TELEPHONY_ADMIN: frozenset(
            {P.FLOW_READ, P.FLOW_WRITE, P.PROMPT_WRITE, P.SETTINGS_MANAGE, P.SUPERVISE, P.AGENT_MANAGE}
            | {P.CALENDAR_MANAGE}
        ),
        # The three administrators, apart (GB/T 22239): accounts and settings, access, audit.
        Role.SYSTEM_ADMIN: frozenset(
            {P.USER_READ, P.USER_MANAGE, P.ROLE_APPROVE, P.AGENT_MANAGE, P.CALENDAR_MANAGE}
            | {P.SETTINGS_MANAGE, P.FLOW_READ, P.UNIT_READ, P.MESSAGE_MANAGE}
        ),
        Role.SECURITY_ADMIN: frozenset({P.USER_READ, P.ROLE_ASSIGN, P.ROLE_APPROVE, P.ACCESS_MANAGE}),
        Role.AUDIT_ADMIN: frozenset({P.AUDIT_READ}),
    }
)
SEPARATE_ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
ADMINISTRATORS = SEPARATE_ADMINISTRATORS | {Role.TELEPHONY_ADMIN}
"""Whose sessions end soon after their last use."""
_COMBINES = {Role.SYSTEM_ADMIN: frozenset({Role.SYSTEM_ADMIN, Role.TELEPHONY_ADMIN})}
_SEES_CASES = frozenset({P.CASE_READ, P.CALL_READ, P.CALL_READ_ALL, P.RECORDING_PLAY, P.NUMBER_UNMASK})


def needs_approval(role: Role) -> bool:
    """Whether a second person approves a grant: roles that see cases or calls, and the three administrators."""
    return role in SEPARATE_ADMINISTRATORS or bool(ROLE_PERMISSIONS[role] & _SEES_CASES)


def conflict_of(roles: Iterable[Role]) -> str | None:
    """Why one person may not have all of `roles`, in a sentence; None where they may.

    security_admin and audit_admin stand alone; system_admin combines with telephony_admin alone.
    """
    wanted = frozenset(roles)
    for role in sorted(wanted & SEPARATE_ADMINISTRATORS):
        if others := sorted(wanted - _COMBINES.get(role, frozenset({role}))):
            return f"{role} cannot be combined with {', '.join(others)}: give one of them to another person."
    return None


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that `roles` together allow."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class UserPrincipal:
    """Who is asking, for the length of one request or connection."""

    user_id: str
    username: str
    name: str
    roles: frozenset[Role]
    permissions: frozenset[Permission]
    restriction: str = ""
    """The `LogInStep` that is left to do; "" for a session that may do all its roles allow."""
