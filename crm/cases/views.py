"""Assembles the page of a case for each viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.following import is_following
from crm.cases.models import (
    Assignment,
    AssignmentRole,
    AssignmentState,
    Case,
    CaseCallback,
    CaseReply,
    CaseStep,
    ReplyKind,
)
from crm.cases.moves import CaseMoves, offers
from crm.cases.numbering import spoken
from crm.cases.page_schemas import AssignmentView, CallbackView, CaseView, MasterView, OfferView, ReplyView, StepView
from crm.cases.query_codes import QueryCodes
from crm.cases.schemas import flags_of
from crm.cases.state import CaseAction, CaseState
from crm.cases.visibility import Viewer, identity_hidden, may_view, title_in_lists
from crm.enterprises import repository as enterprises
from crm.units import repository as units
from hotline.accounts.masking import mask_number

FOR_UNITS = frozenset(
    {
        *(CaseAction.APPROVE, CaseAction.DISPATCH, CaseAction.SIGN, CaseAction.COUNT_AS_SIGNED),
        *(CaseAction.REQUEST_RETURN, CaseAction.ACCEPT_RETURN, CaseAction.REFUSE_RETURN),
        *(CaseAction.REQUEST_EXTENSION, CaseAction.ENDORSE_EXTENSION, CaseAction.GRANT_EXTENSION),
        *(CaseAction.REFUSE_EXTENSION, CaseAction.RECORD_CONTACT, CaseAction.REPLY_INTERIM, CaseAction.REPLY),
        *(CaseAction.SUB_DISPATCH, CaseAction.SIGN_ASSIGNMENT, CaseAction.RETURN_ASSIGNMENT),
        *(CaseAction.REPLY_ASSIGNMENT, CaseAction.ORDER_REWORK, CaseAction.RESUME_WORK, CaseAction.REOPEN),
        *(CaseAction.URGE, CaseAction.SUSPEND, CaseAction.RESUME),
    }
)
"""Steps whose details units read: the hotline's own work, and what callers said to it, are not theirs."""


class CaseViews:
    """Works in the caller's transaction; who may open the case was decided before."""

    def __init__(self, moves: CaseMoves, codes: QueryCodes) -> None:
        self._moves = moves
        self._codes = codes

    async def of(self, db: AsyncSession, row: Case, viewer: Viewer) -> CaseView:
        hidden = identity_hidden(row) and not viewer.staff
        now = await self._moves.situation(db, row, viewer)
        steps, assignments, callbacks = now.steps, now.assignments, now.callbacks
        replies = await repository.replies(db, row.id)
        people = _people(row, steps, assignments, replies, callbacks)
        users = await repository.names_of(db, people)
        ids = {one.unit_id for one in assignments} | {row.lead_unit_id or ""}
        unit_names = {id: unit.name for id, unit in (await units.named(db, ids)).items()}
        own = {name: getattr(row, name) for name in CaseView.model_fields if hasattr(Case, name)}
        own |= await self._caller(db, row, viewer, hidden)
        return CaseView(
            **own,
            spoken_number=spoken(row.number),
            query_code=self._codes.of(row.id) if viewer.staff else "",
            identity_hidden=hidden,
            call_ids=[] if hidden else list(now.linked_calls),
            lead_unit_name=unit_names.get(row.lead_unit_id or ""),
            flags=flags_of(row),
            master=_master(now.master, viewer),
            follows_master=is_following(row),
            followers=now.followers if viewer.staff else 0,
            claimed_by_name=users.get(row.claimed_by or "", ""),
            created_by_name=users.get(row.created_by, ""),
            missing=list(now.missing),
            offers=[OfferView.of(offer) for offer in offers(now)],
            assignments=[_assignment(one, unit_names, users, viewer) for one in assignments],
            replies=[_reply(one, users, viewer, assignments) for one in replies],
            callbacks=[_callback(one, users) for one in callbacks] if viewer.staff else [],
            deadlines=now.deadline_views(),
            steps=[_step(one, unit_names, users, viewer) for one in steps if viewer.staff or one.action != "edit"],
        )

    async def _caller(self, db: AsyncSession, row: Case, viewer: Viewer, hidden: bool) -> dict[str, Any]:
        """Who called and what they said, as far as this viewer may know."""
        if hidden:
            nothing = dict.fromkeys(("enterprise_id", "enterprise_name", "contact_id", "contact_name"))
            return {
                **nothing,
                "callback_number": "",
                "title": title_in_lists(row, for_unit=True),
                "content": row.text_for_unit,
                "demand": "",
                "place": "",
            }
        names = await enterprises.names(db, [row.enterprise_id] if row.enterprise_id else [])
        contact = await enterprises.contact(db, row.contact_id) if row.contact_id else None
        reveal = row.created_by == viewer.who.user_id
        return {
            "enterprise_name": names.get(row.enterprise_id or ""),
            "contact_name": contact.name if contact else None,
            "callback_number": row.callback_number if reveal else mask_number(row.callback_number),
        }


def _master(master: Case | None, viewer: Viewer) -> MasterView | None:
    if master is None or not viewer.staff or not may_view(viewer.who, master):
        return None
    return MasterView(**{name: getattr(master, name) for name in MasterView.model_fields})


def _people(
    row: Case,
    steps: Iterable[CaseStep],
    assignments: Iterable[Assignment],
    replies: Iterable[CaseReply],
    callbacks: Iterable[CaseCallback],
) -> set[str]:
    found = {row.created_by, row.claimed_by or ""}
    found |= {one.by for rows in (steps, replies, callbacks) for one in rows}
    return found | {one.signed_by or "" for one in assignments}


def _step(one: CaseStep, unit_names: Mapping[str, str], users: Mapping[str, str], viewer: Viewer) -> StepView:
    return StepView(
        at=one.at,
        by=one.by,
        by_name=users.get(one.by, ""),
        unit_id=one.unit_id,
        unit_name=unit_names.get(one.unit_id or ""),
        action=one.action,
        source=CaseState(one.source),
        target=CaseState(one.target),
        version=one.version,
        assignment_id=one.assignment_id,
        detail=one.detail if viewer.staff or one.action in FOR_UNITS else {},
    )


def _assignment(
    one: Assignment, unit_names: Mapping[str, str], users: Mapping[str, str], viewer: Viewer
) -> AssignmentView:
    return AssignmentView(
        id=one.id,
        unit_id=one.unit_id,
        unit_name=unit_names.get(one.unit_id, ""),
        parent_id=one.parent_id,
        role=AssignmentRole(one.role),
        state=AssignmentState(one.state),
        round=one.round,
        advice=one.advice,
        assigned_at=one.assigned_at,
        signed_at=one.signed_at,
        signed_by_name=users.get(one.signed_by or "", ""),
        contacted_at=one.contacted_at,
        ended_at=one.ended_at,
        due_at=one.due_at,
        own=one.unit_id in viewer.units,
    )


def _reply(one: CaseReply, users: Mapping[str, str], viewer: Viewer, assignments: Iterable[Assignment]) -> ReplyView:
    unit_id = next((found.unit_id for found in assignments if found.id == one.assignment_id), "")
    internal = viewer.staff or unit_id in viewer.units
    return ReplyView(
        id=one.id,
        assignment_id=one.assignment_id,
        round=one.round,
        kind=ReplyKind(one.kind),
        public_answer=one.public_answer,
        internal_handling=one.internal_handling if internal else "",
        detail=one.detail if internal else {},
        promised_at=one.promised_at,
        by_name=users.get(one.by, ""),
        at=one.at,
    )


def _callback(one: CaseCallback, users: Mapping[str, str]) -> CallbackView:
    return CallbackView(
        id=one.id,
        round=one.round,
        call_id=one.call_id,
        reached=one.reached,
        detail=one.detail,
        by_name=users.get(one.by, ""),
        at=one.at,
    )
