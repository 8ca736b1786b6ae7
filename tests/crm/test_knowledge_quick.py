"""Entries at hand: stars, what one cited last, what everybody cites today; published ones alone."""

from __future__ import annotations

from datetime import timedelta

from crm.knowledge_quick.service import MOST_FAVOURITES
from tests.crm.city import CONSULT
from tests.crm.test_knowledge import KnowledgeDesk, desk
from tests.fakes.clock import FakeClock

__all__ = ["desk"]

QUICK = "/api/knowledge-quick"


async def quick(desk: KnowledgeDesk, who: str) -> dict[str, list[str]]:
    found = await desk.workspace.get(who, QUICK)
    return {name: [row["id"] for row in rows] for name, rows in found.items()}


async def star(desk: KnowledgeDesk, who: str, entry_id: str, method: str = "PUT") -> int:
    return (await desk.workspace.ask(who, method, f"{QUICK}/favourites/{entry_id}"))[0]


async def cite(desk: KnowledgeDesk, who: str, entry_id: str) -> None:
    case = await desk.workspace.post(who, "/api/cases", CONSULT)
    cited = [{"entry_id": entry_id, "number": 1}]
    await desk.workspace.move(who, case["id"], "close_direct", answer="答复", knowledge=cited)


async def test_stars_are_their_owners_alone_and_the_last_one_is_first(desk: KnowledgeDesk) -> None:
    one, two = await desk.published(title="一"), await desk.published(title="二")
    for entry_id in (one, two, one):
        assert await star(desk, "agent1", entry_id) == 204
    assert (await quick(desk, "agent1"))["favourites"] == [two, one]
    assert (await quick(desk, "agent2"))["favourites"] == []
    assert [await star(desk, "agent1", two, "DELETE") for _ in range(2)] == [204, 204]
    assert (await quick(desk, "agent1"))["favourites"] == [one]
    await desk.act("kb_reviewer", one, "withdraw", reason="已废止")
    assert (await quick(desk, "agent1"))["favourites"] == []


async def test_nobody_stars_what_they_cannot_read_or_more_than_there_may_be(desk: KnowledgeDesk) -> None:
    draft = await desk.draft()
    assert await star(desk, "agent1", draft) == 404
    ids = [await desk.draft(title=f"第{number}条") for number in range(MOST_FAVOURITES + 1)]
    assert {await star(desk, "bureau", entry_id) for entry_id in ids[:-1]} == {204}
    path = f"{QUICK}/favourites/{ids[-1]}"
    assert await desk.workspace.refused("bureau", "PUT", path) == (409, "knowledge.too_many_favourites")


async def test_what_was_cited_is_at_hand(desk: KnowledgeDesk, morning: FakeClock) -> None:
    one, two = await desk.published(title="一"), await desk.published(title="二")
    await cite(desk, "agent1", one)
    await morning.advance(timedelta(minutes=1))
    await cite(desk, "agent1", two)
    await cite(desk, "agent2", one)
    assert await quick(desk, "agent1") == {"favourites": [], "recent": [two, one], "today": [one, two]}
    assert (await quick(desk, "agent2"))["recent"] == [one]
    # At midnight in the hotline's zone today begins anew; 09:01 there is 15 hours before.
    await morning.advance(timedelta(hours=14, minutes=58))
    assert (await quick(desk, "agent2"))["today"] == [one, two]
    await morning.advance(timedelta(minutes=2))
    assert await quick(desk, "agent2") == {"favourites": [], "recent": [one], "today": []}
    await morning.advance(timedelta(days=30))
    assert (await quick(desk, "agent2"))["recent"] == []
