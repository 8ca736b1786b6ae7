"""What each action does to a case besides its new state. Decided already: nothing here refuses.

An action without an effect of its own only changes the state, and is a step of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from crm.cases.details.closing import CallbackRecord
from crm.cases.details.common import AssignmentMove, MoveDetail
from crm.cases.details.dispatching import AssignmentReply, Dispatch, SubDispatch
from crm.cases.details.handling import ContactRecord, ExtensionGrant, FinalReply, InterimReply
from crm.cases.details.intake import Approval, DirectAnswer
from crm.cases.details.tracking import Recusal
from crm.cases.models import (
    Assignment,
    AssignmentRole,
    AssignmentState,
    Case,
    CaseCallback,
    CaseRecusal,
    CaseReply,
    ReplyKind,
)
from crm.cases.situation import Situation
from crm.cases.state import Actor, CaseAction
from crm.cases.visibility import running
from hotline.kernel.db import Base
from hotline.kernel.ids import uuid7

T = TypeVar("T", bound=MoveDetail)


@dataclass(slots=True, kw_only=True)
class Effects:
    """What an action changes; `rows` are added to the transaction."""

    situation: Situation
    detail: MoveDetail | None
    rows: list[Base] = field(default_factory=list)
    recorded: dict[str, Any] = field(default_factory=dict)
    """What the step keeps besides the detail."""
    assignment: Assignment | None = None
    """The assignment that the step is about."""

    @property
    def case(self) -> Case:
        return self.situation.case

    @property
    def now(self) -> datetime:
        return self.situation.now

    @property
    def me(self) -> str:
        return self.situation.me

    def assign(
        self, unit_id: str, role: AssignmentRole, *, parent: Assignment | None = None, **more: Any
    ) -> Assignment:
        row = Assignment(
            id=uuid7(),
            case_id=self.case.id,
            unit_id=unit_id,
            parent_id=parent.id if parent else None,
            role=role,
            state=AssignmentState.DISPATCHED,
            round=self.case.round,
            assigned_by=self.me,
            assigned_at=self.now,
            **more,
        )
        self.rows.append(row)
        return row

    def reply(self, kind: ReplyKind, assignment: Assignment | None, answer: str, **more: Any) -> None:
        assert assignment is not None, "a guard or the actor saw to it"
        self.assignment = assignment
        self.rows.append(
            CaseReply(
                id=uuid7(),
                case_id=self.case.id,
                assignment_id=assignment.id,
                round=self.case.round,
                kind=kind,
                public_answer=answer,
                by=self.me,
                at=self.now,
                **more,
            )
        )

    def end_assignments(self, state: AssignmentState = AssignmentState.ENDED) -> None:
        for one in running(self.situation.assignments):
            one.state, one.ended_at = state, self.now


Effect = Callable[[Effects], None]
EFFECTS: dict[CaseAction, Effect] = {}


def _effect(*actions: CaseAction) -> Callable[[Effect], Effect]:
    def register(effect: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(actions, effect))
        return effect

    return register


def _of(kind: type[T], e: Effects) -> T:
    assert isinstance(e.detail, kind)
    return e.detail


@_effect(CaseAction.SUBMIT)
def submit(e: Effects) -> None:
    e.case.submitted_at = e.now


@_effect(CaseAction.APPROVE)
def approve(e: Effects) -> None:
    e.case.text_for_unit = _of(Approval, e).text_for_unit


@_effect(CaseAction.DISPATCH)
def dispatch(e: Effects) -> None:
    detail = _of(Dispatch, e)
    case = e.case
    case.lead_unit_id, case.designated, case.dispatched_at = detail.lead_unit_id, detail.designate, e.now
    case.signed_at = None
    if detail.item_id is not None:
        case.item_id = detail.item_id
    lead = e.assign(detail.lead_unit_id, AssignmentRole.LEAD, advice=detail.advice)
    for unit_id in detail.assisting_unit_ids:
        # First receiver leads (首接负责): assisting units answer to the lead.
        e.assign(unit_id, AssignmentRole.ASSIST, parent=lead, advice=detail.advice)
    e.assignment = lead


@_effect(CaseAction.SIGN, CaseAction.COUNT_AS_SIGNED)
def sign(e: Effects) -> None:
    lead = e.assignment = e.situation.lead
    assert lead is not None
    e.case.signed_at = e.now
    _sign(lead, e)


def _sign(one: Assignment, e: Effects) -> None:
    one.state, one.signed_at = AssignmentState.SIGNED, e.now
    one.signed_by = None if Actor.DEADLINE in e.situation.actors else e.me


@_effect(CaseAction.ACCEPT_RETURN)
def accept_return(e: Effects) -> None:
    e.assignment = e.situation.lead
    e.end_assignments(AssignmentState.RETURNED)
    e.case.returns += 1
    e.case.lead_unit_id, e.case.designated = None, False


@_effect(CaseAction.REQUEST_EXTENSION)
def request_extension(e: Effects) -> None:
    # Asked for by the head of the unit, it needs no second word of theirs.
    e.recorded["endorsed"] = Actor.UNIT_HEAD in e.situation.actors


@_effect(CaseAction.GRANT_EXTENSION)
def grant_extension(e: Effects) -> None:
    asked = e.situation.requested_extension
    e.recorded["days"] = _of(ExtensionGrant, e).days or (asked.days if asked else 0)
    e.case.extensions += 1


@_effect(CaseAction.RECORD_CONTACT)
def record_contact(e: Effects) -> None:
    detail = _of(ContactRecord, e)
    one = e.assignment = e.situation.assignment(detail.assignment_id)
    if one is not None and one.contacted_at is None and detail.contact.way != "none":
        one.contacted_at = detail.contact.at


@_effect(CaseAction.REPLY_INTERIM)
def reply_interim(e: Effects) -> None:
    detail = _of(InterimReply, e)
    e.case.promised_at = detail.promised_at
    e.reply(
        ReplyKind.INTERIM,
        e.situation.lead,
        detail.public_answer,
        internal_handling=detail.internal_handling,
        promised_at=detail.promised_at,
    )


@_effect(CaseAction.REPLY)
def reply(e: Effects) -> None:
    detail = _of(FinalReply, e)
    lead = e.situation.lead
    assert lead is not None
    more = detail.model_dump(mode="json", exclude={"version", "request_id", "public_answer", "internal_handling"})
    e.reply(ReplyKind.FINAL, lead, detail.public_answer, internal_handling=detail.internal_handling, detail=more)
    if lead.contacted_at is None and detail.contact.way != "none":
        lead.contacted_at = detail.contact.at
    for one in e.situation.children(lead):
        if one.state != AssignmentState.REPLIED:
            one.state, one.ended_at = AssignmentState.ENDED, e.now
    lead.state = AssignmentState.REPLIED
    e.case.replied_at, e.case.promised_at = e.now, None


@_effect(CaseAction.SUB_DISPATCH)
def sub_dispatch(e: Effects) -> None:
    detail = _of(SubDispatch, e)
    parent = e.assignment = e.situation.assignment(detail.assignment_id)
    for unit_id in detail.unit_ids:
        e.assign(unit_id, AssignmentRole.SUB, parent=parent, advice=detail.advice, due_at=detail.due_at)


@_effect(CaseAction.SIGN_ASSIGNMENT)
def sign_assignment(e: Effects) -> None:
    one = e.assignment = e.situation.assignment(_of(AssignmentMove, e).assignment_id)
    assert one is not None
    _sign(one, e)


@_effect(CaseAction.RETURN_ASSIGNMENT)
def return_assignment(e: Effects) -> None:
    one = e.assignment = e.situation.assignment(_of(AssignmentMove, e).assignment_id)
    assert one is not None
    one.state, one.ended_at = AssignmentState.RETURNED, e.now


@_effect(CaseAction.REPLY_ASSIGNMENT)
def reply_assignment(e: Effects) -> None:
    detail = _of(AssignmentReply, e)
    one = e.situation.assignment(detail.assignment_id)
    assert one is not None
    e.reply(ReplyKind.TO_LEAD, one, detail.answer)
    one.state = AssignmentState.REPLIED


@_effect(CaseAction.RECORD_CALLBACK)
def record_callback(e: Effects) -> None:
    detail = _of(CallbackRecord, e)
    reached = detail.not_reached is None
    said = detail.model_dump(mode="json", exclude={"version", "request_id", "call_id"})
    e.rows.append(
        CaseCallback(
            id=uuid7(),
            case_id=e.case.id,
            round=e.case.round,
            call_id=detail.call_id,
            reached=reached,
            detail=said,
            by=e.me,
            at=e.now,
        )
    )
    if detail.not_reached == "refused":
        e.case.needs_callback = False


@_effect(CaseAction.ORDER_REWORK, CaseAction.REOPEN)
def order_rework(e: Effects) -> None:
    case = e.case
    case.reworks += 1
    case.round += 1
    case.closed_at = case.replied_at = None
    lead = e.assignment = e.situation.lead
    for one in running(e.situation.assignments):
        if one is not lead:
            one.state, one.ended_at = AssignmentState.ENDED, e.now
    if lead is not None:
        lead.state, lead.round, lead.ended_at = AssignmentState.SIGNED, case.round, None


@_effect(CaseAction.CLOSE)
def close(e: Effects) -> None:
    e.case.closed_at = e.now


@_effect(
    CaseAction.TERMINATE,
    CaseAction.WITHDRAW,
    CaseAction.NOT_ACCEPT,
    CaseAction.TRANSFER_EMERGENCY,
)
def end(e: Effects) -> None:
    e.case.closed_at, e.case.promised_at, e.case.suspended_at = e.now, None, None
    e.end_assignments()


@_effect(CaseAction.CLOSE_DIRECT)
def close_direct(e: Effects) -> None:
    end(e)
    cited = _of(DirectAnswer, e).knowledge
    if cited:
        titles = e.situation.citable
        # The record is read without the knowledge base, where the entry may be called otherwise by then.
        e.recorded["knowledge"] = [
            {"entry_id": one.entry_id, "number": one.number, "title": titles[one.entry_id, one.number].title}
            for one in cited
        ]


@_effect(CaseAction.CLAIM)
def claim(e: Effects) -> None:
    e.case.claimed_by, e.case.claimed_at = e.me, e.now


@_effect(CaseAction.RELEASE)
def release(e: Effects) -> None:
    e.case.claimed_by = e.case.claimed_at = None


@_effect(CaseAction.URGE)
def urge(e: Effects) -> None:
    e.case.urges += 1


@_effect(CaseAction.SUSPEND)
def suspend(e: Effects) -> None:
    e.case.suspended_at = e.now


@_effect(CaseAction.RESUME)
def resume(e: Effects) -> None:
    e.case.suspended_at = None


@_effect(CaseAction.MARK_HARD)
def mark_hard(e: Effects) -> None:
    e.case.hard = True


@_effect(CaseAction.RECUSE)
def recuse(e: Effects) -> None:
    detail = _of(Recusal, e)
    e.rows.append(CaseRecusal(case_id=e.case.id, user_id=detail.user_id, reason=detail.reason, by=e.me, at=e.now))
