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
from crm.sheets.texts import SHEET_WORDS, SheetWords, worded
from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.clock import Clock
from hotline.kernel.http import Principal
from hotline.notices.templates import Language


class SheetService:
    def __init__(self, clock: Clock, cases: ReadableCases, zone: ZoneInfo) -> None:
        self.cases = cases
        self._clock = clock
        self._zone = zone

    async def sheet(
        self, db: AsyncSession, case: Case, *, who: Principal, unmask: bool, language: Language = "zh"
    ) -> CaseSheet:
        """`case` as its reader has it. Of a confidential or anonymous one, a unit's person gets the text for units and
        nothing of the caller; the number is readable for the case's writer, and with `unmask`.
        """
        words = SHEET_WORDS[language]
        labels = words.labels
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
            language=language,
            heading=labels["sheet"],
            case_id=case.id,
            number=case.number,
            title="" if hidden else case.title,
            facts=self._facts(case, people, words, caller=(names.get(case.enterprise_id or "", ""), shown)),
            sections=[
                *_section(labels["content"], [case.text_for_unit if hidden else case.content]),
                *_section(labels["demand"], [] if hidden else [case.demand]),
                *_section(labels["units"], self._units(await repository.assignments(db, case.id), words)),
                *_section(labels["replies"], self._replies(replies, people, words, internal=not hidden)),
                *_section(labels["course"], self._steps(steps, people, words, details=is_staff(who))),
            ],
            printed_by=who.name,
            printed_at=self._clock.now(),
        )

    def _facts(
        self, case: Case, people: Mapping[str, str], words: SheetWords, *, caller: tuple[str, str]
    ) -> list[SheetFact]:
        enterprise, number = caller
        facts = {
            "number": case.number,
            "state": worded(words.states, case.state),
            "type": worded(words.types, case.type),
            "urgency": worded(words.urgencies, case.urgency),
            "channel": worded(words.channels, case.channel),
            "accepted_at": self._time(case.created_at),
            "accepted_by": people.get(case.created_by, ""),
            "dispatched_at": self._time(case.dispatched_at),
            "signed_at": self._time(case.signed_at),
            "closed_at": self._time(case.closed_at),
            "enterprise": enterprise,
            "callback_number": number,
            "occurred_at": self._time(case.occurred_at),
            "place": case.place,
            "unit_complained_of": case.unit_complained_of,
        }
        return [SheetFact(label=words.labels[name], value=value) for name, value in facts.items() if value]

    def _units(self, rows: Iterable[tuple[Assignment, str]], words: SheetWords) -> list[str]:
        labels = words.labels
        return [
            "\n".join(
                [
                    labels["unit"].format(role=worded(words.roles, row.role), unit=unit, round=row.round),
                    labels["unit_assigned"].format(at=self._time(row.assigned_at)),
                    *([labels["unit_signed"].format(at=self._time(row.signed_at))] if row.signed_at else []),
                    *([labels["unit_due"].format(at=self._time(row.due_at))] if row.due_at else []),
                    *([labels["unit_advice"].format(advice=row.advice)] if row.advice else []),
                ]
            )
            for row, unit in rows
        ]

    def _replies(
        self, rows: Sequence[CaseReply], people: Mapping[str, str], words: SheetWords, *, internal: bool
    ) -> list[str]:
        texts = []
        for row in rows:
            kind = worded(words.replies, row.kind)
            texts.append(f"{self._time(row.at)} {people.get(row.by, '')} {kind}\n{row.public_answer}")
            if internal and row.internal_handling:
                texts.append(words.labels["internal"].format(text=row.internal_handling))
        return texts

    def _steps(
        self, rows: Sequence[CaseStep], people: Mapping[str, str], words: SheetWords, *, details: bool
    ) -> list[str]:
        return [
            "\n".join(
                [
                    f"{self._time(row.at)} {people.get(row.by, '')} "
                    f"{worded(words.states, row.source)} → {worded(words.states, row.target)}",
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
