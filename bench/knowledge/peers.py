"""What a knowledge base is searched with elsewhere, on the same entries: SQL LIKE, FTS5 trigram, pg_trgm.

Each as its manual says, and as well as it can be put without knowing the language: titles and keywords weigh more than
answers. None knows pinyin or like sounds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Protocol

import psycopg

from tests.hotline.postgres import PostgresServer

SHOWN = 10
_TRIGRAM = 3


@dataclass(frozen=True, slots=True)
class SearchedText:
    entry_id: str
    title: str
    keywords: str
    answer: str
    details: str


class SearchPeer(Protocol):
    name: str

    def search(self, query: str) -> list[str]:
        """The ids of the first ten entries."""
        ...


class LikePeer:
    """All words, each in any of the columns; those that the title has first, then the newest."""

    name = "SQL LIKE"

    def __init__(self, texts: Sequence[SearchedText]) -> None:
        self._db = sqlite3.connect(":memory:")
        self._db.execute("CREATE TABLE entry (id, title, keywords, answer, details)")
        self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", map(astuple, texts))

    def search(self, query: str) -> list[str]:
        patterns = [f"%{word}%" for word in query.split()]
        everywhere = "title || ' ' || keywords || ' ' || answer || ' ' || details LIKE ?"
        found = self._db.execute(
            f"SELECT id FROM entry WHERE {_all(everywhere, patterns)} "
            f"ORDER BY ({_all('title LIKE ?', patterns)}) DESC, rowid DESC LIMIT {SHOWN}",
            patterns * 2,
        )
        return [id for (id,) in found]


class TrigramPeer:
    """FTS5's tokenizer `trigram`, ranked by bm25. It finds no word below three characters; for those, LIKE on the same
    table, as its manual says.
    """

    def __init__(self, texts: Sequence[SearchedText], *, every_word: bool) -> None:
        """`every_word`: each must be there as it is typed; else any trigram of the query may be."""
        self.name = "FTS5 trigram, all words" if every_word else "FTS5 trigram, any part"
        self._every_word = every_word
        self._like = LikePeer(texts)
        self._db = sqlite3.connect(":memory:")
        self._db.execute("CREATE VIRTUAL TABLE entry USING fts5 (id UNINDEXED, title, keywords, answer, details, "
                         "tokenize='trigram')")  # fmt: skip
        self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", map(astuple, texts))

    def search(self, query: str) -> list[str]:
        if (wanted := self._wanted(query.split())) is None:
            return self._like.search(query)
        found = self._db.execute(
            f"SELECT id FROM entry WHERE entry MATCH ? ORDER BY bm25(entry, 0, 10, 5, 1, 1) LIMIT {SHOWN}", (wanted,)
        )
        return [id for (id,) in found]

    def _wanted(self, words: Sequence[str]) -> str | None:
        if self._every_word:
            return " AND ".join(map(_quoted, words)) if min(map(len, words)) >= _TRIGRAM else None
        parts = [word[at : at + _TRIGRAM] for word in words for at in range(len(word) - _TRIGRAM + 1)]
        return " OR ".join(map(_quoted, dict.fromkeys(parts))) if parts else None


class PgTrgmPeer:
    """`word_similarity` of the query to title with keywords, and half as much to the answer."""

    name = "pg_trgm"

    def __init__(self, connection: psycopg.Connection[tuple[str]]) -> None:
        self._db = connection

    def search(self, query: str) -> list[str]:
        found = self._db.execute(
            f"""SELECT id FROM (SELECT id, word_similarity(%(query)s, title || ' ' || keywords)
                + word_similarity(%(query)s, answer || ' ' || details) / 2 AS alike FROM entry) AS ranked
            WHERE alike > 0 ORDER BY alike DESC, id LIMIT {SHOWN}""".encode(),
            {"query": query},
        )
        return [id for (id,) in found]


@contextmanager
def pg_trgm(server: PostgresServer, texts: Sequence[SearchedText]) -> Iterator[PgTrgmPeer]:
    """In a database of its own. Its locale knows Chinese characters as letters: in locale C, pg_trgm drops them."""
    server.execute("CREATE DATABASE peer TEMPLATE template0 LC_CTYPE 'C.UTF-8' LC_COLLATE 'C.UTF-8'")
    with psycopg.connect(server.dsn("peer"), autocommit=True) as db:
        db.execute("CREATE EXTENSION pg_trgm")
        db.execute("CREATE TABLE entry (id text, title text, keywords text, answer text, details text)")
        with db.cursor() as cursor:
            cursor.executemany("INSERT INTO entry VALUES (%s, %s, %s, %s, %s)", [astuple(text) for text in texts])
        yield PgTrgmPeer(db)


def _all(condition: str, patterns: Sequence[str]) -> str:
    return " AND ".join([condition] * len(patterns))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
