"""Figures of the knowledge base: fixed points of the formulas, and the figures of a small city."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.knowledge_figures import repository
from crm.knowledge_figures.figures import citation_times, quantile, reviewed_on_time
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT
from tests.crm.test_knowledge import KnowledgeDesk, desk
from tests.fakes.clock import FakeClock

__all__ = ["desk"]

FIGURES = "/api/knowledge-figures"
DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_review_is_on_time_on_its_day_and_not_the_day_after_or_never() -> None:
    reviews = [(DAY, DAY), (DAY, DAY - timedelta(days=1)), (DAY, DAY + timedelta(days=1)), (DAY, None)]
    assert reviewed_on_time(reviews).model_dump() == {"count": 2, "of": 4}
    assert reviewed_on_time([]).model_dump() == {"count": 0, "of": 0}


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [([], None, None), ([7], 7, 7), ([1, 9], 1, 9), ([3, 1, 2], 2, 3), (list(range(1, 101)), 50, 90)],
)
def test_quantiles_are_values_that_were_measured(values: list[int], median: int | None, p90: int | None) -> None:
    assert (quantile(values, 0.5), quantile(values, 0.9)) == (median, p90)


def test_a_citation_is_timed_from_the_last_ring_before_it() -> None:
    rings = [NOON - timedelta(seconds=90), NOON - timedelta(seconds=30), NOON + timedelta(seconds=5)]
    found = citation_times([(NOON, rings), (NOON, [NOON + timedelta(seconds=1)]), (NOON, [])], cases=4)
    assert found.model_dump() == {"of": 1, "cases": 4, "median": 30, "p90": 30}


async def figures(desk: KnowledgeDesk, **query: Any) -> Any:
    period = {"first": "2026-03-01", "last": "2026-12-31"}
    return await desk.workspace.get("supervisor", FIGURES, **(period | query))


async def test_reviews_count_by_the_day_they_were_due(desk: KnowledgeDesk, morning: FakeClock) -> None:
    on_time, late, waiting = [await desk.published(title=title) for title in ("按时", "迟了", "没做")]
    assert (await figures(desk))["reviewed"] == {"count": 0, "of": 0}  # none is due by now
    await morning.advance(timedelta(days=90))  # the day
    await desk.act("bureau_head", on_time, "confirm")
    await morning.advance(timedelta(days=1))
    await desk.act("bureau_head", late, "confirm")
    assert (await figures(desk))["reviewed"] == {"count": 1, "of": 3}
    bureau, other = (desk.city.units[name] for name in ("bureau", "other"))
    assert (await figures(desk, unit_id=bureau))["reviewed"] == {"count": 1, "of": 3}
    assert (await figures(desk, unit_id=other))["reviewed"] == {"count": 0, "of": 0}
    assert (await figures(desk, last="2026-05-30"))["reviewed"] == {"count": 0, "of": 0}
    # Withdrawn, nobody has to look it through any more.
    await desk.act("kb_reviewer", waiting, "withdraw", reason="已废止")
    assert (await figures(desk))["reviewed"] == {"count": 1, "of": 2}


async def test_consults_answered_at_once_and_how_fast(desk: KnowledgeDesk, morning: FakeClock) -> None:
    workspace, entry_id = desk.workspace, await desk.published()
    workspace.calls.answered("01a22e65-0000-7000-8000-0000000000c1", "13912345678")
    workspace.calls.rang["01a22e65-0000-7000-8000-0000000000c1"] = [morning.now()]
    await morning.advance(timedelta(seconds=45))
    case = await workspace.post("agent1", "/api/cases", CONSULT)
    call = {"call_id": "01a22e65-0000-7000-8000-0000000000c1"}
    await workspace.post("agent1", f"/api/cases/{case['id']}/calls", call)
    cited = [{"entry_id": entry_id, "number": 1}]
    await workspace.move("agent1", case["id"], "close_direct", answer="答复", knowledge=cited)
    await desk.city.submitted()  # a consult that goes to a unit
    await workspace.post("agent1", "/api/cases", CONSULT)  # still a draft
    await desk.city.submitted(type="help", demand="请帮忙")
    found = await figures(desk)
    assert found["direct"] == {"count": 1, "of": 2}
    assert found["times"] == {"of": 1, "cases": 1, "median": 45, "p90": 45}
    one = await figures(desk, unit_id=desk.city.units["bureau"])
    assert (one["direct"], one["times"]["of"]) == (None, 1)
    assert (await figures(desk, unit_id=desk.city.units["other"]))["times"]["cases"] == 0
    later = {"first": "2026-03-03", "last": "2026-03-04"}
    assert (await figures(desk, **later))["direct"] == {"count": 0, "of": 0}


async def test_figures_are_for_supervisors_and_knowledge_reviewers(desk: KnowledgeDesk) -> None:
    query = "?first=2026-03-01&last=2026-03-31"
    for who, status in (
        ("supervisor", 200),
        ("kb_reviewer", 200),
        ("kb_editor", 403),
        ("agent1", 403),
        ("bureau", 403),
    ):
        assert (await desk.workspace.ask(who, "GET", FIGURES + query))[0] == status, who
    assert (await desk.workspace.ask("supervisor", "GET", f"{FIGURES}?first=2026-03-02&last=2026-03-01"))[0] == 422
    assert (await desk.workspace.ask("supervisor", "GET", f"{FIGURES}?first=2026-03-02&last=2028-03-01"))[0] == 422


async def test_an_entry_confirmed_twice_on_one_day_was_reviewed_once(desk: KnowledgeDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await morning.advance(timedelta(days=80))  # ten days early
    for _ in range(3):
        await desk.act("bureau_head", entry_id, "confirm")
    await morning.advance(timedelta(days=200))
    # One on time; the next, due 90 days after it, was not done.
    assert (await figures(desk))["reviewed"] == {"count": 1, "of": 2}


async def test_of_too_many_cases_the_newest_are_timed_and_all_are_counted(
    desk: KnowledgeDesk, morning: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_TIMES", 1)
    entry_id = await desk.published()
    for seconds in (10, 20):
        call_id = uuid7()
        desk.workspace.calls.rang[call_id] = [morning.now()]
        await morning.advance(timedelta(seconds=seconds))
        case = await desk.workspace.post("agent1", "/api/cases", {**CONSULT, "call_id": call_id})
        cited = [{"entry_id": entry_id, "number": 1}]
        await desk.workspace.move("agent1", case["id"], "close_direct", answer="答复", knowledge=cited)
    assert (await figures(desk))["times"] == {"of": 1, "cases": 2, "median": 20, "p90": 20}
