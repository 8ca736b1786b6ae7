"""What the caller receives by SMS, if the agent recorded that they agreed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm.casenotices.staff import MoveFacts, subject_of
from crm.cases import repository
from crm.cases.followers import Moved
from crm.cases.models import Case
from crm.cases.query_codes import QueryCodes
from crm.cases.state import CaseAction, CaseState
from crm.enterprises import repository as enterprises
from crm.enterprises.numbers import NumberPlan
from crm.portal.state import WORDS, progress_of
from crm.ports import CallHistory
from hotline.notices.contract import Notice, SmsRecipient, takes_sms
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.templates import Value

_KINDS: Mapping[CaseAction, NoticeKind] = {
    CaseAction.SUBMIT: NoticeKind.CASE_ACCEPTED,
    CaseAction.GRANT_EXTENSION: NoticeKind.EXTENSION_ANNOUNCED,
    CaseAction.REPLY_INTERIM: NoticeKind.INTERIM_REPLY,
    CaseAction.REPLY: NoticeKind.REPLIED,
}


class CallerNotices:
    """`address` is the service's public one, "" where callers have no page."""

    def __init__(self, calls: CallHistory, plan: NumberPlan, codes: QueryCodes, address: str) -> None:
        self._calls = calls
        self._plan = plan
        self._codes = codes
        self._address = address.rstrip("/")

    async def of(self, db: AsyncSession, moved: Moved, facts: MoveFacts) -> Notice | None:
        """None where the caller did not agree, there is nothing to say, or no mobile number is known."""
        case, kind = moved.case, _KINDS.get(moved.action)
        if kind is None or not case.sms_agreed:
            return None
        number = await self._mobile(db, case)
        if number is None:
            return None
        values: dict[str, Value] = {Placeholder.STATE: WORDS[progress_of(CaseState(case.state))]}
        date = case.promised_at if kind is NoticeKind.INTERIM_REPLY else facts.deadlines.get("close")
        if date is not None:
            values[Placeholder.DATE] = date
        return Notice(
            kind=kind,
            subject=subject_of(case),
            values=values,
            sms=SmsRecipient(number=number, link=self.way_in(case)),
            key=f"{moved.step.id}:caller",
        )

    def way_in(self, case: Case) -> str:
        """Where to ask and with which code. The code stands beside the address, never in it."""
        where = f"{self._address}/portal/progress?n={case.number}" if self._address else "拨打 12345 按 5"
        return f"{where} 查询码 {self._codes.of(case.id)}"

    async def _mobile(self, db: AsyncSession, case: Case) -> str | None:
        """The number to call back, else the one of the call, else of the contact: the first that takes an SMS."""
        async for written in self._numbers(db, case):
            number = self._plan.canonical(written)
            if number is not None and takes_sms(number):
                return number
        return None

    async def _numbers(self, db: AsyncSession, case: Case) -> AsyncIterator[str]:
        if case.callback_number:
            yield case.callback_number
            return
        for call_id in await repository.call_ids(db, case.id):
            party = await self._calls.party(db, call_id)
            if party is not None:
                yield party.caller_number
        contact = await enterprises.contact(db, case.contact_id) if case.contact_id else None
        for one in contact.numbers if contact else ():
            yield one.number
