"""A caller asks how their case stands, by its number and its code: on the page, and by telephone."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.ports import ProgressState
from crm.cases import repository
from crm.cases.models import Case, ReplyKind
from crm.cases.query_codes import QueryCodes
from crm.cases.state import OPEN, CaseState
from crm.cases.visibility import identity_hidden
from crm.portal.errors import NoSuchProgressError
from crm.portal.schemas import ProgressView
from crm.portal.state import answer_of, progress_of
from crm.units import repository as units
from hotline.kernel.rate import RateLimit


class ProgressService:
    """One for all ways to ask, since they count together."""

    def __init__(self, codes: QueryCodes) -> None:
        self._codes = codes
        self._by_visitor = RateLimit("case progress by visitor", "20/minute; 100/hour")
        self._by_number = RateLimit("case progress by number", "10/hour; 30/day")

    def admit(self, number: str, *, visitor: str) -> None:
        """Count a question before the database is asked, whether or not there is such a case.

        Raises TooManyRequestsError.
        """
        self._by_visitor.hit(visitor)
        self._by_number.hit(number)

    async def read(self, db: AsyncSession, number: str, code: str) -> tuple[Case, ProgressView]:
        """What the caller may know. `admit` comes first.

        Raises NoSuchProgressError: after the same query and the same computation for an unknown number as for a
        wrong code, so that neither answer nor time shows which numbers exist.
        """
        case = await repository.case(db, number)
        if not self._codes.fits(case.id if case else None, code) or case is None:
            raise NoSuchProgressError("Check the number and the code, or dial 12345 and ask a person.")
        self._by_number.forget(number)
        return case, await _view(db, case)


async def _view(db: AsyncSession, case: Case) -> ProgressView:
    replies = await repository.replies(db, case.id)
    interim = any(one.kind == ReplyKind.INTERIM and one.round == case.round for one in replies)
    progress = progress_of(CaseState(case.state), interim=interim)
    hidden = identity_hidden(case)
    answer = None if hidden else answer_of(progress, replies, round=case.round)
    unit = None if hidden or progress is ProgressState.REVIEWING else await _unit(db, case.lead_unit_id)
    return ProgressView(
        number=case.number,
        state=progress,
        received_at=case.submitted_at or case.created_at,
        dispatched_at=case.dispatched_at,
        answered_at=case.replied_at,
        closed_at=case.closed_at,
        promised_at=case.promised_at if case.state in OPEN else None,
        unit=unit,
        answer=answer.public_answer if answer else None,
        answer_at=answer.at if answer else None,
    )


async def _unit(db: AsyncSession, unit_id: str | None) -> str | None:
    unit = (await units.named(db, [unit_id])).get(unit_id) if unit_id else None
    return unit.name if unit else None
