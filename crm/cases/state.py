"""The life of a case (工单) as a table. Pure; docs/case-states.md is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from hotline.kernel.errors import ConflictError


@unique
class CaseState(StrEnum):
    DRAFT = "draft"
    PENDING_REVIEW = "pending_review"
    NEED_INFO = "need_info"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    RETURN_REQUESTED = "return_requested"
    IN_PROGRESS = "in_progress"
    EXTENSION_REQUESTED = "extension_requested"
    REPLIED = "replied"
    CALLBACK = "callback"
    REWORK = "rework"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CLOSED_DIRECT = "closed_direct"
    NOT_ACCEPTED = "not_accepted"
    EMERGENCY_TRANSFERRED = "emergency_transferred"
    TERMINATED = "terminated"


@unique
class CaseAction(StrEnum):
    """What a person, or a deadline, does to a case."""

    CLOSE_DIRECT = "close_direct"
    NOT_ACCEPT = "not_accept"
    TRANSFER_EMERGENCY = "transfer_emergency"
    SUBMIT = "submit"
    ASK_INFO = "ask_info"
    GIVE_INFO = "give_info"
    APPROVE = "approve"
    DISPATCH = "dispatch"
    SIGN = "sign"
    COUNT_AS_SIGNED = "count_as_signed"
    REQUEST_RETURN = "request_return"
    ACCEPT_RETURN = "accept_return"
    REFUSE_RETURN = "refuse_return"
    REQUEST_EXTENSION = "request_extension"
    ENDORSE_EXTENSION = "endorse_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    RECORD_CONTACT = "record_contact"
    REPLY_INTERIM = "reply_interim"
    REPLY = "reply"
    SUB_DISPATCH = "sub_dispatch"
    SIGN_ASSIGNMENT = "sign_assignment"
    RETURN_ASSIGNMENT = "return_assignment"
    REPLY_ASSIGNMENT = "reply_assignment"
    SCHEDULE_CALLBACK = "schedule_callback"
    RECORD_CALLBACK = "record_callback"
    ORDER_REWORK = "order_rework"
    RESUME_WORK = "resume_work"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    TERMINATE = "terminate"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    URGE = "urge"
    SUSPEND = "suspend"
    RESUME = "resume"
    MARK_HARD = "mark_hard"
    RECUSE = "recuse"
    LINK_DUPLICATE = "link_duplicate"
    ADD_TO_CLUSTER = "add_to_cluster"
    UNLINK_DUPLICATE = "unlink_duplicate"
    NOTE_REPEAT = "note_repeat"
    CLOSE_AS_REPEAT = "close_as_repeat"
    RECEIVE_ANSWER = "receive_answer"
    CLOSE_WITH_MASTER = "close_with_master"


@unique
class Guard(StrEnum):
    """What must be so before a transition; `crm.cases.guards` has one check for each."""

    ANSWER_CITED = "a knowledge base article or a three-way call is cited"
    REASON_EXPLAINED = "a reason from a to g and the explanation given to the caller"
    SERVICE_NAMED = "110, 119, 120 or 122"
    FIELDS_COMPLETE = "every field its type requires"
    INFO_ASKED = "what is missing is written down"
    TEXT_FOR_UNIT = "for a confidential or anonymous case, the text that the unit may read"
    LEAD_UNIT_NAMED = "one lead unit, any number of assisting ones, none of them complained of"
    DESIGNATED_AT_LAST = "after three returns the hotline designates the unit"
    SIGN_LIMIT_PASSED = "the time limit for signing has passed; an alert is raised"
    RETURN_GROUNDED = "reason and legal basis, within the limit, by a unit that was not designated"
    REVIEWED = "a reviewer decided and gave the reason"
    REVIEWED_OR_DEEMED = "a reviewer decided, or did not within the limit"
    BEFORE_DEADLINE_ONCE = "before the deadline, for the first time, at most ten working days"
    CALLER_INFORMED = "the caller was notified"
    ENDORSED_BY_UNIT = "the unit's head agreed"
    CONTACT_SHOWN = "evidence that the unit reached the caller, or why it could not"
    ASSIGNMENTS_ANSWERED = "assisting units and units below have answered, or the reply says why it does not wait"
    BELOW_OR_ASSISTING = "each unit named is below the one that passes the case on"
    OWN_ASSIGNMENT = "an assignment of the unit that acts, other than the lead's"
    ASSIGNMENT_UNSIGNED = "not signed yet"
    ASSIGNMENT_SIGNED = "signed, and not answered yet"
    NEXT_DATE_PROMISED = "a next date promised to the caller"
    REPLY_AUDITED = "the hotline has audited the reply"
    CALLBACK_RUNNING = "the limit expired without a reply, and a callback is due for that"
    CALLBACK_WANTED = "the caller did not decline a callback"
    UNSOLVED_OR_DISSATISFIED = "unhandled, or the caller is dissatisfied"
    SATISFIED_OR_DISPOSED = "the caller is satisfied, or what was done about the dissatisfaction is recorded"
    REQUEST_REVIEWED = "a written request, reviewed"
    WITHDRAWN_FREELY = "the caller confirmed it, and no unit pressed for it"
    UNCLAIMED = "nobody else is working on it"
    RUNNING = "its time is running"
    SUSPENDED = "its time is suspended"
    MASTER_OPEN = "the other case is open, follows none itself, and neither is confidential"
    NO_FOLLOWERS = "no case follows this one"
    FOLLOWS_MASTER = "it follows another case"
    CALLBACK_DECLINED = "the caller declined a callback"
    CALL_KNOWN = "a call named is one that the agent may know of"
    REPEAT_NOTED = "the repeat call was recorded on the other case"


@unique
class Actor(StrEnum):
    WRITER = "its agent"
    STAFF = "hotline staff"
    REVIEWER = "reviewer"
    DISPATCHER = "dispatcher"
    UNIT = "lead unit"
    UNIT_HEAD = "head of the lead unit"
    ASSIGNED = "assigned unit"
    CALLBACK = "callback agent"
    ANYBODY = "anyone who may see it"
    DEADLINE = "deadline"


POOLED = frozenset({Actor.REVIEWER, Actor.DISPATCHER, Actor.CALLBACK})
"""Who takes cases from a pool: one that another has claimed is not theirs to move."""


@dataclass(frozen=True, slots=True)
class Transition:
    target: CaseState
    by: frozenset[Actor]
    guards: tuple[Guard, ...] = ()


class CaseTransitionError(ConflictError):
    error_id = "case.transition"
    title = "The case does not allow that now"


_S, _A, _G, _R = CaseState, CaseAction, Guard, Actor

FINAL = frozenset({_S.ARCHIVED, _S.CLOSED_DIRECT, _S.NOT_ACCEPTED, _S.EMERGENCY_TRANSFERRED, _S.TERMINATED})
OPEN = frozenset(_S) - FINAL - {_S.CLOSED}
EDITABLE = frozenset({_S.DRAFT, _S.NEED_INFO})
"""States in which the agent still writes the case."""
AT_UNIT = frozenset({_S.DISPATCHED, _S.RETURN_REQUESTED, _S.IN_PROGRESS, _S.EXTENSION_REQUESTED, _S.REWORK})
"""States in which a unit owes the next step, or has asked for something about it."""
WITH_UNIT = AT_UNIT | {_S.REPLIED, _S.CALLBACK}
NEVER_WITH_UNIT = frozenset({_S.DRAFT, _S.NEED_INFO, _S.CLOSED_DIRECT, _S.NOT_ACCEPTED, _S.EMERGENCY_TRANSFERRED})
"""States of cases that no unit has had."""
POOLS = frozenset(
    {_S.PENDING_REVIEW, _S.PENDING_DISPATCH, _S.RETURN_REQUESTED, _S.EXTENSION_REQUESTED, _S.REPLIED, _S.CALLBACK}
)
"""States in which the hotline's own staff take cases from a pool."""

FOLLOWING = frozenset({_S.PENDING_REVIEW, _S.PENDING_DISPATCH})
"""States in which a duplicate waits for its master's answer."""

_HANDLING = frozenset({_S.IN_PROGRESS, _S.EXTENSION_REQUESTED})

_LINKED = {
    _S.PENDING_REVIEW: _S.PENDING_REVIEW,
    _S.PENDING_DISPATCH: _S.PENDING_DISPATCH,
    _S.DISPATCHED: _S.PENDING_DISPATCH,
    _S.RETURN_REQUESTED: _S.PENDING_DISPATCH,
    _S.IN_PROGRESS: _S.PENDING_DISPATCH,
}
"""Where a case waits once it follows another: it leaves the unit that has it."""


def _to(target: CaseState, by: Actor | frozenset[Actor], *guards: Guard) -> Transition:
    return Transition(target, by if isinstance(by, frozenset) else frozenset({by}), guards)


def _staying(
    action: CaseAction, states: frozenset[CaseState], by: Actor | frozenset[Actor], *guards: Guard
) -> dict[tuple[CaseState, CaseAction], Transition]:
    """Rows of an action that leaves the state as it is: it adds to the case, or to an assignment of it."""
    return {(state, action): _to(state, by, *guards) for state in _S if state in states}


TRANSITIONS: Mapping[tuple[CaseState, CaseAction], Transition] = {
    (_S.DRAFT, _A.CLOSE_DIRECT): _to(_S.CLOSED_DIRECT, _R.WRITER, _G.ANSWER_CITED),
    (_S.DRAFT, _A.NOT_ACCEPT): _to(_S.NOT_ACCEPTED, _R.WRITER, _G.REASON_EXPLAINED),
    (_S.DRAFT, _A.TRANSFER_EMERGENCY): _to(_S.EMERGENCY_TRANSFERRED, _R.WRITER, _G.SERVICE_NAMED),
    (_S.DRAFT, _A.SUBMIT): _to(_S.PENDING_REVIEW, _R.WRITER, _G.FIELDS_COMPLETE),
    (_S.PENDING_REVIEW, _A.ASK_INFO): _to(_S.NEED_INFO, _R.REVIEWER, _G.INFO_ASKED),
    (_S.PENDING_REVIEW, _A.NOT_ACCEPT): _to(_S.NOT_ACCEPTED, _R.REVIEWER, _G.REASON_EXPLAINED),
    (_S.NEED_INFO, _A.GIVE_INFO): _to(_S.PENDING_REVIEW, _R.WRITER, _G.FIELDS_COMPLETE),
    (_S.PENDING_REVIEW, _A.APPROVE): _to(_S.PENDING_DISPATCH, _R.REVIEWER, _G.TEXT_FOR_UNIT),
    (_S.PENDING_DISPATCH, _A.DISPATCH): _to(_S.DISPATCHED, _R.DISPATCHER, _G.LEAD_UNIT_NAMED, _G.DESIGNATED_AT_LAST),
    (_S.DISPATCHED, _A.SIGN): _to(_S.IN_PROGRESS, _R.UNIT),
    (_S.DISPATCHED, _A.COUNT_AS_SIGNED): _to(_S.IN_PROGRESS, _R.DEADLINE, _G.SIGN_LIMIT_PASSED),
    (_S.DISPATCHED, _A.REQUEST_RETURN): _to(_S.RETURN_REQUESTED, _R.UNIT, _G.RETURN_GROUNDED),
    (_S.RETURN_REQUESTED, _A.ACCEPT_RETURN): _to(
        _S.PENDING_DISPATCH, frozenset({_R.REVIEWER, _R.DEADLINE}), _G.REVIEWED_OR_DEEMED
    ),
    (_S.RETURN_REQUESTED, _A.REFUSE_RETURN): _to(_S.DISPATCHED, _R.REVIEWER, _G.REVIEWED),
    (_S.IN_PROGRESS, _A.REQUEST_EXTENSION): _to(
        _S.EXTENSION_REQUESTED, _R.UNIT, _G.RUNNING, _G.BEFORE_DEADLINE_ONCE, _G.CALLER_INFORMED
    ),
    (_S.EXTENSION_REQUESTED, _A.GRANT_EXTENSION): _to(_S.IN_PROGRESS, _R.REVIEWER, _G.ENDORSED_BY_UNIT, _G.REVIEWED),
    (_S.EXTENSION_REQUESTED, _A.REFUSE_EXTENSION): _to(
        _S.IN_PROGRESS, frozenset({_R.REVIEWER, _R.UNIT_HEAD}), _G.REVIEWED
    ),
    (_S.IN_PROGRESS, _A.REPLY): _to(_S.REPLIED, _R.UNIT, _G.RUNNING, _G.CONTACT_SHOWN, _G.ASSIGNMENTS_ANSWERED),
    (_S.REPLIED, _A.SCHEDULE_CALLBACK): _to(_S.CALLBACK, _R.REVIEWER, _G.CALLBACK_WANTED, _G.REPLY_AUDITED),
    (_S.REPLIED, _A.ORDER_REWORK): _to(_S.REWORK, _R.REVIEWER, _G.UNSOLVED_OR_DISSATISFIED),
    (_S.REPLIED, _A.CLOSE): _to(_S.CLOSED, _R.REVIEWER, _G.REPLY_AUDITED, _G.SATISFIED_OR_DISPOSED),
    (_S.CALLBACK, _A.ORDER_REWORK): _to(_S.REWORK, _R.CALLBACK, _G.UNSOLVED_OR_DISSATISFIED),
    (_S.REWORK, _A.RESUME_WORK): _to(_S.IN_PROGRESS, _R.UNIT),
    (_S.CALLBACK, _A.CLOSE): _to(_S.CLOSED, _R.CALLBACK, _G.SATISFIED_OR_DISPOSED),
    (_S.CLOSED, _A.REOPEN): _to(_S.REWORK, _R.REVIEWER, _G.REVIEWED),
    (_S.CLOSED, _A.ARCHIVE): _to(_S.ARCHIVED, frozenset({_R.REVIEWER, _R.DEADLINE})),
    **{
        (state, action): _to(_S.TERMINATED, _R.REVIEWER, guard)
        for action, guard in ((_A.TERMINATE, _G.REQUEST_REVIEWED), (_A.WITHDRAW, _G.WITHDRAWN_FREELY))
        for state in _S
        if state in OPEN
    },
    **_staying(_A.CLAIM, POOLS, POOLED, _G.UNCLAIMED),
    **_staying(_A.RELEASE, POOLS, POOLED),
    **_staying(_A.RECORD_CONTACT, _HANDLING, frozenset({_R.UNIT, _R.ASSIGNED})),
    **_staying(_A.REPLY_INTERIM, _HANDLING, _R.UNIT, _G.NEXT_DATE_PROMISED),
    **_staying(_A.SUB_DISPATCH, _HANDLING, frozenset({_R.UNIT, _R.ASSIGNED}), _G.BELOW_OR_ASSISTING),
    **_staying(_A.SIGN_ASSIGNMENT, AT_UNIT, _R.ASSIGNED, _G.OWN_ASSIGNMENT, _G.ASSIGNMENT_UNSIGNED),
    **_staying(_A.RETURN_ASSIGNMENT, AT_UNIT, _R.ASSIGNED, _G.OWN_ASSIGNMENT, _G.ASSIGNMENT_UNSIGNED),
    **_staying(_A.REPLY_ASSIGNMENT, AT_UNIT, _R.ASSIGNED, _G.OWN_ASSIGNMENT, _G.ASSIGNMENT_SIGNED),
    **_staying(_A.ENDORSE_EXTENSION, frozenset({_S.EXTENSION_REQUESTED}), _R.UNIT_HEAD),
    **_staying(_A.RECORD_CALLBACK, frozenset({_S.CALLBACK}), _R.CALLBACK),
    **_staying(_A.RECORD_CALLBACK, AT_UNIT, _R.CALLBACK, _G.CALLBACK_RUNNING),
    **_staying(_A.URGE, WITH_UNIT, _R.STAFF),
    **_staying(_A.SUSPEND, _HANDLING, _R.REVIEWER, _G.RUNNING),
    **_staying(_A.RESUME, _HANDLING, _R.REVIEWER, _G.SUSPENDED),
    **_staying(_A.MARK_HARD, AT_UNIT | {_S.PENDING_DISPATCH}, _R.REVIEWER),
    **_staying(_A.RECUSE, OPEN - {_S.DRAFT}, _R.ANYBODY),
    (_S.DRAFT, _A.LINK_DUPLICATE): _to(
        _S.PENDING_REVIEW, _R.WRITER, _G.FIELDS_COMPLETE, _G.NO_FOLLOWERS, _G.MASTER_OPEN
    ),
    **{
        (state, action): _to(target, _R.REVIEWER, _G.NO_FOLLOWERS, _G.MASTER_OPEN)
        for action in (_A.LINK_DUPLICATE, _A.ADD_TO_CLUSTER)
        for state, target in _LINKED.items()
    },
    **_staying(_A.UNLINK_DUPLICATE, FOLLOWING, frozenset({_R.REVIEWER, _R.DEADLINE}), _G.FOLLOWS_MASTER),
    **_staying(_A.NOTE_REPEAT, OPEN - {_S.DRAFT}, _R.STAFF, _G.CALL_KNOWN),
    (_S.DRAFT, _A.CLOSE_AS_REPEAT): _to(_S.TERMINATED, _R.WRITER, _G.MASTER_OPEN, _G.REPEAT_NOTED),
    **{
        (state, action): _to(target, _R.DEADLINE, _G.FOLLOWS_MASTER, guard)
        for action, target, guard in (
            (_A.RECEIVE_ANSWER, _S.CALLBACK, _G.CALLBACK_WANTED),
            (_A.CLOSE_WITH_MASTER, _S.CLOSED, _G.CALLBACK_DECLINED),
        )
        for state in _S
        if state in FOLLOWING
    },
}


def advance(state: CaseState, action: CaseAction) -> Transition:
    """The transition that `action` makes from `state`; raises CaseTransitionError where there is none."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise CaseTransitionError(
            f"A case that is {state.value} cannot take the action {action.value}; reload it to see its current state.",
            state=state.value,
            action=action.value,
        ) from None
