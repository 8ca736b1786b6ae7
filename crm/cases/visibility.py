"""Who may see which case. Pure."""

from __future__ import annotations

from crm.cases.models import Case
from hotline.accounts.roles import Role
from hotline.kernel.http import Principal

HOTLINE_STAFF = frozenset({Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.QA, Role.SUPERVISOR})
"""Units' people see what is dispatched to them, and nothing can be dispatched yet."""
ENTRUSTED = frozenset({Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR})
"""Who may open a confidential case that another wrote; every view is audited."""


def is_staff(who: Principal) -> bool:
    return not HOTLINE_STAFF.isdisjoint(who.roles)


def is_entrusted(who: Principal) -> bool:
    return not ENTRUSTED.isdisjoint(who.roles)


def may_view(who: Principal, case: Case) -> bool:
    """Whether `who` may open `case`: hotline staff, and a confidential one only its writer and the entrusted."""
    return is_staff(who) and (not case.confidential or case.created_by == who.user_id or is_entrusted(who))


def may_edit(who: Principal, case: Case) -> bool:
    """The writer, or a supervisor who steps in."""
    return is_staff(who) and (case.created_by == who.user_id or Role.SUPERVISOR in who.roles)
