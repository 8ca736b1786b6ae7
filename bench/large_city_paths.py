"""In which states the cases of a large city are, and by which steps they came there. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from crm.cases.state import AT_UNIT

OPEN_STATES: Mapping[str, int] = {
    "draft": 4,
    "need_info": 3,
    "pending_review": 8,
    "pending_dispatch": 8,
    "dispatched": 10,
    "return_requested": 2,
    "in_progress": 40,
    "extension_requested": 2,
    "rework": 3,
    "replied": 8,
    "callback": 12,
}
CLOSED_STATES: Mapping[str, int] = {
    "archived": 660,
    "closed_direct": 280,
    "closed": 15,
    "not_accepted": 35,
    "emergency_transferred": 2,
    "terminated": 8,
}
"""Both with their weights."""
ACTIVE = frozenset(state.value for state in AT_UNIT)

_SUBMIT = ("submit", "draft", "pending_review")
_APPROVE = ("approve", "pending_review", "pending_dispatch")
_DISPATCH = ("dispatch", "pending_dispatch", "dispatched")
_SIGN = ("sign", "dispatched", "in_progress")
_REPLY = ("reply", "in_progress", "replied")
_CALLBACK = ("schedule_callback", "replied", "callback")
_CLOSE = ("close", "callback", "closed")
_WITH_UNIT = (_SUBMIT, _APPROVE, _DISPATCH)

STEPS_TO: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "draft": (),
    "need_info": (_SUBMIT, ("ask_info", "pending_review", "need_info")),
    "pending_review": (_SUBMIT,),
    "pending_dispatch": (_SUBMIT, _APPROVE),
    "dispatched": _WITH_UNIT,
    "return_requested": (*_WITH_UNIT, ("request_return", "dispatched", "return_requested")),
    "in_progress": (*_WITH_UNIT, _SIGN),
    "extension_requested": (*_WITH_UNIT, _SIGN, ("request_extension", "in_progress", "extension_requested")),
    "rework": (*_WITH_UNIT, _SIGN, _REPLY, ("order_rework", "replied", "rework")),
    "replied": (*_WITH_UNIT, _SIGN, _REPLY),
    "callback": (*_WITH_UNIT, _SIGN, _REPLY, _CALLBACK),
    # Of the long ones some, so that a case has three at the mean.
    "closed": (_SUBMIT, _DISPATCH, _REPLY, _CLOSE),
    "archived": (_SUBMIT, _DISPATCH, _REPLY, ("archive", "closed", "archived")),
    "closed_direct": (("close_direct", "draft", "closed_direct"),),
    "not_accepted": (("not_accept", "draft", "not_accepted"),),
    "emergency_transferred": (("transfer_emergency", "draft", "emergency_transferred"),),
    "terminated": (_SUBMIT, ("terminate", "pending_review", "terminated")),
}
"""(action, source, target)."""

_LEAD = {
    **dict.fromkeys(("dispatched", "return_requested"), "dispatched"),
    **dict.fromkeys(("in_progress", "extension_requested", "rework"), "signed"),
    **dict.fromkeys(("replied", "callback", "closed", "archived"), "replied"),
}


def lead_assignment(state: str) -> str | None:
    """The state of the lead unit's assignment; None where no unit has the case."""
    return _LEAD.get(state)
