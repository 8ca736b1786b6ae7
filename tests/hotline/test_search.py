"""Queries of the search tables, in the languages of both databases."""

from __future__ import annotations

from hotline.kernel.search import SearchTerm, fts5_query, ts_query
from hotline.kernel.search_tokens import character_pairs, part_tokens


def test_all_words_and_any_alternative() -> None:
    hotel = [[SearchTerm("酒店")], [SearchTerm("jd", begins=True)]]
    searches = [[hotel, [[SearchTerm("乌海"), SearchTerm("海市")]]]]
    assert fts5_query(searches) == '((("酒店") OR ("jd"*)) AND (("乌海" AND "海市")))'
    assert ts_query(searches) == "((('酒店') | ('jd':*)) & (('乌海' & '海市')))"


def test_the_same_is_looked_up_once() -> None:
    word = [[SearchTerm("wh")], [SearchTerm("wh")]]
    assert fts5_query([[word], [word]]) == '((("wh")))'


def test_a_part_of_a_text_is_among_its_tokens() -> None:
    tokens = character_pairs("乌海市ＡＢＣ酒店, 税")
    assert tokens == ["乌", "海", "市", "乌海", "海市", "abc", "酒", "店", "酒店", "税"]
    for part in ("海市", "税", "海", "ab", "市abc酒"):
        for token, begins in part_tokens(part):
            assert any(one.startswith(token) if begins else one == token for one in tokens), part
    assert part_tokens("\"'%（）") == []


def test_a_long_run_is_cut_alike_where_it_is_stored_and_where_it_is_searched() -> None:
    (token,) = character_pairs("x" * 3000)
    assert len(token) == 64
    assert part_tokens("x" * 3000) == [(token, True)]
