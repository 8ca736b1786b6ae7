"""Queries of the search tables, in the languages of both databases."""

from __future__ import annotations

import sqlite3

from hotline.kernel.search import SearchTerm, fts5_query, index_ddl, ts_query
from hotline.kernel.search_tokens import character_pairs, folded, is_han, pairs_and_runs, part_tokens, runs_of


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


def test_no_character_splits_a_token_of_ours_in_two() -> None:
    """FTS5 would take two tokens for a phrase, which it refuses, or for the beginning of every token."""
    index = sqlite3.connect(":memory:")
    (statement,) = (one for one in index_ddl("notes", "sqlite") if "VIRTUAL" in one)
    index.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, words TEXT)")
    index.execute(statement)
    index.execute("INSERT INTO notes_index (rowid, words) VALUES (1, '\ue001\u5148')")
    letters = filter(str.isalnum, map(chr, range(0x80, 0x110000)))
    runs = {run for letter in letters for run in runs_of(folded(f"{letter}a{letter}")) if not is_han(run)}
    assert len(runs) > 100_000
    for run in runs:
        query = fts5_query([[[[SearchTerm(f"\ue001{run}", begins=True)]]]])
        assert index.execute("SELECT rowid FROM notes_index WHERE notes_index MATCH ?", [query]).fetchall() == [], run
    index.close()


def test_pairs_are_of_neighbours_and_letters_stay_whole() -> None:
    found = pairs_and_runs(folded("營業执照，ＡＢ12_证 件\nx"))
    assert found == {"营业", "业执", "执照", "ab12", "x"}
    assert pairs_and_runs("税" + "y" * 100) == {"y" * 64}
