"""What the search of the knowledge base finds, and what stands first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from crm.knowledge.asking import ask
from crm.knowledge.finding import find_knowledge
from crm.knowledge.indexing import index_all
from crm.knowledge.ranking import RankedEntry, rank_all, rank_nearest
from crm.knowledge.search_index import SCHEME, KnowledgeSearch
from tests.crm.test_knowledge import KnowledgeDesk, desk

__all__ = ["desk"]

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def entry(title: str, *, answer: str = "", names: str = "", uses: int = 0, days: int = 400) -> RankedEntry:
    published = datetime.fromtimestamp(NOW.timestamp() - days * 86400, UTC)
    facts: dict[str, Any] = {"kind": "procedure", "unit_id": None, "category_id": None, "stages": "", "industries": ""}
    return RankedEntry(title, title, names, answer, "", uses, published, **facts)


def order(text: str, *entries: RankedEntry) -> list[str]:
    return [hit.entry.title for hit in rank_all(ask(text), entries, now=NOW)]


def test_what_is_found_in_the_title_comes_first_and_what_is_used_breaks_ties() -> None:
    exact, begins = entry("公司注销"), entry("公司注销登记的材料")
    keyword, answer = entry("市场主体退出", names="公司注销"), entry("清税证明", answer="公司注销前办理。")
    other, used = entry("简易公司注销登记办法"), entry("普通公司注销登记办法", uses=80)
    found = order("公司注销", answer, other, keyword, used, begins, exact)
    assert found[0] == exact.title
    assert set(found[1:4]) == {begins.title, other.title, used.title}
    assert found.index(used.title) < found.index(other.title)
    assert found[4:] == [keyword.title, answer.title]


def test_what_is_fresh_comes_before_what_is_old() -> None:
    assert order("稳岗补贴", entry("稳岗补贴申领甲"), entry("稳岗补贴申领乙", days=1))[0] == "稳岗补贴申领乙"


def test_a_question_is_read_without_the_words_that_only_ask() -> None:
    assert [piece.text for piece in ask("我想问一下小微企业贷款贴息怎么申请").pieces] == [
        "小微",
        "企业",
        "贷款",
        "贴息",
        "申请",
    ]
    assert ask("，。？！*%_").words == ()


def test_rare_words_count_more_than_common_ones() -> None:
    common = [entry(f"企业登记{number}") for number in range(20)]
    hits = rank_nearest(ask("餐饮企业登记排污"), [*common, entry("排污许可")], now=NOW)
    assert hits[0].entry.title == "排污许可"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("可证延", "任意一段"),
        ("食品", "两个字"),
        ("食品經營許可證", "繁体"),
        ("ＰＯＳ", "全角"),
        ("pos", "拉丁"),
        ("jyxk", "首字母"),
        ("xukezheng", "拼音"),
        ("卫生许可", "别名"),
        ("九十个", "答案"),
        ("副本", "详情"),
        ("税", None),
        ("食品经营证", "分开的词"),
    ],
)
async def test_each_way_to_put_it_is_found(desk: KnowledgeDesk, search: str, found: str | None) -> None:
    entry_id = await desk.published(keywords=["POS机"])
    assert await desk.found("agent1", search) == ([entry_id] if found else [])


async def test_two_words_typed_apart_are_both_in_every_hit(desk: KnowledgeDesk) -> None:
    both = await desk.published(title="社保补贴与创业贷款")
    apart = await desk.published(title="社保缴费", details="创业担保贷款另见。")
    await desk.published(title="社保转移")
    await desk.published(title="创业贷款贴息")
    assert await desk.found("agent1", "社保 贷款") == [both, apart]
    assert await desk.found("agent1", "贷款 注销") == []


async def test_a_sentence_without_a_hit_finds_the_nearest_and_says_so(desk: KnowledgeDesk) -> None:
    opened = await desk.published(title="企业设立登记", keywords=["开公司", "注册公司"])
    await desk.published(title="食品经营许可证注销")
    page = await desk.workspace.get("agent1", "/api/knowledge", search="想开公司的话要提前准备什么东西和印章")
    assert page["items"][0]["id"] == opened
    assert page["searched"]["found_by"] == "nearest"
    whole = await desk.workspace.get("agent1", "/api/knowledge", search="设立登记")
    assert whole["searched"]["found_by"] == "all"


async def test_the_list_is_sorted_by_relevance_and_pages_on(desk: KnowledgeDesk) -> None:
    ids = {title: await desk.published(title=title) for title in ("税务注销证明", "注销", "公司注销登记")}
    first = await desk.workspace.get("agent1", "/api/knowledge", search="注销", limit=1)
    assert ([row["id"] for row in first["items"]], first["total"]) == ([ids["注销"]], 3)
    rest = await desk.workspace.get("agent1", "/api/knowledge", search="注销", limit=5, cursor=first["next"])
    assert {row["id"] for row in rest["items"]} == set(ids.values()) - {ids["注销"]}
    assert rest["next"] is None
    path = "/api/knowledge?search=注销&cursor=Wy0xXQ"
    assert await desk.workspace.refused("agent1", "GET", path) == (422, "input.cursor")


async def test_the_filters_of_the_list_hold_for_the_search(desk: KnowledgeDesk) -> None:
    top = await desk.workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "变更"})
    inside = await desk.published(title="许可变更", category_id=top["id"], kind="procedure")
    await desk.published(title="许可延续")
    for wanted in ({"category_id": top["id"]}, {"kind": "procedure"}):
        assert await desk.found("agent1", "许可", **wanted) == [inside]
    assert len(await desk.found("agent1", "许可", unit_id=desk.city.units["bureau"])) == 2
    assert await desk.found("agent1", "许可", unit_id=desk.city.units["office"]) == []


async def test_what_is_withdrawn_is_found_no_more(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    await desk.act("bureau_head", entry_id, "withdraw", reason="已废止")
    assert await desk.found("agent1", "许可证") == []
    assert await desk.found("bureau", "许可证", list="retired") == [entry_id]


async def test_an_entry_indexed_by_other_tokens_is_indexed_again(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    async with desk.workspace.database.transaction() as db:
        await db.execute(update(KnowledgeSearch).values(scheme=SCHEME - 1, words="x", names=""))
    assert await desk.found("agent1", "许可证") == []
    assert await index_all(desk.workspace.database, stale=True) == 1
    assert await desk.found("agent1", "许可证") == [entry_id]
    assert await index_all(desk.workspace.database, stale=True) == 0
    seen: list[int] = []
    assert await index_all(desk.workspace.database, progress=seen.append) == 1
    assert seen == [1]


async def test_no_text_breaks_the_search_or_finds_everything(desk: KnowledgeDesk) -> None:
    await desk.published()
    odd = ["\x00", "\ud800", "*", '"', '""', "%", "_", "🙂", "\ue001", "a*", "'", "\\", "|&!", "{words}", "NEAR(x)"]
    long = ["许可证" * 4000, "a b " * 3000, "一 " * 5000, "x" * 10_000, "".join(map(chr, range(0x4E00, 0x7500)))]
    async with desk.workspace.database.transaction() as db:
        for text in odd:
            assert not (await find_knowledge(db, text, now=NOW)).hits, text
        for text in long:
            await find_knowledge(db, text, now=NOW)
