"""Whom a move of a case concerns within the house and in the units. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.cases.details.dispatching import Dispatch, ReturnGround, ReturnRequest
from crm.cases.details.handling import ExtensionRequest
from crm.cases.followers import Moved
from crm.cases.models import Assignment, AssignmentRole, Case
from crm.cases.state import CaseAction
from hotline.accounts.roles import Role
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.templates import Words

_GROUNDS: Mapping[ReturnGround, Words] = {
    ReturnGround.NOT_OUR_DUTY: Words("非本单位职责", "not its duty"),
    ReturnGround.OBJECTION: Words("派单异议", "objection to the dispatch"),
    ReturnGround.UNCLEAR: Words("诉求不明确", "unclear"),
    ReturnGround.DUPLICATE: Words("重复工单", "duplicate"),
    ReturnGround.PROCEDURE: Words("已进入法定程序", "legal procedure under way"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFacts:
    """What notices name besides the case."""

    units: Mapping[str, str]
    """Names by id."""
    deadlines: Mapping[str, datetime]
    """Running ones by kind, as they are after the move."""


def staff_notices(moved: Moved, facts: MoveFacts) -> list[Notice]:
    """One for each who is concerned; whoever acted is left out. No text of the caller is in any."""
    make = _MAKERS.get(moved.action)
    return make(moved, facts) if make else []


def subject_of(case: Case) -> NoticeSubject:
    return NoticeSubject(kind="case", id=case.id, number=case.number)


def pressed_notice(case: Case, *, by: str, request_id: str) -> Notice:
    """A unit pressed the caller to withdraw: the case goes on, and the supervisor is to know."""
    return Notice(
        kind=NoticeKind.ESCALATED,
        subject=subject_of(case),
        values={Placeholder.REASON: Words("承办单位要求来电人撤单", "a unit pressed the caller to withdraw it")},
        roles=(Role.SUPERVISOR,),
        excluding=by,
        key=f"pressed:{request_id}",
    )


# --- one maker an action --------------------------------------------------------------------------------


def _notice(
    moved: Moved,
    kind: NoticeKind,
    *,
    units: Collection[str] = (),
    roles: Collection[Role] = (),
    users: Collection[str] = (),
    **values: Any,
) -> Notice:
    return Notice(
        kind=kind,
        subject=subject_of(moved.case),
        values={Placeholder(name): value for name, value in values.items() if value is not None},
        units=units,
        roles=roles,
        users=users,
        excluding=moved.before.me,
        key=":".join([moved.step.id, kind, *units]),
    )


def _assigned(moved: Moved, facts: MoveFacts) -> list[Notice]:
    designated = isinstance(moved.detail, Dispatch) and moved.detail.designate
    return [_assigned_to(moved, one, facts, designated=designated) for one in moved.created]


def _assigned_to(moved: Moved, one: Assignment, facts: MoveFacts, *, designated: bool) -> Notice:
    unit = facts.units.get(one.unit_id, "")
    if one.role == AssignmentRole.ASSIST:
        return _notice(moved, NoticeKind.ASSISTING, units=[one.unit_id], unit=unit, date=one.due_at)
    if one.role == AssignmentRole.LEAD and designated:
        return _notice(moved, NoticeKind.DESIGNATED, units=[one.unit_id], unit=unit)
    sign = facts.deadlines.get("sign") if one.role == AssignmentRole.LEAD else one.due_at
    return _notice(moved, NoticeKind.ASSIGNED, units=[one.unit_id], unit=unit, date=sign)


def _to_dispatchers(kind: NoticeKind, **values: Callable[[Moved], Any]) -> Callable[[Moved, MoveFacts], list[Notice]]:
    def make(moved: Moved, facts: MoveFacts) -> list[Notice]:
        unit = facts.units.get(moved.case.lead_unit_id or "", "")
        filled = {name: of(moved) for name, of in values.items()}
        return [_notice(moved, kind, roles=(Role.DISPATCHER,), unit=unit, **filled)]

    return make


def _ground(moved: Moved) -> Words:
    assert isinstance(moved.detail, ReturnRequest)
    return _GROUNDS[moved.detail.ground]


def _days_more(moved: Moved) -> Words:
    assert isinstance(moved.detail, ExtensionRequest)
    days = moved.detail.days
    return Words(f"原期限后 {days} 个工作日", f"{days} working days past its limit")


def _to_lead(kind: NoticeKind) -> Callable[[Moved, MoveFacts], list[Notice]]:
    def make(moved: Moved, facts: MoveFacts) -> list[Notice]:
        # A returned case has no lead any more; the step still names its assignment.
        ids = [one.unit_id for one in moved.before.assignments if one.id == moved.step.assignment_id]
        unit_id = moved.case.lead_unit_id or next(iter(ids), None)
        if unit_id is None:
            return []
        unit, date = facts.units.get(unit_id, ""), facts.deadlines.get("close")
        return [_notice(moved, kind, units=[unit_id], unit=unit, date=date, count=moved.case.urges)]

    return make


def _info_asked(moved: Moved, _: MoveFacts) -> list[Notice]:
    person = moved.before.viewer.who.name
    return [_notice(moved, NoticeKind.INFO_NEEDED, users=[moved.case.created_by], person=person)]


_MAKERS: Mapping[CaseAction, Callable[[Moved, MoveFacts], list[Notice]]] = {
    CaseAction.ASK_INFO: _info_asked,
    CaseAction.DISPATCH: _assigned,
    CaseAction.SUB_DISPATCH: _assigned,
    CaseAction.REQUEST_RETURN: _to_dispatchers(NoticeKind.RETURN_REQUESTED, reason=_ground),
    CaseAction.ACCEPT_RETURN: _to_lead(NoticeKind.RETURNED),
    CaseAction.REFUSE_RETURN: _to_lead(NoticeKind.RETURN_REFUSED),
    CaseAction.REQUEST_EXTENSION: _to_dispatchers(NoticeKind.EXTENSION_REQUESTED, date=_days_more),
    CaseAction.GRANT_EXTENSION: _to_lead(NoticeKind.EXTENSION_GRANTED),
    CaseAction.REFUSE_EXTENSION: _to_lead(NoticeKind.EXTENSION_REFUSED),
    CaseAction.REPLY: _to_dispatchers(NoticeKind.REPLY_TO_AUDIT),
    CaseAction.ORDER_REWORK: _to_lead(NoticeKind.REWORK),
    CaseAction.REOPEN: _to_lead(NoticeKind.REWORK),
    CaseAction.URGE: _to_lead(NoticeKind.URGED),
}
"""Of the others nobody is notified: whoever does them is the one concerned, or a list shows them."""
