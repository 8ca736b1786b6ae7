"""What the search of the knowledge base finds, and what stands first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from crm.knowledge.asking import ask
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.finding import find_knowledge
from crm.knowledge.highlights import highlighted, snippet
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.ranking import RankedEntry, rank_all, rank_nearest
from crm.knowledge.search_index import indexed_entry, names_in, write_index
from crm.knowledge.spelling import corrected
from crm.knowledge.synonyms import MOST_OTHERS, load_synonyms
from hotline.kernel.ids import uuid7
from tests.crm.conftest import Workspace
from tests.crm.test_knowledge import WRITTEN, KnowledgeDesk, desk

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


def test_keywords_are_looked_for_between_the_bounds_of_words() -> None:
    looked_for = {term.token[1:] for (term,) in names_in("公司的食品经营许可证丢了怎么补领")}
    assert {"公司", "许可", "许可证", "经营许可证", "补领"} <= looked_for
    # All parts of so long a text are four hundred, of which PostgreSQL compares each with each row.
    assert "司的" not in looked_for
    assert (
        len(
            [
                *names_in(
                    "营业执照正副本在搬家时遗失咨询补领需要什么材料能不能网上办多久拿到上个月资金紧张没有按时缴纳职工社会保险"
                )
            ]
        )
        < 150
    )


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


async def test_drafts_and_filters_find_what_is_older_than_thousands_of_others(desk: KnowledgeDesk) -> None:
    draft = await desk.draft(title="食品经营许可证新规")
    used = await desk.published(stages=["change"])
    async with desk.workspace.database.transaction() as db:
        await db.execute(update(KnowledgeEntry).where(KnowledgeEntry.id == used).values(uses=5))
        row = await db.get_one(KnowledgeEntry, used)
        columns = {name: getattr(row, name) for name in KnowledgeEntry.__mapper__.column_attrs.keys()}
        ids = [uuid7() for _ in range(2100)]
        await db.execute(insert(KnowledgeEntry), [{**columns, "id": id, "uses": 0} for id in ids])
        content = KnowledgeContent.model_validate({**WRITTEN, "stages": ["change"]})
        made = indexed_entry(used, content, unit_id=row.unit_id, state=row.state)
        await write_index(db, [replace(made, entry_id=id) for id in ids])
    assert await desk.found("bureau", "许可证", list="drafts") == [draft]
    assert (await desk.found("agent1", "", stage="change"))[0] == used


async def test_what_is_withdrawn_is_found_no_more(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    await desk.act("bureau_head", entry_id, "withdraw", reason="已废止")
    assert await desk.found("agent1", "许可证") == []
    assert await desk.found("bureau", "许可证", list="retired") == [entry_id]


async def test_no_text_breaks_the_search_or_finds_everything(desk: KnowledgeDesk) -> None:
    await desk.published()
    odd = [
        "\x00",
        "\ud800",
        "a\u19b0b",
        "*",
        '"',
        '""',
        "%",
        "_",
        "🙂",
        "\ue001",
        "a*",
        "'",
        "\\",
        "|&!",
        "{words}",
        "NEAR(x)",
    ]
    long = ["许可证" * 4000, "a b " * 3000, "一 " * 5000, "x" * 10_000, "".join(map(chr, range(0x4E00, 0x7500)))]
    async with desk.workspace.database.transaction() as db:
        for text in odd:
            assert not (await find_knowledge(db, text, now=NOW)).hits, text
        for text in long:
            await find_knowledge(db, text, now=NOW)


async def searched(desk: KnowledgeDesk, text: str, **query: Any) -> dict[str, Any]:
    page: dict[str, Any] = await desk.workspace.get("agent1", "/api/knowledge", search=text, **query)
    return page


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("经营许可正", "经营许可证"),
        ("食评经营许可证", "食品经营许可证"),
    ],
)
async def test_a_wrong_character_is_read_as_the_title_has_it(desk: KnowledgeDesk, typed: str, meant: str) -> None:
    entry_id = await desk.published()
    page = await searched(desk, typed)
    assert [row["id"] for row in page["items"]] == [entry_id]
    assert page["searched"]["corrected"] == [{"word": typed, "meant": meant}]
    assert (await searched(desk, meant))["searched"]["corrected"] == []


async def test_of_two_words_the_wrong_one_is_corrected(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    page = await searched(desk, "延序 许可")
    assert [row["id"] for row in page["items"]] == [entry_id]
    assert page["searched"]["corrected"] == [{"word": "延序", "meant": "延续"}]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("设保", "社保"),
        ("餐饮证", None),
        ("社保", None),
        ("abcd", None),
        ("企业社立登记", "企业设立登记"),
        ("企业立登记", "企业设立登记"),
        ("企业设立登登记", "企业设立登记"),
    ],
)
def test_corrections_are_words_of_titles(word: str, meant: str | None) -> None:
    assert corrected(word, ["企业设立登记", "社保登记", "餐饮服务许可"]) == meant


async def test_what_was_found_is_marked_as_it_is_written(desk: KnowledgeDesk) -> None:
    await desk.published(title="ＰＯＳ機商戶許可", answer="前文。" * 60 + "商户到銀行开户。")
    (row,) = (await searched(desk, "pos机 商户"))["items"]
    assert row["title_parts"] == [{"text": "ＰＯＳ機商戶", "hit": True}, {"text": "許可", "hit": False}]
    assert [part["text"] for part in row["answer_parts"] if part["hit"]] == ["商户"]
    assert row["answer_parts"][0] == {"text": "…", "hit": False}
    assert "".join(part["text"] for part in row["answer_parts"]).endswith("商户到銀行开户。")


def test_a_text_that_grows_when_it_is_folded_is_marked_where_it_is() -> None:
    parts = highlighted("㈱许可ﬀ证", ask("许可"))
    assert [(part.text, part.hit) for part in parts] == [("㈱", False), ("许可", True), ("ﬀ证", False)]
    assert "".join(part.text for part in snippet("甲" * 300, ask("乙"), most=120)) == "甲" * 120


async def test_the_hits_are_counted_by_facet_and_narrowed_by_it(desk: KnowledgeDesk) -> None:
    top = await desk.workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "变更"})
    one = await desk.published(title="许可变更", category_id=top["id"], kind="procedure", stages=["change"])
    await desk.published(title="许可延续", industries=["餐饮业"], stages=["operate"])
    page = await searched(desk, "许可")
    facets = {facet["facet"]: facet["values"] for facet in page["searched"]["facets"]}
    assert facets["category_id"] == [{"value": top["id"], "name": "变更", "hits": 1}]
    assert facets["unit_id"] == [{"value": desk.city.units["bureau"], "name": "市场监督管理局", "hits": 2}]
    assert {value["value"]: value["hits"] for value in facets["kind"]} == {"procedure": 1, "service_item": 1}
    assert facets["industry"] == [{"value": "餐饮业", "name": "餐饮业", "hits": 1}]
    assert {value["value"] for value in facets["stage"]} == {"change", "operate"}
    narrowed = await searched(desk, "许可", stage="change")
    assert [row["id"] for row in narrowed["items"]] == [one]
    assert await desk.found("agent1", "", stage="change") == [one]
    assert one not in await desk.found("agent1", "许可", industry="餐饮业")


async def test_words_that_mean_the_same_find_each_other(desk: KnowledgeDesk, workspace: Workspace) -> None:
    social = await desk.published(title="社保登记与公积金开户", synonyms=[])
    opened = await desk.published(title="企业设立登记", synonyms=[])
    assert await desk.found("agent1", "五险一金") == []
    group = await workspace.post("kb_reviewer", "/api/knowledge-synonyms", {"words": ["五险一金", "社保+公积金"]})
    await workspace.post("kb_reviewer", "/api/knowledge-synonyms", {"words": ["开公司", "企业设立登记"]})
    assert await desk.found("agent1", "五险一金") == [social]
    assert (await desk.found("agent1", "怎么开公司"))[0] == opened
    assert await desk.found("agent1", "企业设立登记") == [opened]
    path = f"/api/knowledge-synonyms/{group['id']}"
    change = {"version": 1, "words": ["职工保险", "社保"]}
    status, changed = await workspace.ask("kb_reviewer", "PUT", path, change)
    assert (status, changed["version"]) == (200, 2)
    assert await workspace.refused("kb_reviewer", "PUT", path, change) == (409, "knowledge.synonym_conflict")
    assert await desk.found("agent1", "五险一金") == []
    status, _ = await workspace.ask("kb_reviewer", "POST", f"{path}/remove", {"version": 2})
    assert status in (200, 204)
    assert len(await workspace.get("kb_reviewer", "/api/knowledge-synonyms")) == 1
    actions = [record.action for record in workspace.audits.records if record.target == group["id"]]
    assert actions == [f"knowledge_synonym.{action}" for action in ("create", "change", "remove")]


@pytest.mark.parametrize(
    "words", [[], ["社保"], ["社保", "社保"], ["社保", "保"], ["社保", "+"], ["社保", "a\u202eb"], ["一"] * 21]
)
async def test_what_makes_no_group_is_refused(desk: KnowledgeDesk, words: list[str]) -> None:
    path = "/api/knowledge-synonyms"
    status, _ = await desk.workspace.refused("kb_reviewer", "POST", path, {"words": words})
    assert status == 422
    assert (await desk.workspace.refused("bureau_head", "POST", path, {"words": ["执照", "营业执照"]}))[0] == 403


async def test_a_table_of_synonyms_is_read_once_and_no_word_has_too_many(desk: KnowledgeDesk) -> None:
    for number in range(30):
        await desk.workspace.post(
            "kb_reviewer", "/api/knowledge-synonyms", {"words": ["许可", f"批准{number}", f"同意{number}"]}
        )
    async with desk.workspace.database.snapshot() as db:
        synonyms = await load_synonyms(db)
        assert await load_synonyms(db) is synonyms
    assert len(synonyms["许可"]) == len(synonyms["xuke"]) == MOST_OTHERS
    assert set(synonyms["批准0"]) == {("许可",), ("同意0",)}
    entry_id = await desk.published(title="批准0")
    assert await desk.found("agent1", "许可") == [entry_id]


async def test_what_may_answer_a_case_is_suggested_by_its_words_and_its_item(desk: KnowledgeDesk) -> None:
    workspace = desk.workspace
    item = await workspace.post("supervisor", "/api/catalogue", {"code": "9901", "name": "许可审批"})
    food = await desk.published()
    other = await desk.published(
        title="稳岗补贴申领", answer="向人社局申请。", item_ids=[item["id"]], synonyms=[], keywords=[]
    )
    told = {"title": "许可证快到期了", "content": "来电人称饭店的食品经营许可证下个月到期，询问怎么延续。"}

    async def suggested(who: str = "agent1", **body: Any) -> list[str]:
        return [row["id"] for row in await workspace.post(who, "/api/knowledge/suggestions", body)]

    assert (await suggested(**told))[0] == food
    assert await suggested(item_id=item["id"]) == [other]
    assert set(await suggested(**told, item_id=item["id"])) == {food, other}
    assert await suggested(title="路灯不亮") == []
    assert await suggested() == []
    (row, *_) = await workspace.post("agent1", "/api/knowledge/suggestions", told)
    assert any(part["hit"] for part in row["title_parts"])
    await desk.act("bureau_head", food, "withdraw", reason="已废止")
    assert await suggested(**told) == []


async def test_a_few_hits_of_a_sentence_are_followed_by_the_nearest(desk: KnowledgeDesk) -> None:
    both = await desk.published(title="食品经营许可证延续", keywords=[], synonyms=[])
    near = await desk.published(
        title="食品经营许可证注销", answer="登记机关受理。", details="", keywords=[], synonyms=[]
    )
    page = await searched(desk, "食品经营许可证怎么延续")
    assert [row["id"] for row in page["items"]] == [both, near]
    assert (page["searched"]["found_by"], page["searched"]["complete"], page["total"]) == ("all", 1, 2)
    # A word alone is in every hit.
    assert await desk.found("agent1", "延续") == [both]


async def test_pinyin_finds_keywords_and_words_that_mean_the_same(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published(title="劳动争议处理", synonyms=["劳动仲裁"])
    await desk.workspace.post("kb_reviewer", "/api/knowledge-synonyms", {"words": ["拖欠工资", "劳动争议"]})
    for typed in ("laodongzhongcai", "ldzc", "tuoqiangongzi"):
        assert await desk.found("agent1", typed) == [entry_id], typed
