"""What an agent sees while the phone rings: who calls, and what about, before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.models import Case
from crm.cases.schemas import CaseRow
from crm.cases.state import OPEN
from crm.cases.visibility import may_view
from crm.enterprises import repository as enterprises
from crm.enterprises.directory import EnterpriseDirectory
from crm.enterprises.models import Enterprise
from crm.enterprises.repository import DirectoryRow
from crm.enterprises.schemas import ContactView, EnterpriseView
from crm.ports import CallHistory, CallPartyInfo, EarlierCallInfo
from crm.screenpop.schemas import Candidate, EarlierCallView, ScreenPopView
from cti.calls.service import CallNotFoundError
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.http import Principal

MOST_CASES = 20
MOST_CALLS = 10


class ScreenPopService:
    """Reads only; a handful of indexed queries, whose number does not grow with what they find."""

    def __init__(self, directory: EnterpriseDirectory, calls: CallHistory, clock: Clock) -> None:
        self._directory = directory
        self._calls = calls
        self._clock = clock

    async def pop(self, db: AsyncSession, call_id: str, *, who: Principal) -> ScreenPopView:
        """All that is known about the caller; of a caller nobody knows, an empty answer.

        Raises `CallNotFoundError` also for a call that `who` may not know of.
        """
        if not await self._calls.known_to(db, call_id, who):
            raise CallNotFoundError("The call log holds no such call, or it was not at your phone.")
        party = await self._calls.party(db, call_id)
        number = party.caller_number if party else ""
        matches = self._directory.matches(number) if number else ()
        enterprise_id, contact_id = _decide(party, matches)
        enterprise = await enterprises.enterprise(db, enterprise_id) if enterprise_id else None
        if enterprise is not None and enterprise.merged_into is not None:
            enterprise_id = await enterprises.survivor_of(db, enterprise.merged_into)
            enterprise = await enterprises.enterprise(db, enterprise_id)
        earlier = await self._earlier(db, number, enterprise_id, call_id)
        enterprise_ids = [enterprise_id] if enterprise_id else dict.fromkeys(row.enterprise_id for row in matches)
        found = await cases.of_caller(
            db,
            who,
            enterprise_ids=enterprise_ids,
            contact_ids=[contact_id] if contact_id else [],
            limit=MOST_CASES,
        )
        linked = await cases.of_calls(db, [call_id, *(call.call_id for call in earlier)])
        by_call = [(call, case) for call, case in linked if may_view(who, case)]
        closed = {call for call, case in linked if case.confidential and not may_view(who, case)}
        earlier = [call for call in earlier if call.call_id not in closed]
        names = await self._names(db, enterprise, [*found, *(case for _, case in by_call)])
        own = [case for call, case in by_call if call == call_id]
        known = {case.id: case for case in [*found, *(case for _, case in by_call)]}
        others = sorted((case for case in known.values() if case not in own), key=lambda case: case.id, reverse=True)

        now = self._clock.now()

        def rows(chosen: Iterable[Case]) -> list[CaseRow]:
            return [CaseRow.of(case, names.get(case.enterprise_id or ""), now=now) for case in chosen]

        return ScreenPopView(
            call_id=call_id,
            enterprise=EnterpriseView.of(enterprise) if enterprise else None,
            contact=_contact(enterprise, contact_id),
            candidates=[] if contact_id else _candidates(matches),
            call_cases=rows(own),
            open_cases=rows(case for case in others if case.state in OPEN),
            past_cases=rows(case for case in others if case.state not in OPEN),
            earlier_calls=_call_views(earlier, by_call),
        )

    async def _earlier(
        self, db: AsyncSession, number: str, enterprise_id: str | None, call_id: str
    ) -> Sequence[EarlierCallInfo]:
        if not number and enterprise_id is None:
            return ()
        ids = await enterprises.ids_leading_to(db, enterprise_id) if enterprise_id else []
        return await self._calls.earlier(db, number=number, enterprise_ids=ids, excluding=call_id, limit=MOST_CALLS)

    async def _names(self, db: AsyncSession, enterprise: Enterprise | None, found: Sequence[Case]) -> dict[str, str]:
        known = {enterprise.id: enterprise.name} if enterprise else {}
        wanted = {case.enterprise_id for case in found if case.enterprise_id} - known.keys()
        return known | await enterprises.names(db, wanted)


class ScreenPops:
    """The same in a snapshot of its own: cti's `ScreenPopReader`."""

    view = ScreenPopView

    def __init__(self, database: Database, service: ScreenPopService) -> None:
        self._database = database
        self._service = service

    async def read(self, call_id: str, who: Principal) -> ScreenPopView:
        async with self._database.snapshot() as db:
            return await self._service.pop(db, call_id, who=who)


def _decide(party: CallPartyInfo | None, matches: tuple[DirectoryRow, ...]) -> tuple[str | None, str | None]:
    """The enterprise and the contact, where the call or the number tells exactly one. Pure."""
    ids = {row.enterprise_id for row in matches}
    enterprise_id = (party.enterprise_id if party else None) or (ids.pop() if len(ids) == 1 else None)
    contacts = {row.contact_id for row in matches if row.enterprise_id == enterprise_id}
    return enterprise_id, (party.contact_id if party else None) or (contacts.pop() if len(contacts) == 1 else None)


def _contact(enterprise: Enterprise | None, contact_id: str | None) -> ContactView | None:
    for contact in enterprise.contacts if enterprise else ():
        if contact.id == contact_id:
            return ContactView.of(contact)
    return None


def _candidates(matches: tuple[DirectoryRow, ...]) -> list[Candidate]:
    once = {row.contact_id: row for row in matches}
    return [Candidate.model_validate(row) for row in once.values()]


def _call_views(earlier: Sequence[EarlierCallInfo], by_call: list[tuple[str, Case]]) -> list[EarlierCallView]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for call_id, case in by_call:
        numbers[call_id].append(case.number)
    return [
        EarlierCallView(
            call_id=call.call_id,
            started_at=call.started_at,
            queue=call.queue,
            outcome=call.outcome,
            agents=list(call.agents),
            talk_seconds=call.talk_seconds,
            survey=call.survey,
            case_numbers=numbers[call.call_id],
        )
        for call in earlier
    ]
