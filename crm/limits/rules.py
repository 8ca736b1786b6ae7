"""What each action on a case does to its deadlines. Pure; an action without a rule of its own leaves them."""

from __future__ import annotations

from collections.abc import Callable

from crm.cases.details.closing import CallbackRecord, NotReached
from crm.cases.details.dispatching import SubDispatch
from crm.cases.details.handling import InterimReply
from crm.cases.followers import Moved
from crm.cases.models import Assignment, AssignmentRole, Urgency
from crm.cases.state import CaseAction, CaseState
from crm.limits.book import DeadlineBook
from crm.limits.models import CaseDeadline
from crm.limits.state import DeadlineKind, DeadlineState, LimitStep

Rule = Callable[[DeadlineBook, Moved], None]
RULES: dict[CaseAction, Rule] = {}
_K = DeadlineKind


def follow(book: DeadlineBook, moved: Moved) -> None:
    """Bring the deadlines of a case in line with an action that was done."""
    if (rule := RULES.get(moved.action)) is not None:
        rule(book, moved)
    book.cancel_ended()


def _rule(*actions: CaseAction) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(actions, rule))
        return rule

    return register


@_rule(CaseAction.SUBMIT)
def submit(book: DeadlineBook, _: Moved) -> None:
    book.start(_K.DISPATCH)


@_rule(CaseAction.DISPATCH)
def dispatch(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.DISPATCH)
    for one in moved.created:
        if one.role == AssignmentRole.LEAD:
            _give_to_lead(book, one)
        else:
            _pass_on(book, one)


def _give_to_lead(book: DeadlineBook, lead: Assignment) -> None:
    book.start(_K.SIGN, lead)
    if not book.case.designated and book.case.urgency != Urgency.LIFE_SAFETY:
        book.start(_K.RETURN, lead)
    book.start(_K.CLOSE, lead)
    book.start(_K.INTERIM, lead)


def _pass_on(book: DeadlineBook, one: Assignment) -> None:
    book.start(_K.SUB_SIGN, one)
    if one.due_at is not None:
        book.start_at(_K.SUB_ANSWER, one.due_at, one)
    else:
        book.start(_K.SUB_ANSWER, one)


@_rule(CaseAction.SIGN, CaseAction.COUNT_AS_SIGNED)
def sign(book: DeadlineBook, moved: Moved) -> None:
    if moved.action is CaseAction.COUNT_AS_SIGNED:
        book.miss(_K.SIGN)
    book.meet(_K.SIGN)
    book.cancel(_K.RETURN)
    if book.case.needs_reply:
        book.start(_K.CONTACT, moved.before.lead)


@_rule(CaseAction.REQUEST_RETURN)
def request_return(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.RETURN)
    book.cancel(_K.SIGN)
    book.start(_K.RETURN_DECISION)


@_rule(CaseAction.ACCEPT_RETURN)
def accept_return(book: DeadlineBook, moved: Moved) -> None:
    if moved.detail is None:
        book.miss(_K.RETURN_DECISION)
    book.meet(_K.RETURN_DECISION)
    book.cancel()
    book.start(_K.DISPATCH)


@_rule(CaseAction.REFUSE_RETURN)
def refuse_return(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.RETURN_DECISION)
    book.start(_K.SIGN, moved.before.lead)
    asked = _last(book, _K.RETURN)
    if asked is not None:
        # A refusal gives the unit no more time to return it than it had.
        again = book.start(_K.RETURN, moved.before.lead, since=asked.started_at)
        if again is not None and again.due_at <= book.now:
            book.miss(_K.RETURN)


@_rule(CaseAction.GRANT_EXTENSION)
def grant_extension(book: DeadlineBook, moved: Moved) -> None:
    book.extend(_K.CLOSE, int(moved.step.detail["days"]))


@_rule(CaseAction.RECORD_CONTACT)
def record_contact(book: DeadlineBook, moved: Moved) -> None:
    lead = moved.before.lead
    if lead is not None and moved.step.assignment_id == lead.id:
        book.meet(_K.CONTACT)


@_rule(CaseAction.REPLY_INTERIM)
def reply_interim(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.INTERIM, _K.PROMISED)
    if isinstance(moved.detail, InterimReply):
        book.start_at(_K.PROMISED, moved.detail.promised_at, moved.before.lead)


@_rule(CaseAction.REPLY)
def reply(book: DeadlineBook, _: Moved) -> None:
    book.meet(_K.CONTACT, _K.INTERIM, _K.PROMISED, _K.CLOSE)
    book.cancel(_K.CALLBACK)
    book.start(_K.CALLBACK if book.case.needs_callback else _K.AUDIT)


@_rule(CaseAction.SUB_DISPATCH)
def sub_dispatch(book: DeadlineBook, moved: Moved) -> None:
    assert isinstance(moved.detail, SubDispatch)
    for one in moved.created:
        _pass_on(book, one)


@_rule(CaseAction.SIGN_ASSIGNMENT)
def sign_assignment(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.SUB_SIGN, assignment_id=moved.step.assignment_id)


@_rule(CaseAction.REPLY_ASSIGNMENT)
def reply_assignment(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.SUB_SIGN, _K.SUB_ANSWER, assignment_id=moved.step.assignment_id)


@_rule(CaseAction.RECORD_CALLBACK)
def record_callback(book: DeadlineBook, moved: Moved) -> None:
    assert isinstance(moved.detail, CallbackRecord)
    if moved.detail.not_reached not in (None, NotReached.REFUSED):
        return  # One attempt of several.
    book.meet(_K.CALLBACK)
    if moved.target is CaseState.CALLBACK and not book.open(_K.FOLLOW_UP):
        book.start(_K.FOLLOW_UP)


@_rule(CaseAction.ORDER_REWORK, CaseAction.REOPEN)
def order_rework(book: DeadlineBook, moved: Moved) -> None:
    book.meet(_K.FOLLOW_UP, _K.AUDIT)
    book.cancel(_K.CALLBACK)
    _resume_handling(book, moved.before.lead)


def _resume_handling(book: DeadlineBook, lead: Assignment | None) -> None:
    """The handling clock goes on where it stopped: time replied or closed does not count. A rework has its least."""
    before = _last(book, _K.CLOSE)
    if before is not None and before.met_at is not None and before.amount is not None:
        stood = [*before.suspended, [before.met_at.isoformat(), book.now.isoformat()]]
        rest = book.start(_K.CLOSE, lead, since=before.started_at, suspended=stood)
        if rest is not None:
            book.extend(_K.CLOSE, before.extended_days)
    else:
        rest = None
    least = book.start(_K.CLOSE, lead, step=LimitStep.REWORK)
    keep = max((row for row in (rest, least) if row is not None), key=lambda row: row.due_at, default=None)
    book.added[:] = [row for row in book.added if row is keep or row not in (rest, least)]


@_rule(CaseAction.CLOSE)
def close(book: DeadlineBook, _: Moved) -> None:
    book.meet(_K.FOLLOW_UP, _K.AUDIT, _K.CALLBACK)
    book.cancel()


@_rule(
    CaseAction.TERMINATE,
    CaseAction.WITHDRAW,
    CaseAction.CLOSE_DIRECT,
    CaseAction.NOT_ACCEPT,
    CaseAction.TRANSFER_EMERGENCY,
    CaseAction.LINK_DUPLICATE,
    CaseAction.ADD_TO_CLUSTER,
    CaseAction.CLOSE_AS_REPEAT,
    CaseAction.CLOSE_WITH_MASTER,
)
def end(book: DeadlineBook, _: Moved) -> None:
    """Over, or it follows a master from now on, whose deadlines are the ones that count."""
    book.cancel()


@_rule(CaseAction.UNLINK_DUPLICATE)
def unlink(book: DeadlineBook, _: Moved) -> None:
    book.start(_K.DISPATCH)


@_rule(CaseAction.RECEIVE_ANSWER)
def receive_answer(book: DeadlineBook, _: Moved) -> None:
    book.start(_K.CALLBACK if book.case.needs_callback else _K.AUDIT)


@_rule(CaseAction.SUSPEND)
def suspend(book: DeadlineBook, _: Moved) -> None:
    book.pause()


@_rule(CaseAction.RESUME)
def resume(book: DeadlineBook, _: Moved) -> None:
    book.resume()


def _last(book: DeadlineBook, kind: DeadlineKind) -> CaseDeadline | None:
    """The last of a kind that ended."""
    ended = [row for row in book.rows if row.kind == kind and row.state != DeadlineState.RUNNING]
    return ended[-1] if ended else None
