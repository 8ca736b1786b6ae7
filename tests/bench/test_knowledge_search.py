"""The comparison of searches: its metrics by hand-computed values, its judged set, its peers on a few texts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench.knowledge.entries import EntryKey, bench_entries, demo_keys
from bench.knowledge.judging import KINDS, JudgedQuery, judged_queries, rule_of
from bench.knowledge.metrics import ndcg, recall
from bench.knowledge.ours import filled
from bench.knowledge.peers import LikePeer, SearchedText, TrigramPeer
from bench.knowledge.quality import RankedQuery, SearchQuality, score, section
from hotline.onebox.demo_knowledge import demo_knowledge

TEXTS = [
    SearchedText("1", "营业执照遗失补领", "执照丢失", "先声明作废，再网上申请。", ""),
    SearchedText("2", "食品经营许可延续", "换证", "到期前申请；营业执照不用交。", ""),
    SearchedText("3", "企业社保缓缴", "社保缓交", "网上申请，五个工作日。", ""),
]
KEY = EntryKey("wages", "place", "乌达区")


@pytest.mark.parametrize(
    ("found", "judged", "worth"),
    [
        # Gains 7, 3 and 1; places weigh 1, 1 / log2(3) = 0.63093 and 1/2.
        ([3, 2], [2, 3, 0], 1.0),
        ([2, 3], [3, 2], (3 + 7 * 0.6309298) / (7 + 3 * 0.6309298)),
        ([3, 0, 2], [3, 2], (7 + 3 / 2) / (7 + 3 * 0.6309298)),
        ([0, 1], [3, 1], 0.6309298 / (7 + 0.6309298)),
        ([], [3], 0.0),
        ([0] * 10 + [3], [3], 0.0),
        ([1] * 10, [1] * 30, 1.0),
    ],
)
def test_ndcg(found: list[int], judged: list[int], worth: float) -> None:
    assert ndcg(found, judged) == pytest.approx(worth, abs=1e-6)


@pytest.mark.parametrize(
    ("found", "judged", "share"),
    [
        ([3, 0, 2], [3, 2, 2, 1], 2 / 3),
        ([1, 1], [3, 1, 1], 0.0),
        ([3] * 5 + [0] * 5, [3] * 40, 0.5),
        ([0] * 10 + [3], [3], 0.0),
        ([1], [1], 0.0),
    ],
)
def test_recall(found: list[int], judged: list[int], share: float) -> None:
    assert recall(found, judged) == pytest.approx(share)


@pytest.mark.parametrize(
    ("rules", "grade"),
    [
        ("wages=3", 3),
        ("wages/place,time=2 wages=1", 2),
        ("wages/time=3 wages=1", 1),
        ("injury,wages@乌达区=3", 3),
        ("wages@海南区=3 wages@-=2", 0),
        ("injury=3", 0),
    ],
)
def test_the_highest_rule_that_fits_is_an_entry_s_grade(rules: str, grade: int) -> None:
    assert JudgedQuery("欠薪", "short", [rule_of(rule) for rule in rules.split()]).grade(KEY) == grade


def test_what_answers_no_query_counts_as_a_miss() -> None:
    query = JudgedQuery("欠薪", "short", [rule_of("wages=3")])
    assert list(score(query, [None, KEY], [KEY])) == pytest.approx([0.6309298, 1.0])


def test_the_set_has_enough_of_each_kind_and_keeps_a_third_aside() -> None:
    queries = judged_queries()
    assert len(queries) >= 300
    assert len({query.text for query in queries}) == len(queries)
    assert min(Counter(query.kind for query in queries).values()) >= 45
    for kind in KINDS:
        kept = [query.kept_aside for query in queries if query.kind == kind]
        assert 0.25 <= sum(kept) / len(kept) <= 0.45


def test_every_rule_fits_an_entry_and_every_query_has_an_exact_answer() -> None:
    keys = [*(entry.key for entry in bench_entries()), *demo_keys().values()]
    for query in judged_queries():
        assert max(map(query.grade, keys)) == 3, query.text
        for rule in query.rules:
            assert 1 <= rule.grade <= 3, query.text
            matters = {key.matter for key in keys if rule.fits(key)}
            assert matters, query.text
            assert rule.matters <= {key.matter for key in keys}, query.text


def test_the_entries_differ_and_are_the_same_each_time() -> None:
    entries = bench_entries()
    assert entries == bench_entries()
    titles = Counter(entry.content.title for entry in entries)
    demo = {entry.title for group in demo_knowledge().groups for entry in group.entries}
    assert len(titles) == len(entries) >= 2000
    assert demo_keys().keys() <= demo


def test_the_peers_find_what_their_manuals_say() -> None:
    like = LikePeer(TEXTS)
    every, parts = (TrigramPeer(TEXTS, every_word=every_word) for every_word in (True, False))
    assert like.search("营业执照") == every.search("营业执照") == ["1", "2"]
    assert like.search("网上 社保") == every.search("网上 社保") == ["3"]
    assert every.search("营业执照补办") == like.search("营业执照补办") == []
    assert parts.search("营业执照补办")[0] == "1"
    assert parts.search('100%"_执照遗失*') == ["1"]


async def test_ours_is_asked_as_the_api_asks_it(tmp_path: Path) -> None:
    async with filled(f"sqlite:///{tmp_path / 'knowledge.db'}") as ours:
        found = await ours.search("社保 缓缴")
    assert ours.keys[found[0]].matter == "si_defer"
    assert len(found) == len(set(found)) <= 10
    assert {text.entry_id for text in ours.texts} >= ours.keys.keys()


def test_the_table_has_a_row_for_each_kind_and_marks_the_best() -> None:
    queries = [JudgedQuery(f"{kind} {at}", kind, ()) for kind in KINDS for at in range(9)]
    ranked = [RankedQuery("SQL LIKE", query, 0.25, 0.5) for query in queries]
    ranked += [RankedQuery("ours, SQLite", query, 0.75, 1.0) for query in queries]
    text = section(SearchQuality(7, ranked))
    assert text.count("| **0.75 / 1.00** | 0.25 / 0.50 |") == 2 * (len(KINDS) + 1)
    assert f"{len(queries)} judged queries over 7" in text
    assert section(None) == ""
