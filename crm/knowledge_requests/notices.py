"""Who is notified of a knowledge request. Pure. None of it holds what somebody asked."""

from __future__ import annotations

from crm.knowledge_requests.models import KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.state import KnowledgeRequestOutcome, KnowledgeRequestState
from hotline.accounts.roles import Role
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.templates import Words

_KINDS = {
    KnowledgeRequestKind.GAP: Words("知识缺口", "a gap"),
    KnowledgeRequestKind.ERROR: Words("知识纠错", "an error in an entry"),
    KnowledgeRequestKind.AMENDMENT: Words("知识补充", "an addition to an entry"),
    KnowledgeRequestKind.POLICY: Words("新政策入库", "a new policy"),
}


def for_the_unit(request: KnowledgeRequest, *, by: str) -> Notice:
    """It has come to a unit, or back to it; without one, to the hotline's knowledge editors."""
    return Notice(
        kind=NoticeKind.KNOWLEDGE_REQUESTED,
        subject=subject_of_request(request),
        values={Placeholder.REASON: _KINDS[KnowledgeRequestKind(request.kind)], Placeholder.DATE: request.due_at},
        units=[request.unit_id] if request.unit_id else (),
        roles=() if request.unit_id else (Role.KB_EDITOR, Role.KB_REVIEWER),
        excluding=by,
        key=f"requested:{request.id}:{request.version}",
    )


def after_step(request: KnowledgeRequest, *, by: str, unit: str, title: str) -> Notice | None:
    """What follows a step: a declined one is the reviewers' to look at, a closed one its maker's to know."""
    if request.state == KnowledgeRequestState.OPEN:
        return for_the_unit(request, by=by)
    if request.state == KnowledgeRequestState.DECLINED:
        return Notice(
            kind=NoticeKind.KNOWLEDGE_REQUEST_DECLINED,
            subject=subject_of_request(request),
            values={Placeholder.UNIT: unit},
            roles=(Role.KB_REVIEWER,),
            excluding=by,
            key=f"declined:{request.id}:{request.version}",
        )
    if request.state != KnowledgeRequestState.CLOSED or request.outcome == KnowledgeRequestOutcome.WITHDRAWN:
        return None
    declined = request.outcome == KnowledgeRequestOutcome.DECLINED
    return Notice(
        kind=NoticeKind.KNOWLEDGE_REQUEST_CLOSED if declined else NoticeKind.KNOWLEDGE_REQUEST_ANSWERED,
        subject=subject_of_request(request),
        values={} if declined else {Placeholder.ENTRY: title},
        users=[request.made_by],
        excluding=by,
        key=f"closed:{request.id}",
    )


def overdue_notice(request: KnowledgeRequest, *, unit: str) -> Notice:
    roles = {Role.KB_REVIEWER, Role.SUPERVISOR} | (set() if request.unit_id else {Role.KB_EDITOR})
    return Notice(
        kind=NoticeKind.KNOWLEDGE_REQUEST_OVERDUE,
        subject=subject_of_request(request),
        values={Placeholder.DATE: request.due_at, Placeholder.UNIT: unit},
        units=[request.unit_id] if request.unit_id else (),
        roles=roles,
        key=f"overdue:{request.id}:{request.due_at:%Y%m%d%H%M}",
    )


def subject_of_request(request: KnowledgeRequest) -> NoticeSubject:
    return NoticeSubject(kind="kb_request", id=request.id)
