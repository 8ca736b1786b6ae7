"""Bodies of linking a case to another, and what a master passes on."""

from __future__ import annotations

from crm.cases.details.common import CaseKey, MoveDetail
from crm.cases.schemas import Explanation, Id, Moment, Words


class DuplicateLink(MoveDetail):
    master_id: CaseKey
    reason: Words = ""
    """Why the two are one matter, where it does not show."""
    answered_with_master: bool = False
    """The caller is the master's, or wants no call of their own: no callback of this case."""


class RepeatNote(MoveDetail):
    """The caller asked again, with no new facts, and was given the progress instead of a new case."""

    caller_message: Explanation
    """What was said to the caller: the state, and when they hear again."""
    words: Words = ""
    call_id: Id | None = None


class RepeatClosing(MoveDetail):
    master_id: CaseKey
    """The case on which the repetition was noted."""


class MasterAnswer(MoveDetail):
    """The master's answer, as the service passes it to a case that follows; its request id is the reply's."""

    master_id: Id
    unit_id: Id
    replied_by: str
    replied_at: Moment
    public_answer: str
    internal_handling: str
