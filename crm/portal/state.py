"""A case in its caller's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from callflow.ports import ProgressState
from crm.cases.models import CaseReply, ReplyKind
from crm.cases.state import AT_UNIT, CaseState
from hotline.notices.templates import Words

_STATES: Mapping[CaseState, ProgressState] = {
    CaseState.DRAFT: ProgressState.RECEIVED,
    CaseState.PENDING_REVIEW: ProgressState.REVIEWING,
    CaseState.NEED_INFO: ProgressState.REVIEWING,
    CaseState.PENDING_DISPATCH: ProgressState.REVIEWING,
    **dict.fromkeys(AT_UNIT, ProgressState.WITH_UNIT),
    CaseState.REPLIED: ProgressState.ANSWERED,
    CaseState.CALLBACK: ProgressState.ANSWERED,
    CaseState.NOT_ACCEPTED: ProgressState.NOT_ACCEPTED,
    CaseState.CLOSED: ProgressState.CLOSED,
    CaseState.ARCHIVED: ProgressState.CLOSED,
    CaseState.CLOSED_DIRECT: ProgressState.CLOSED,
    CaseState.EMERGENCY_TRANSFERRED: ProgressState.CLOSED,
    CaseState.TERMINATED: ProgressState.CLOSED,
}
WORDS: Mapping[ProgressState, Words] = {
    ProgressState.RECEIVED: Words("已登记", "received"),
    ProgressState.REVIEWING: Words("审核派单中", "being reviewed"),
    ProgressState.WITH_UNIT: Words("承办单位办理中", "with the unit in charge"),
    ProgressState.INTERIM: Words("已有阶段性答复", "interim answer given"),
    ProgressState.ANSWERED: Words("已答复", "answered"),
    ProgressState.NOT_ACCEPTED: Words("不予受理", "not accepted"),
    ProgressState.CLOSED: Words("已办结", "closed"),
}
"""For an SMS; the page and the telephone have their own."""
_ANSWERS: Mapping[ProgressState, ReplyKind] = {
    ProgressState.INTERIM: ReplyKind.INTERIM,
    ProgressState.ANSWERED: ReplyKind.FINAL,
    ProgressState.CLOSED: ReplyKind.FINAL,
}


def progress_of(state: CaseState, *, interim: bool = False) -> ProgressState:
    """`interim`: a unit gave an interim answer in this round."""
    progress = _STATES[state]
    return ProgressState.INTERIM if progress is ProgressState.WITH_UNIT and interim else progress


def answer_of(progress: ProgressState, replies: list[CaseReply], *, round: int) -> CaseReply | None:
    """The answer that belongs to this progress: the latest of its kind in this round; never one to the lead unit."""
    kind = _ANSWERS.get(progress)
    return next((one for one in reversed(replies) if one.kind == kind and one.round == round), None)
