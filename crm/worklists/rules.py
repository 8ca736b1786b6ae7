"""Which work lists there are, for whom, and which cases stand in each. Pure: conditions, no queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from crm.cases.models import Assignment, AssignmentRole, AssignmentState, Case, CaseCallback
from crm.cases.repository import assigned
from crm.cases.state import AT_UNIT, OPEN, POOLS, WITH_UNIT, CaseState
from crm.cases.visibility import HOTLINE_STAFF, UNIT_STAFF, Viewer
from crm.limits.models import CALLBACK_RUNS, CaseDeadline
from hotline.accounts.roles import Role
from hotline.kernel.planning import literal_number

SOON = timedelta(hours=24)
ESCALATED = or_(Case.reworks >= literal_number(3), Case.returns >= literal_number(3))
"""From this many on, a case is escalated (提级); it has an index."""


class WorkListName(StrEnum):
    TO_REVIEW = "to_review"
    NEED_INFO = "need_info"
    TO_DISPATCH = "to_dispatch"
    RETURNED = "returned"
    RETURN_REQUESTS = "return_requests"
    EXTENSION_REQUESTS = "extension_requests"
    TO_AUDIT = "to_audit"
    CLAIMED = "claimed"
    TO_CALL_BACK = "to_call_back"
    TRIED_TODAY = "tried_today"
    NOT_REACHED = "not_reached"
    TO_SIGN = "to_sign"
    IN_PROGRESS = "in_progress"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ASSISTING = "assisting"
    REWORK = "rework"
    REPLIED = "replied"
    URGED = "urged"
    ESCALATED = "escalated"
    HARD = "hard"
    MASS = "mass"
    DRAFTS = "drafts"
    SENT_BACK = "sent_back"
    OPEN = "open"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContext:
    viewer: Viewer
    now: datetime
    today: datetime
    """When the hotline's day began."""
    counting: bool = False
    """Whether no order is asked for, so that no index needs to have it."""

    @property
    def me(self) -> str:
        return self.viewer.who.user_id


Condition = Callable[[ListContext], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkListRule:
    roles: frozenset[Role]
    holds: Condition
    sort: str = "due"
    pool: bool = False
    """Its cases are claimed, so that two people never work on one."""
    counted: bool = True


def _states(*states: CaseState) -> ColumnElement[bool]:
    return Case.state == states[0] if len(states) == 1 else Case.state.in_(sorted(states))


def _open(states: Iterable[CaseState] = OPEN) -> ColumnElement[bool]:
    """As `_states`, where there are many: an open case has not been closed, which has an index of its own."""
    return and_(Case.closed_at.is_(None), _states(*states))


def _in(*states: CaseState) -> Condition:
    return lambda _: _states(*states)


def _assigned(c: ListContext, *states: AssignmentState, roles: tuple[AssignmentRole, ...]) -> ColumnElement[bool]:
    """An assignment of the viewer's units in one of `states`."""
    # Of those that were answered there are more each day, of the others not.
    many = c.viewer.many_cases and AssignmentState.REPLIED in states
    return assigned(c.viewer.units, Assignment.state.in_(states), Assignment.role.in_(roles), many=many)


def _led(*states: CaseState, signed: tuple[AssignmentState, ...]) -> Condition:
    return lambda c: and_(_states(*states), _assigned(c, *signed, roles=(AssignmentRole.LEAD,)))


def _mine(*states: CaseState) -> Condition:
    return lambda c: and_(Case.created_by == c.me, _states(*states))


def _past_due(c: ListContext) -> ColumnElement[bool]:
    """Also where a unit looks: what is not with the unit any more is not overdue there."""
    states = AT_UNIT if not c.viewer.staff else OPEN
    return and_(_open(states), Case.next_due_at < c.now)


def _due_soon(c: ListContext) -> ColumnElement[bool]:
    return and_(_open(AT_UNIT), Case.next_due_at >= c.now, Case.next_due_at < c.now + SOON)


def _tried(since: ColumnElement[bool]) -> ColumnElement[bool]:
    """An attempt to call back in this round, after the reply if there is one, that `since` is true of."""
    after_reply = or_(Case.replied_at.is_(None), CaseCallback.at >= Case.replied_at)
    return exists().where(CaseCallback.case_id == Case.id, CaseCallback.round == Case.round, after_reply, since)


def _tried_today(c: ListContext) -> ColumnElement[bool]:
    return _tried(CaseCallback.at >= c.today)


def _to_call_back(c: ListContext) -> ColumnElement[bool]:
    """After a reply, and also where the limit has expired without one."""
    expired = and_(_states(*AT_UNIT), Case.id.in_(select(CaseDeadline.case_id).where(CALLBACK_RUNS)))
    in_order = true() if c.counting else _open(AT_UNIT | {CaseState.CALLBACK})
    return and_(in_order, or_(Case.state == CaseState.CALLBACK, expired), ~_tried_today(c))


def _not_reached(_: ListContext) -> ColumnElement[bool]:
    reached = _tried(CaseCallback.reached.is_(True))
    return and_(Case.state == CaseState.CALLBACK, _tried(true()), ~reached)


_S, _A, _N = CaseState, AssignmentState, WorkListName
_DISPATCHER = frozenset({Role.DISPATCHER})
_CALLBACK = frozenset({Role.CALLBACK})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_AGENT = frozenset({Role.AGENT})


def _pool(holds: Condition, roles: frozenset[Role] = _DISPATCHER) -> WorkListRule:
    return WorkListRule(roles=roles, holds=holds, pool=True)


def _for(roles: frozenset[Role], holds: Condition, *, sort: str = "due") -> WorkListRule:
    return WorkListRule(roles=roles, holds=holds, sort=sort)


RULES: Mapping[WorkListName, WorkListRule] = {
    _N.TO_REVIEW: _pool(_in(_S.PENDING_REVIEW)),
    _N.NEED_INFO: _for(_DISPATCHER, _in(_S.NEED_INFO)),
    _N.TO_DISPATCH: _pool(_in(_S.PENDING_DISPATCH)),
    _N.RETURNED: _pool(lambda _: and_(_states(_S.PENDING_DISPATCH), Case.returns > 0)),
    _N.RETURN_REQUESTS: _pool(_in(_S.RETURN_REQUESTED)),
    _N.EXTENSION_REQUESTS: _pool(_in(_S.EXTENSION_REQUESTED)),
    _N.TO_AUDIT: _pool(_in(_S.REPLIED)),
    _N.TO_CALL_BACK: _pool(_to_call_back, _CALLBACK),
    _N.TRIED_TODAY: _for(_CALLBACK, lambda c: and_(_states(_S.CALLBACK), _tried_today(c))),
    _N.NOT_REACHED: _for(_CALLBACK, _not_reached),
    _N.CLAIMED: _for(_DISPATCHER | _CALLBACK, lambda c: and_(Case.claimed_by == c.me, _states(*POOLS))),
    _N.TO_SIGN: _for(UNIT_STAFF, _led(_S.DISPATCHED, signed=(_A.DISPATCHED,))),
    _N.OVERDUE: _for(UNIT_STAFF | _SUPERVISOR, _past_due),
    _N.DUE_SOON: _for(UNIT_STAFF, _due_soon),
    _N.IN_PROGRESS: _for(
        UNIT_STAFF,
        _led(
            *(_S.IN_PROGRESS, _S.EXTENSION_REQUESTED, _S.RETURN_REQUESTED),
            signed=(_A.SIGNED, _A.DISPATCHED),
        ),
    ),
    _N.REWORK: _for(UNIT_STAFF, _led(_S.REWORK, signed=(_A.SIGNED,))),
    _N.ASSISTING: _for(
        UNIT_STAFF,
        lambda c: and_(
            _states(*AT_UNIT) if c.counting else _open(AT_UNIT),
            _assigned(c, _A.DISPATCHED, _A.SIGNED, roles=(AssignmentRole.ASSIST, AssignmentRole.SUB)),
        ),
    ),
    _N.REPLIED: _for(UNIT_STAFF, _led(_S.REPLIED, _S.CALLBACK, signed=(_A.REPLIED,)), sort="-updated"),
    _N.URGED: _for(_SUPERVISOR, lambda _: and_(_open(WITH_UNIT), Case.urges > literal_number(0))),
    _N.ESCALATED: _for(_SUPERVISOR, lambda _: and_(_open(), ESCALATED)),
    _N.HARD: _for(_SUPERVISOR, lambda _: and_(_open(), Case.hard.is_(True))),
    _N.MASS: _for(_SUPERVISOR, lambda _: and_(_open(), Case.mass.is_(True))),
    _N.DRAFTS: _for(_AGENT, _mine(_S.DRAFT), sort="-created"),
    _N.SENT_BACK: _for(_AGENT, _mine(_S.NEED_INFO)),
    _N.OPEN: _for(_AGENT, _mine(*(OPEN - {_S.DRAFT, _S.NEED_INFO})), sort="-created"),
    _N.ALL: WorkListRule(
        roles=HOTLINE_STAFF | UNIT_STAFF | {Role.SPECIALIST}, holds=lambda _: true(), sort="-created", counted=False
    ),
}
"""In the order in which their tabs stand."""


def lists_of(viewer: Viewer) -> list[WorkListName]:
    return [name for name, rule in RULES.items() if not rule.roles.isdisjoint(viewer.who.roles)]
