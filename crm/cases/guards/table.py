"""The check of each `crm.cases.state.Guard`, a pure function.

Each is asked twice: with the action's body, before it is done; and without (None), for the list of what may be
done now, where it judges the case alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crm.cases.details.common import MoveDetail
from crm.cases.guards.claims import unclaimed
from crm.cases.guards.closing import (
    callback_running,
    callback_wanted,
    reply_audited,
    satisfied_or_disposed,
    withdrawn_freely,
)
from crm.cases.guards.dispatching import (
    assignment_signed,
    assignment_unsigned,
    below_or_assisting,
    designated_at_last,
    lead_unit_named,
    own_assignment,
    return_grounded,
    reviewed_or_deemed,
    sign_limit_passed,
)
from crm.cases.guards.handling import (
    assignments_answered,
    before_deadline_once,
    caller_informed,
    contact_shown,
    endorsed_by_unit,
    next_date_promised,
    running_clock,
    suspended_clock,
)
from crm.cases.guards.intake import answer_cited, fields_complete, text_for_unit
from crm.cases.guards.linking import (
    call_known,
    callback_declined,
    follows_master,
    master_open,
    no_followers,
    repeat_noted,
)
from crm.cases.situation import Refusal, Situation
from crm.cases.state import Guard

Check = Callable[[Situation, MoveDetail | None], Refusal | None]


def checked_by_its_body(_: Situation, __: MoveDetail | None) -> Refusal | None:
    """What the action's body alone must say; pydantic refused it otherwise."""
    return None


GUARDS: Mapping[Guard, Check] = {
    Guard.ANSWER_CITED: answer_cited,
    Guard.REASON_EXPLAINED: checked_by_its_body,
    Guard.SERVICE_NAMED: checked_by_its_body,
    Guard.FIELDS_COMPLETE: fields_complete,
    Guard.INFO_ASKED: checked_by_its_body,
    Guard.TEXT_FOR_UNIT: text_for_unit,
    Guard.LEAD_UNIT_NAMED: lead_unit_named,
    Guard.DESIGNATED_AT_LAST: designated_at_last,
    Guard.SIGN_LIMIT_PASSED: sign_limit_passed,
    Guard.RETURN_GROUNDED: return_grounded,
    Guard.REVIEWED: checked_by_its_body,
    Guard.REVIEWED_OR_DEEMED: reviewed_or_deemed,
    Guard.BEFORE_DEADLINE_ONCE: before_deadline_once,
    Guard.CALLER_INFORMED: caller_informed,
    Guard.ENDORSED_BY_UNIT: endorsed_by_unit,
    Guard.CONTACT_SHOWN: contact_shown,
    Guard.ASSIGNMENTS_ANSWERED: assignments_answered,
    Guard.BELOW_OR_ASSISTING: below_or_assisting,
    Guard.OWN_ASSIGNMENT: own_assignment,
    Guard.ASSIGNMENT_UNSIGNED: assignment_unsigned,
    Guard.ASSIGNMENT_SIGNED: assignment_signed,
    Guard.NEXT_DATE_PROMISED: next_date_promised,
    Guard.REPLY_AUDITED: reply_audited,
    Guard.CALLBACK_RUNNING: callback_running,
    Guard.CALLBACK_WANTED: callback_wanted,
    Guard.UNSOLVED_OR_DISSATISFIED: checked_by_its_body,
    Guard.SATISFIED_OR_DISPOSED: satisfied_or_disposed,
    Guard.REQUEST_REVIEWED: checked_by_its_body,
    Guard.WITHDRAWN_FREELY: withdrawn_freely,
    Guard.UNCLAIMED: unclaimed,
    Guard.RUNNING: running_clock,
    Guard.SUSPENDED: suspended_clock,
    Guard.MASTER_OPEN: master_open,
    Guard.NO_FOLLOWERS: no_followers,
    Guard.FOLLOWS_MASTER: follows_master,
    Guard.CALLBACK_DECLINED: callback_declined,
    Guard.CALL_KNOWN: call_known,
    Guard.REPEAT_NOTED: repeat_noted,
}
