"""Checks on the callback, and on ending a case."""

from __future__ import annotations

from crm.cases.details.closing import DISSATISFIED, SATISFIED, CallbackRecord, Closing, Solved, Withdrawal
from crm.cases.details.common import MoveDetail
from crm.cases.situation import Refusal, Situation, refuse

ATTEMPTS_BEFORE_CLOSING = 3
"""Callbacks that failed, after which a case may be closed without having reached the caller."""


def callback_running(s: Situation, _: MoveDetail | None) -> Refusal | None:
    if "callback" in s.deadlines:
        return None
    return refuse("callback_not_due", "The unit still has time to reply; the caller is called back after that.")


def callback_wanted(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return None if s.case.needs_callback else refuse("callback_declined", "The caller declined a callback; close it.")


def reply_audited(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is not None and getattr(d, "fits_facts", None) is False:
        return refuse("reply_unfit", "A reply that does not fit the facts goes back to the unit (rework).")
    return None


def satisfied_or_disposed(s: Situation, d: MoveDetail | None) -> Refusal | None:
    """Silence is no satisfaction: who was not reached, or made no statement, needs a recorded disposition too."""
    disposed = isinstance(d, Closing) and bool(d.disposition.strip())
    if not s.case.needs_callback:
        return None
    if s.case.state == "replied":
        return refuse("callback_due", "The caller is called back first; only one who declined that is not.")
    reached = next((one for one in reversed(s.callbacks_after_answer) if one.reached), None)
    if reached is None:
        attempts = len(s.callbacks_after_answer)
        if attempts < ATTEMPTS_BEFORE_CLOSING:
            return refuse(
                "callback_due",
                f"Call the caller back first: {attempts} of {ATTEMPTS_BEFORE_CLOSING} attempts were made.",
            )
        needs = "The caller was not reached"
    else:
        said = CallbackRecord.model_validate({**reached.detail, "version": 0, "request_id": reached.id})
        happy = said.result in SATISFIED and said.process not in DISSATISFIED
        if happy and said.solved is not Solved.NO:
            return None
        needs = "The caller is not satisfied, or made no statement"
    if d is None or disposed:
        return None
    return refuse("not_disposed", f"{needs}: record in `disposition` what was done about it, or order a rework.")


def withdrawn_freely(_: Situation, d: MoveDetail | None) -> Refusal | None:
    if isinstance(d, Withdrawal) and not d.confirmed_by_caller:
        return refuse("not_confirmed", "Ask the caller yourself; a unit's word is not enough.")
    if isinstance(d, Withdrawal) and d.pressed_by_unit:
        return refuse("pressed", "A unit pressed for it: the case goes on, and the supervisor is to know.")
    return None
