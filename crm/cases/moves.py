"""The one place where a case changes its state: permitted, checked, done, recorded and followed in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.audited import audited_detail, audited_fields
from crm.cases.checks import CaseChecks
from crm.cases.details.common import MoveDetail
from crm.cases.details.dispatching import Dispatch, SubDispatch
from crm.cases.details.intake import DirectAnswer
from crm.cases.details.linking import DuplicateLink, RepeatClosing, RepeatNote
from crm.cases.details.table import DETAILS
from crm.cases.effects import EFFECTS, Effects
from crm.cases.errors import CaseRefusedError, CaseVersionConflictError, RepeatedRequestError, WrongActorError
from crm.cases.followers import CaseDeadlines, Moved, MoveFollower
from crm.cases.following import refusal_while_following
from crm.cases.guards.claims import unclaimed
from crm.cases.guards.table import GUARDS
from crm.cases.link_effects import LINK_EFFECTS
from crm.cases.models import Assignment, Case, CaseStep
from crm.cases.schemas import CaseChange
from crm.cases.service import Audit, CaseService
from crm.cases.situation import Refusal, Situation, UnitFacts
from crm.cases.state import EDITABLE, POOLED, TRANSITIONS, Actor, CaseAction, CaseState, Transition, advance
from crm.cases.viewers import viewer_of
from crm.cases.visibility import SERVICE, Viewer
from crm.ports import CallHistory, CitableKnowledge, KnowledgeBook
from crm.units import repository as units
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.trees import above

log = structlog.get_logger(__name__)
_SUBMITTING = frozenset({CaseAction.SUBMIT, CaseAction.GIVE_INFO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An action of the present state; `refusal` says why it cannot be done now, by this viewer."""

    action: CaseAction
    refusal: Refusal | None


class CaseMoves:
    """Each method works in the caller's transaction. `followers` are called in order, after the case has moved."""

    def __init__(
        self,
        clock: Clock,
        cases: CaseService,
        checks: CaseChecks,
        calls: CallHistory,
        *,
        deadlines: CaseDeadlines,
        knowledge: KnowledgeBook | None = None,
        followers: Sequence[MoveFollower] = (),
    ) -> None:
        self._clock = clock
        self._cases = cases
        self._checks = checks
        self._calls = calls
        self._deadlines = deadlines
        self._knowledge = knowledge
        self.followers = list(followers)
        """Called in order; more are added by whoever wires the features."""

    async def move(
        self,
        db: AsyncSession,
        case_id: str,
        action: CaseAction,
        detail: MoveDetail,
        *,
        who: Principal,
        audit: Audit,
        viewer: Viewer | None = None,
    ) -> Case:
        """Do `action`; the same request again changes nothing. `viewer` is `who`, where that was read already.

        Raises NotFoundError, CaseHiddenError, WrongActorError, CaseVersionConflictError, CaseTransitionError, or
        CaseRefusedError with the guard's reason.
        """
        viewer = viewer or await viewer_of(db, who)
        master = None
        if isinstance(detail, (DuplicateLink, RepeatClosing)):
            # Both at once, in one order: two cases linked to each other at the same moment neither wait for
            # each other nor make a circle.
            await repository.lock(db, case_id, detail.master_id)
            master = await self._cases.read(db, detail.master_id, who=who, viewer=viewer)
        case = await self._cases.read(db, case_id, who=who, viewer=viewer, lock=True)
        if (done := await repository.step_of_request(db, case.id, detail.request_id)) is not None:
            if done.action != action:
                raise RepeatedRequestError("This request id was used for another action; make a new one.")
            return case
        if detail.version != case.version:
            raise CaseVersionConflictError(
                f"It is at version {case.version}, not {detail.version}; somebody acted on it meanwhile.",
                version=case.version,
                changes=await repository.changes_since(db, case.id, detail.version),
            )
        situation = await self._situation(db, case, viewer, detail, master=master)
        transition = advance(CaseState(case.state), action)
        _require(refusal_of(action, transition, situation, detail), case, action)
        if isinstance(detail, Dispatch):
            await self._checks.require_item(db, detail.item_id)
        if action in _SUBMITTING or (case.state == CaseState.DRAFT and transition.target == CaseState.PENDING_REVIEW):
            await self._audit_submitted(case, audit)
        if action not in _SUBMITTING:
            await audit(f"case.{action.value}", case.id, state=case.state, detail=_audited(detail, case))
        await self._do(db, action, transition, situation, detail)
        return case

    async def move_by_deadline(
        self,
        db: AsyncSession,
        case: Case,
        action: CaseAction,
        *,
        detail: MoveDetail | None = None,
        recorded: dict[str, Any] | None = None,
    ) -> Refusal | None:
        """Do what the table lets a deadline do to a locked `case`; why not, where the case has gone on meanwhile."""
        transition = TRANSITIONS.get((CaseState(case.state), action))
        if transition is None or Actor.DEADLINE not in transition.by:
            return Refusal(reason="transition", detail="The case has gone on meanwhile.")
        situation = await self._situation(db, case, SERVICE, detail, actors=frozenset({Actor.DEADLINE}))
        if refused := refusal_of(action, transition, situation, detail):
            return refused
        await self._do(db, action, transition, situation, detail, recorded)
        return None

    async def situation(self, db: AsyncSession, case: Case, viewer: Viewer) -> Situation:
        """What is known of `case` before anything is done to it."""
        return await self._situation(db, case, viewer, None)

    # --- inner ------------------------------------------------------------------------------------------

    async def _do(
        self,
        db: AsyncSession,
        action: CaseAction,
        transition: Transition,
        situation: Situation,
        detail: MoveDetail | None,
        recorded: dict[str, Any] | None = None,
    ) -> None:
        case, now = situation.case, situation.now
        source, target = CaseState(case.state), transition.target
        effects = Effects(situation=situation, detail=detail)
        if (effect := EFFECTS.get(action) or LINK_EFFECTS.get(action)) is not None:
            effect(effects)
        db.add_all(effects.rows)
        if target is not source:
            case.state, case.claimed_by, case.claimed_at = target, None, None
        case.version += 1
        case.updated_at = now
        one = effects.assignment
        by_unit = one is not None and not situation.viewer.staff and Actor.DEADLINE not in situation.actors
        step = CaseStep(
            id=uuid7(),
            case_id=case.id,
            version=case.version,
            request_id=detail.request_id if detail else None,
            at=now,
            by=situation.me,
            unit_id=one.unit_id if by_unit and one else None,
            assignment_id=one.id if one else None,
            action=action,
            source=source,
            target=target,
            detail={**(detail.recorded() if detail else {}), **effects.recorded, **(recorded or {})},
        )
        db.add(step)
        await db.flush()
        created = tuple(row for row in effects.rows if isinstance(row, Assignment))
        moved = Moved(
            case=case,
            action=action,
            source=source,
            target=target,
            step=step,
            detail=detail,
            before=situation,
            created=created,
        )
        for follower in self.followers:
            await follower.moved(db, moved)
        log.info("case moved", case_id=case.id, action=action.value, source=source.value, target=target.value)

    async def _situation(
        self,
        db: AsyncSession,
        case: Case,
        viewer: Viewer,
        detail: MoveDetail | None,
        *,
        actors: frozenset[Actor] | None = None,
        master: Case | None = None,
    ) -> Situation:
        if master is None and case.duplicate_of_id is not None:
            master = await repository.case(db, case.duplicate_of_id)
        calls = await repository.call_ids(db, case.id)
        assignments = tuple(await repository.assignments(db, case.id))
        limits = await self._deadlines.limits(db, case)
        return Situation(
            case=case,
            viewer=viewer,
            actors=actors if actors is not None else viewer.actors(case, assignments),
            now=self._clock.now(),
            missing=await self._checks.missing(db, case, calls) if case.state in EDITABLE else (),
            three_ways=await self._three_ways(db, calls) if case.state == CaseState.DRAFT else frozenset(),
            citable=await self._citable(db, detail),
            assignments=assignments,
            callbacks=tuple(await repository.callbacks(db, case.id)),
            steps=tuple(await repository.steps(db, case.id)),
            units=await _named_units(db, detail, master),
            deadlines=limits.running,
            longest_extension=limits.longest_extension,
            deadline_views=limits.views,
            master=master,
            followers=await repository.count_followers(db, case.id),
            linked_calls=tuple(calls),
            knows_call=await self._knows_call(db, detail, viewer),
            repeat_noted=isinstance(detail, RepeatClosing)
            and master is not None
            and await repository.has_noted_repeat(db, master.id, viewer.who.user_id),
        )

    async def _knows_call(self, db: AsyncSession, detail: MoveDetail | None, viewer: Viewer) -> bool:
        if not isinstance(detail, RepeatNote) or detail.call_id is None:
            return True
        return await self._calls.known_to(db, detail.call_id, viewer.who)

    async def _citable(self, db: AsyncSession, detail: MoveDetail | None) -> Mapping[tuple[str, int], CitableKnowledge]:
        if self._knowledge is None or not isinstance(detail, DirectAnswer):
            return {}
        return await self._knowledge.citable(db, [(one.entry_id, one.number) for one in detail.knowledge])

    async def _three_ways(self, db: AsyncSession, calls: Sequence[str]) -> frozenset[str]:
        return frozenset([call for call in calls if await self._calls.had_three_way(db, call)])

    async def _audit_submitted(self, case: Case, audit: Audit) -> None:
        """The whole text as it leaves the writer, whose typing was not recorded."""
        if case.callback_number:
            case.callback_number = self._checks.plan.require(case.callback_number)
        fields = {field: getattr(case, field) for field in CaseChange.model_fields if field != "version"}
        await audit("case.submit", case.id, after=audited_fields(fields, confidential=case.confidential))


def offers(situation: Situation) -> list[Offer]:
    """Every action of the case's state that a person may do, in the order of the table. Pure."""
    return [
        Offer(action=action, refusal=refusal_of(action, transition, situation, None))
        for (state, action), transition in TRANSITIONS.items()
        if state == situation.case.state and action in DETAILS
    ]


def refusal_of(
    action: CaseAction, transition: Transition, situation: Situation, detail: MoveDetail | None
) -> Refusal | None:
    """Why `action` is not possible, or None. Pure."""
    acting = situation.actors & transition.by
    if not acting:
        who = ", ".join(sorted(actor.value for actor in transition.by if actor is not Actor.DEADLINE))
        return Refusal(reason="actor", detail=f"That is for: {who}.")
    if follows := refusal_while_following(situation, action):
        return follows
    if acting <= POOLED and action is not CaseAction.CLAIM and (taken := unclaimed(situation, detail)):
        return taken
    for guard in transition.guards:
        if refused := GUARDS[guard](situation, detail):
            return refused
    return None


def _require(refused: Refusal | None, case: Case, action: CaseAction) -> None:
    if refused is None:
        return
    error = WrongActorError if refused.reason == "actor" else CaseRefusedError
    raise error(refused.detail, reason=refused.reason, action=action.value, state=case.state)


async def _named_units(db: AsyncSession, detail: MoveDetail | None, master: Case | None) -> dict[str, UnitFacts]:
    match detail:
        case Dispatch():
            wanted = [detail.lead_unit_id, *detail.assisting_unit_ids]
        case SubDispatch():
            wanted = detail.unit_ids
        case DuplicateLink() if master is not None and master.lead_unit_id is not None:
            wanted = [master.lead_unit_id]
        case _:
            return {}
    parents = await units.parents_of_all(db)
    rows = await units.named(db, wanted)
    return {id: UnitFacts(name=row.name, active=row.active, above=above(parents, id)) for id, row in rows.items()}


def _audited(detail: MoveDetail, case: Case) -> dict[str, Any]:
    """What was said, as the audit log may hold it."""
    return audited_detail(detail.recorded("python"), confidential=case.confidential)
