"""Who may see which case, and as what they act on it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crm.cases.models import Assignment, AssignmentRole, AssignmentState, Case
from crm.cases.state import Actor
from hotline.accounts.roles import Role
from hotline.kernel.http import Principal

HOTLINE_STAFF = frozenset({Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.QA, Role.SUPERVISOR})
UNIT_STAFF = frozenset({Role.UNIT_HANDLER, Role.UNIT_HEAD})
"""See what is assigned to their unit, or to one below it, and nothing else."""
ENTRUSTED = frozenset({Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR})
"""Who may open a confidential case that another wrote; every view is audited."""
_ACTING = HOTLINE_STAFF - {Role.QA}
_OVER = frozenset({AssignmentState.RETURNED, AssignmentState.ENDED})


def is_staff(who: Principal) -> bool:
    return not HOTLINE_STAFF.isdisjoint(who.roles)


def is_entrusted(who: Principal) -> bool:
    return not ENTRUSTED.isdisjoint(who.roles)


def may_view(who: Principal, case: Case) -> bool:
    """Whether hotline staff may open `case`: a confidential one only its writer and the entrusted."""
    return is_staff(who) and (not case.confidential or case.created_by == who.user_id or is_entrusted(who))


def may_edit(who: Principal, case: Case) -> bool:
    """The writer, or a supervisor who steps in."""
    return is_staff(who) and (case.created_by == who.user_id or Role.SUPERVISOR in who.roles)


def identity_hidden(case: Case) -> bool:
    """Whether units may not learn who the caller is."""
    return case.confidential or case.anonymous


def title_in_lists(case: Case, *, for_unit: bool) -> str:
    """A unit reads the beginning of the text written for it; of a confidential case hotline staff read nothing."""
    if not (case.confidential or (for_unit and case.anonymous)):
        return case.title
    return case.text_for_unit.partition("\n")[0][:40] if for_unit else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who looks at cases, with the handling units they work for."""

    who: Principal
    home: str | None = None
    """Their own unit; None for the hotline's staff."""
    units: frozenset[str] = frozenset()
    """That one and all below it."""
    above: frozenset[str] = frozenset()
    """Those above it."""
    many_cases: bool = False
    """Whether their units have more cases than are worth reading before others are left out."""

    @property
    def staff(self) -> bool:
        return is_staff(self.who)

    @property
    def accused(self) -> frozenset[str]:
        """Units whose complaints are kept from this viewer: their own, and those it belongs to."""
        return self.above | ({self.home} if self.home else set())

    def may_view(self, case: Case, assigned: Collection[str], recused: bool) -> bool:
        """`assigned` are the units the case is with, `recused` whether this viewer stepped aside from it."""
        if recused:
            return False
        if self.staff:
            return may_view(self.who, case)
        return not self.units.isdisjoint(assigned) and case.unit_complained_of_id not in self.accused

    def actors(self, case: Case, assignments: Iterable[Assignment]) -> frozenset[Actor]:
        """As what this viewer, who may see `case`, acts on it."""
        roles = self.who.roles
        found = {Actor.ANYBODY}
        if not _ACTING.isdisjoint(roles):
            found.add(Actor.STAFF)
        if may_edit(self.who, case):
            found.add(Actor.WRITER)
        if not roles.isdisjoint({Role.DISPATCHER, Role.SUPERVISOR}):
            found |= {Actor.REVIEWER, Actor.DISPATCHER}
        if not roles.isdisjoint({Role.CALLBACK, Role.SUPERVISOR}):
            found.add(Actor.CALLBACK)
        if not self.staff and not UNIT_STAFF.isdisjoint(roles):
            for one in running(assignments):
                if one.unit_id in self.units:
                    found.add(Actor.UNIT if one.role == AssignmentRole.LEAD else Actor.ASSIGNED)
            if Actor.UNIT in found and Role.UNIT_HEAD in roles:
                found.add(Actor.UNIT_HEAD)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """The service itself, where a deadline or a master's answer acts; nobody can log in as it."""

    user_id: str = ""
    username: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    restriction: str = ""


SERVICE = Viewer(who=ServicePrincipal())


def running(assignments: Iterable[Assignment]) -> list[Assignment]:
    """Those that were neither returned nor ended."""
    return [one for one in assignments if one.state not in _OVER]
