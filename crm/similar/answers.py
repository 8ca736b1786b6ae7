"""What follows a move for similar cases: their words, and a master's answer that goes to all that follow it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.details.linking import MasterAnswer
from crm.cases.followers import Moved
from crm.cases.following import is_following
from crm.cases.models import Case, CaseReply
from crm.cases.moves import CaseMoves
from crm.cases.situation import Refusal
from crm.cases.state import FINAL, CaseAction, CaseState
from crm.similar import repository
from crm.similar.words import stored_words
from hotline.kernel.clock import Clock
from hotline.kernel.jobs import JobContext, JobQueue

log = structlog.get_logger(__name__)
ANSWER = "cases.answer_followers"
INDEX = "cases.index_words"
INDEX_EVERY = timedelta(hours=1)
_AT_ONCE = 20
_LINKED = frozenset({CaseAction.LINK_DUPLICATE, CaseAction.ADD_TO_CLUSTER})
_WRITTEN = _LINKED | {CaseAction.SUBMIT, CaseAction.GIVE_INFO, CaseAction.APPROVE, CaseAction.DISPATCH}
"""After these the text may be another, for it can be written until it is dispatched."""
_ANSWERED = frozenset({CaseState.CALLBACK, CaseState.CLOSED, CaseState.ARCHIVED})
"""The hotline has audited the master's answer, which is then everybody's."""


class SimilarityFollower:
    """Implements `crm.cases.followers.MoveFollower`."""

    def __init__(self, clock: Clock, jobs: JobQueue) -> None:
        self._clock = clock
        self._jobs = jobs

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        case = moved.case
        if case.state not in repository.COMPARED or moved.action in _WRITTEN:
            await repository.write_words(db, case.id, words_of(case))
        master = moved.before.master if moved.action in _LINKED else case
        if master is None or not (master.state in _ANSWERED or master.state in FINAL):
            return
        if moved.action in _LINKED or (moved.source is not moved.target and moved.before.followers):
            await schedule_answer(db, self._jobs, self._clock, master.id)


def words_of(case: Case) -> list[str]:
    """What others find `case` by; [] for one that is over, or confidential: its words are in no other table."""
    if case.confidential or case.state not in repository.COMPARED:
        return []
    return stored_words(case.title, case.content, case.place)


async def schedule_answer(db: AsyncSession, jobs: JobQueue, clock: Clock, master_id: str, *, after: str = "") -> None:
    """One open job a master; scheduled again it begins at the first that still follows."""
    payload = {"master_id": master_id, "after": after}
    await jobs.schedule(db, ANSWER, payload, run_at=clock.now(), key=f"{ANSWER}:{master_id}")


class FollowerAnswers:
    """The jobs. Some followers a transaction: killed anywhere, what is committed is done and the rest is done later."""

    def __init__(self, moves: CaseMoves, clock: Clock, jobs: JobQueue) -> None:
        self._moves = moves
        self._clock = clock
        self._jobs = jobs

    async def answer_some(self, ctx: JobContext) -> None:
        """Pass the master's answer to the next followers; where it ended without one, let them go their own way."""
        master_id, after = ctx.job.payload["master_id"], ctx.job.payload["after"]
        master = await cases.case(ctx.db, master_id)
        if master is None:
            return
        reply = await cases.final_reply(ctx.db, master_id) if master.state in _ANSWERED else None
        if reply is None and master.state not in FINAL:
            return  # Reworked meanwhile: the next answer calls this job again.
        ids = await cases.followers_after(ctx.db, master_id, after, limit=_AT_ONCE)
        for case_id in ids:
            await self._answer(ctx.db, master, reply, case_id)
        if len(ids) == _AT_ONCE:
            await schedule_answer(ctx.db, self._jobs, self._clock, master_id, after=ids[-1])

    async def _answer(self, db: AsyncSession, master: Case, reply: CaseReply | None, case_id: str) -> None:
        case = await cases.case(db, case_id, lock=True)
        if case is None or not is_following(case) or case.duplicate_of_id != master.id:
            return
        refused: Refusal | None = None
        if reply is not None and master.lead_unit_id not in (None, case.unit_complained_of_id):
            refused = await self._moves.move_by_deadline(
                db,
                case,
                CaseAction.RECEIVE_ANSWER if case.needs_callback else CaseAction.CLOSE_WITH_MASTER,
                detail=_detail(master, reply, case),
            )
        else:
            why = "ended_without_answer" if reply is None else "unit_complained_of"
            refused = await self._moves.move_by_deadline(
                db, case, CaseAction.UNLINK_DUPLICATE, recorded={"reason": why}
            )
        if refused is not None:
            log.warning("follower not answered", case_id=case.id, master_id=master.id, reason=refused.reason)

    async def index_words(self, ctx: JobContext) -> None:
        """Give words to open cases that have none."""
        after = ""
        while True:
            async with ctx.database.transaction() as db:
                rows = await repository.without_words(db, after, limit=200)
                for row in rows:
                    await repository.write_words(db, row.id, words_of(row))
                if not rows:
                    return
                after = rows[-1].id


def _detail(master: Case, reply: CaseReply, case: Case) -> MasterAnswer:
    assert master.lead_unit_id is not None
    return MasterAnswer(
        version=case.version,
        request_id=reply.id,
        master_id=master.id,
        unit_id=master.lead_unit_id,
        replied_by=reply.by,
        replied_at=reply.at,
        public_answer=reply.public_answer,
        internal_handling=reply.internal_handling,
    )
