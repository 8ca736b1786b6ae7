"""Makes a case sheet (工单) of a case, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Assignment, Case, CaseReply, CaseStep
from crm.cases.opening import ReadableCases
from crm.cases.visibility import is_staff
from crm.enterprises import repository as enterprises
from crm.sheets import repository
from crm.sheets.schemas import CaseSheet, SheetFact, SheetSection
from crm.sheets.texts import CHANNELS, REPLIES, ROLES, STATES, TYPES, URGENCIES, worded
from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal


class SheetService:
    def __init__(self, clock: Clock, cases: ReadableCases, zone: ZoneInfo) -> None:
        self.cases = cases
        self._clock = clock
        self._zone = zone

    async def sheet(self, db: AsyncSession, case: Case, *, who: Principal, unmask: bool) -> CaseSheet:
        """`case` as its reader has it. Of a confidential or anonymous one, a unit's person gets the text for units and
        nothing of the caller; the number is readable for the case's writer, and with `unmask`.
        """
        hidden = (case.confidential or case.anonymous) and not is_staff(who)
        names = await enterprises.names(db, [case.enterprise_id] if case.enterprise_id and not hidden else [])
        steps = await repository.steps(db, case.id)
        replies = await repository.replies(db, case.id)
        people = await repository.user_names(
            db, [case.created_by, *(step.by for step in steps), *(reply.by for reply in replies)]
        )
        number = "" if hidden else case.callback_number
        shown = number if unmask or case.created_by == who.user_id else mask_number(number)
        return CaseSheet(
            case_id=case.id,
            number=case.number,
            title="" if hidden else case.title,
            facts=self._facts(case, people, caller=(names.get(case.enterprise_id or "", ""), shown)),
            sections=[
                *_section("诉求内容", [case.text_for_unit if hidden else case.content]),
                *_section("服务对象的要求", [] if hidden else [case.demand]),
                *_section("承办单位", self._units(await repository.assignments(db, case.id))),
                *_section("答复", self._replies(replies, people, internal=not hidden)),
                *_section("办理过程", self._steps(steps, people, details=is_staff(who))),
            ],
            printed_by=who.name,
            printed_at=self._clock.now(),
        )

    def _facts(self, case: Case, people: Mapping[str, str], *, caller: tuple[str, str]) -> list[SheetFact]:
        enterprise, number = caller
        facts = {
            "工单号": case.number,
            "状态": worded(STATES, case.state),
            "诉求类型": worded(TYPES, case.type),
            "紧急程度": worded(URGENCIES, case.urgency),
            "来源": worded(CHANNELS, case.channel),
            "受理时间": self._time(case.created_at),
            "受理人": people.get(case.created_by, ""),
            "派单时间": self._time(case.dispatched_at),
            "签收时间": self._time(case.signed_at),
            "办结时间": self._time(case.closed_at),
            "企业": enterprise,
            "回拨电话": number,
            "发生时间": self._time(case.occurred_at),
            "发生地点": case.place,
            "被投诉（举报）单位": case.unit_complained_of,
        }
        return [SheetFact(label=label, value=value) for label, value in facts.items() if value]

    def _units(self, rows: Iterable[tuple[Assignment, str]]) -> list[str]:
        return [
            "\n".join(
                part
                for part in (
                    f"{worded(ROLES, row.role)}：{unit}（第 {row.round} 轮）",
                    f"派单：{self._time(row.assigned_at)}",
                    f"签收：{self._time(row.signed_at)}" if row.signed_at else "",
                    f"期限：{self._time(row.due_at)}" if row.due_at else "",
                    f"派单意见：{row.advice}" if row.advice else "",
                )
                if part
            )
            for row, unit in rows
        ]

    def _replies(self, rows: Sequence[CaseReply], people: Mapping[str, str], *, internal: bool) -> list[str]:
        texts = []
        for row in rows:
            texts.append(
                f"{self._time(row.at)} {people.get(row.by, '')} {worded(REPLIES, row.kind)}\n{row.public_answer}"
            )
            if internal and row.internal_handling:
                texts.append(f"内部办理情况：{row.internal_handling}")
        return texts

    def _steps(self, rows: Sequence[CaseStep], people: Mapping[str, str], *, details: bool) -> list[str]:
        return [
            "\n".join(
                [
                    f"{self._time(row.at)} {people.get(row.by, '')} "
                    f"{worded(STATES, row.source)} → {worded(STATES, row.target)}",
                    *(_texts_in(row.detail) if details else ()),
                ]
            )
            for row in rows
        ]

    def _time(self, moment: datetime | None) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if moment is not None else ""


def _section(heading: str, texts: Iterable[str]) -> list[SheetSection]:
    given = [text for text in texts if text.strip()]
    return [SheetSection(heading=heading, texts=given)] if given else []


_WRITTEN = ("explanation", "answer", "reason", "advice", "opinion", "channel", "service", "missing", "basis")
"""Of a step's detail: what somebody wrote or chose; ids and flags are not for a sheet."""


def _texts_in(detail: Mapping[str, Any]) -> list[str]:
    return [mask_numbers_in(value) for name in _WRITTEN if isinstance(value := detail.get(name), str) and value]
