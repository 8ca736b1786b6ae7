"""What linking, unlinking, asking again and a master's answer do to a case; as `crm.cases.effects`."""

from __future__ import annotations

from crm.cases.details.linking import DuplicateLink, MasterAnswer, RepeatClosing, RepeatNote
from crm.cases.effects import Effect, Effects, end
from crm.cases.models import AssignmentRole, AssignmentState, CaseCall, CaseReply, ReplyKind
from crm.cases.state import CaseAction, CaseState
from hotline.kernel.ids import uuid7


def link(e: Effects) -> None:
    detail, case = e.detail, e.case
    assert isinstance(detail, DuplicateLink)
    if case.state == CaseState.DRAFT:
        case.submitted_at = e.now
    e.end_assignments()
    case.duplicate_of_id = e.recorded["master_id"] = _master(e)
    case.lead_unit_id, case.designated, case.dispatched_at, case.signed_at = None, False, None, None
    case.promised_at = case.suspended_at = case.next_due_at = case.next_due_kind = None
    if detail.answered_with_master:
        case.needs_callback = False


def add_to_cluster(e: Effects) -> None:
    link(e)
    assert e.situation.master is not None
    e.situation.master.mass = True


def unlink(e: Effects) -> None:
    e.recorded["master_id"] = e.case.duplicate_of_id
    e.case.duplicate_of_id = None


def note_repeat(e: Effects) -> None:
    detail = e.detail
    assert isinstance(detail, RepeatNote)
    e.case.repeats += 1
    e.recorded["count"] = e.case.repeats
    if detail.call_id is not None and detail.call_id not in e.situation.linked_calls:
        e.rows.append(CaseCall(case_id=e.case.id, call_id=detail.call_id, linked_at=e.now))


def close_as_repeat(e: Effects) -> None:
    assert isinstance(e.detail, RepeatClosing)
    e.case.duplicate_of_id = e.recorded["master_id"] = _master(e)
    end(e)


def receive_answer(e: Effects) -> None:
    """The master's unit answers this case too: it has an assignment of its own, so that a rework finds its unit."""
    detail, case = e.detail, e.case
    assert isinstance(detail, MasterAnswer)
    lead = e.assign(detail.unit_id, AssignmentRole.LEAD)
    lead.state, lead.signed_at = AssignmentState.REPLIED, e.now
    e.assignment = lead
    e.rows.append(
        CaseReply(
            id=uuid7(),
            case_id=case.id,
            assignment_id=lead.id,
            round=case.round,
            kind=ReplyKind.FINAL,
            public_answer=detail.public_answer,
            internal_handling=detail.internal_handling,
            detail={"master_id": detail.master_id},
            by=detail.replied_by,
            at=detail.replied_at,
        )
    )
    case.lead_unit_id, case.dispatched_at, case.signed_at, case.replied_at = detail.unit_id, e.now, e.now, e.now


def close_with_master(e: Effects) -> None:
    receive_answer(e)
    e.case.closed_at = e.now


def _master(e: Effects) -> str:
    """Its id, where it may have been named by its number."""
    assert e.situation.master is not None, "a guard saw to it"
    return e.situation.master.id


LINK_EFFECTS: dict[CaseAction, Effect] = {
    CaseAction.LINK_DUPLICATE: link,
    CaseAction.ADD_TO_CLUSTER: add_to_cluster,
    CaseAction.UNLINK_DUPLICATE: unlink,
    CaseAction.NOTE_REPEAT: note_repeat,
    CaseAction.CLOSE_AS_REPEAT: close_as_repeat,
    CaseAction.RECEIVE_ANSWER: receive_answer,
    CaseAction.CLOSE_WITH_MASTER: close_with_master,
}
