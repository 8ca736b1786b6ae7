"""Open cases like the one being typed, each with the reasons.

Words are found in a table, not in an index in memory as the catalogue's suggestions are: a case must be found the
moment it is submitted, by every process, and 100,000 open cases would be too many to hold. A question costs one
statement that walks the index once for each of at most `MOST_ASKED` words and at most `COMMON` rows along it, whatever
the number of open cases; a word that more cases have does not distinguish them. Of what is found the likeliest
`_COMPARED` cases are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.numbering import spoken
from crm.cases.repository import of_calls
from crm.cases.viewers import viewer_of
from crm.cases.visibility import Viewer, is_staff
from crm.enterprises.numbers import NumberPlan
from crm.ports import CallHistory
from crm.similar import repository
from crm.similar.schemas import SimilarBy, SimilarCase, SimilarQuestion, SimilarReason
from crm.similar.words import MOST_ASKED, MOST_PLACES, Likeness, likeness, place_words, text_words
from crm.units import repository as units
from hotline.kernel.errors import ForbiddenError
from hotline.kernel.http import Principal

_MOST_ANSWERED = 8
_COMPARED = 80
_EARLIER_CALLS = 20
_WEIGHTS: Mapping[SimilarBy, float] = {
    SimilarBy.CONTACT: 1.0,
    SimilarBy.NUMBER: 1.0,
    SimilarBy.CALLER: 1.0,
    SimilarBy.ENTERPRISE: 0.6,
}
"""Two cases of one caller are as near as two of the same words."""


class SimilarCases:
    def __init__(self, plan: NumberPlan, calls: CallHistory) -> None:
        self._plan = plan
        self._calls = calls

    async def find(self, db: AsyncSession, question: SimilarQuestion, *, who: Principal) -> list[SimilarCase]:
        """The likeliest first; of cases that follow another, the one they follow. Raises ForbiddenError for units."""
        if not is_staff(who):
            raise ForbiddenError("Similar cases are shown to the hotline's own staff.")
        viewer = await viewer_of(db, who)
        callers = await self._of_caller(db, question, who)
        alike = await _alike(db, question)
        scores = {id: one.score for id, one in alike.items() if one.same_words or one.same_place}
        for id, by in callers.items():
            scores[id] = scores.get(id, alike.get(id, Likeness()).text) + max(_WEIGHTS[one] for one in by)
        likeliest = sorted(scores, key=lambda id: (-scores[id], id))[:_COMPARED]
        rows = await _masters(db, await repository.comparable(db, likeliest, viewer), viewer)
        found = [
            (max(scores[id] for id in ids), row, _reasons(ids, callers, alike))
            for row, ids in rows
            if row.id != question.case_id
        ]
        best = sorted(found, key=lambda one: (-one[0], one[1].id))[:_MOST_ANSWERED]
        return await _shown(db, best)

    async def _of_caller(
        self, db: AsyncSession, question: SimilarQuestion, who: Principal
    ) -> dict[str, set[SimilarBy]]:
        found: defaultdict[str, set[SimilarBy]] = defaultdict(set)
        number = question.callback_number
        for by, column, value in (
            (SimilarBy.CONTACT, Case.contact_id, question.contact_id),
            (SimilarBy.ENTERPRISE, Case.enterprise_id, question.enterprise_id),
            (SimilarBy.NUMBER, Case.callback_number, self._plan.canonical(number) if number else None),
        ):
            for id in await repository.of_caller(db, column, value):
                found[id].add(by)
        for id in await self._of_earlier_calls(db, question.call_id, who):
            found[id].add(SimilarBy.CALLER)
        return found

    async def _of_earlier_calls(self, db: AsyncSession, call_id: str | None, who: Principal) -> list[str]:
        """Cases of the latest calls from the number of this call, where `who` may know of the call."""
        if call_id is None or not await self._calls.known_to(db, call_id, who):
            return []
        party = await self._calls.party(db, call_id)
        if party is None or not party.caller_number:
            return []
        earlier = await self._calls.earlier(
            db, number=party.caller_number, enterprise_ids=(), excluding=call_id, limit=_EARLIER_CALLS
        )
        return [case.id for _, case in await of_calls(db, [call.call_id for call in earlier])]


async def _alike(db: AsyncSession, question: SimilarQuestion) -> dict[str, Likeness]:
    asked = text_words(question.title, question.content, most=MOST_ASKED)
    places = place_words(question.place, most=MOST_PLACES)
    found = await repository.cases_with(db, [*asked, *places])
    return likeness(f"{question.title}\n{question.content}", [*asked, *places], found)


async def _masters(db: AsyncSession, rows: Sequence[Case], viewer: Viewer) -> list[tuple[Case, list[str]]]:
    """(case, the cases found for it): instead of a case that follows another the one it follows."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.duplicate_of_id or row.id].append(row.id)
    known = {row.id: row for row in rows}
    others = await repository.comparable(db, found.keys() - known.keys(), viewer)
    known |= {row.id: row for row in others}
    return [(known[id], ids) for id, ids in found.items() if id in known]


def _reasons(
    ids: Iterable[str], callers: Mapping[str, set[SimilarBy]], alike: Mapping[str, Likeness]
) -> list[SimilarReason]:
    by = set().union(*(callers.get(id, set()) for id in ids))
    likenesses = [alike[id] for id in ids if id in alike]
    reasons = [SimilarReason(by=one, words=[]) for one in SimilarBy if one in by]
    if any(one.same_place for one in likenesses):
        reasons.append(SimilarReason(by=SimilarBy.PLACE, words=[]))
    worded = max((one for one in likenesses if one.same_words), key=lambda one: one.text, default=None)
    if worded is not None:
        reasons.append(SimilarReason(by=SimilarBy.WORDS, words=list(worded.words)))
    return reasons


async def _shown(db: AsyncSession, found: Sequence[tuple[float, Case, list[SimilarReason]]]) -> list[SimilarCase]:
    led = await units.named(db, {row.lead_unit_id for _, row, _ in found if row.lead_unit_id})
    followers = await repository.followers(db, [row.id for _, row, _ in found])
    names = {id: unit.name for id, unit in led.items()}
    own = [name for name in SimilarCase.model_fields if hasattr(Case, name)]
    return [
        SimilarCase(
            **{name: getattr(row, name) for name in own},
            spoken_number=spoken(row.number),
            lead_unit_name=names.get(row.lead_unit_id or ""),
            followers=followers.get(row.id, 0),
            score=round(score, 3),
            reasons=reasons,
        )
        for score, row, reasons in found
    ]
