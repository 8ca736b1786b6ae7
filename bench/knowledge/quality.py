"""How well ours and the peers rank, by judged queries: `python -m bench.knowledge`, and a part of `python -m bench`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench.knowledge.entries import EntryKey
from bench.knowledge.judging import KINDS, JudgedQuery, judged_queries
from bench.knowledge.metrics import ndcg, recall
from bench.knowledge.ours import FilledKnowledge, filled
from bench.knowledge.peers import LikePeer, SearchPeer, TrigramPeer, pg_trgm
from tests.hotline.postgres import PostgresServer, postgres_in

OURS_ON_SQLITE, OURS_ON_POSTGRESQL = "ours, SQLite", "ours, PostgreSQL"


@dataclass(frozen=True, slots=True)
class RankedQuery:
    engine: str
    query: JudgedQuery
    ndcg: float
    recall: float


@dataclass(frozen=True, slots=True)
class SearchQuality:
    entries: int
    ranked: Sequence[RankedQuery]

    def of(self, engine: str, *, aside: bool, kind: str | None = None) -> list[RankedQuery]:
        return [
            one
            for one in self.ranked
            if one.engine == engine and one.query.kept_aside is aside and kind in (None, one.query.kind)
        ]

    @property
    def engines(self) -> list[str]:
        """Ours first."""
        found = dict.fromkeys(one.engine for one in self.ranked)
        return sorted(found, key=lambda name: not name.startswith("ours"))


async def measure(databases: Sequence[str], progress: Callable[[str], None]) -> SearchQuality:
    """Of ours on each of the databases, and of the peers that need no other."""
    queries = judged_queries()
    ranked: list[RankedQuery] = []
    entries = 0
    with _places(databases) as (urls, server):
        for kind, url in urls.items():
            progress(f"knowledge: ours on {kind}")
            async with filled(url) as ours:
                entries = len(ours.texts)
                name = OURS_ON_SQLITE if kind == "sqlite" else OURS_ON_POSTGRESQL
                ranked += [_judged(name, query, await ours.search(query.text), ours) for query in queries]
                with _peers(kind, server, ours) as peers:
                    for peer in peers:
                        progress(f"knowledge: {peer.name}")
                        ranked += [_judged(peer.name, query, peer.search(query.text), ours) for query in queries]
    return SearchQuality(entries, ranked)


@contextmanager
def _places(databases: Sequence[str]) -> Iterator[tuple[dict[str, str], PostgresServer | None]]:
    """URLs of empty databases, by their kind."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-knowledge-")))
        urls, server = {}, None
        if "sqlite" in databases:
            urls["sqlite"] = f"sqlite:///{home / 'knowledge.db'}"
        if "postgresql" in databases:
            # PostgreSQL's own account goes through it.
            home.chmod(0o755)
            server = stack.enter_context(postgres_in(home / "postgresql"))
            server.execute("CREATE DATABASE knowledge")
            urls["postgresql"] = server.dsn("knowledge")
        yield urls, server


@contextmanager
def _peers(kind: str, server: PostgresServer | None, ours: FilledKnowledge) -> Iterator[list[SearchPeer]]:
    if server is None or kind == "sqlite":
        texts = ours.texts
        yield [LikePeer(texts), TrigramPeer(texts, every_word=True), TrigramPeer(texts, every_word=False)]
        return
    with pg_trgm(server, ours.texts) as peer:
        yield [peer]


def _judged(engine: str, query: JudgedQuery, found: Iterable[str], ours: FilledKnowledge) -> RankedQuery:
    return RankedQuery(engine, query, *score(query, [ours.keys.get(id) for id in found], ours.keys.values()))


def score(query: JudgedQuery, found: Sequence[EntryKey | None], all_keys: Iterable[EntryKey]) -> tuple[float, float]:
    """nDCG and recall at ten. None: an entry that answers no query of the set. Pure."""
    judged = [query.grade(key) for key in all_keys]
    grades = [query.grade(key) if key else 0 for key in found]
    return ndcg(grades, judged), recall(grades, judged)


def section(quality: SearchQuality | None) -> str:
    """Of the page of benchmarks: a table for the open queries, another for those kept aside."""
    if quality is None:
        return ""
    asked = {(one.query.text, one.query.kept_aside) for one in quality.ranked}
    aside = sum(kept for _, kept in asked)
    return f"""## Searching the knowledge base

{len(asked)} judged queries over {quality.entries:,} published entries (`bench/knowledge/`), nDCG@10 / recall@10; of \
them {len(asked) - aside} were open to whoever tuned the ranking, {aside} were kept from them. The best nDCG of a row \
is bold.

### Queries open for tuning

{table(quality, aside=False)}

### Queries kept aside

{table(quality, aside=True)}

{_METHOD}"""


def table(quality: SearchQuality, *, aside: bool) -> str:
    engines = quality.engines
    lines = [("kind of query", "queries", *engines), ("---",) * (len(engines) + 2)]
    for kind in (*KINDS, None):
        cells = [_mean(quality.of(engine, aside=aside, kind=kind)) for engine in engines]
        asked = len(quality.of(engines[0], aside=aside, kind=kind))
        best = max(round(value, 2) for value, _ in cells)
        shown = [f"**{text}**" if round(value, 2) == best else text for value, text in map(_cell, cells)]
        lines.append((_NAMES.get(kind or "", "all"), str(asked), *shown))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_NAMES = {"short": "short words", "two_topics": "two words", "typo": "typing errors", "sentence": "case titles"} | {
    name: name for name in ("colloquial", "pinyin")
}


def _mean(ranked: Sequence[RankedQuery]) -> tuple[float, float]:
    if not ranked:
        return 0.0, 0.0
    return mean(one.ndcg for one in ranked), mean(one.recall for one in ranked)


def _cell(means: tuple[float, float]) -> tuple[float, str]:
    return means[0], f"{means[0]:.2f} / {means[1]:.2f}"


_METHOD = """How it was made. The entries: 164 matters of an enterprise's dealings with a city, each written once as
facts and asked for in nine to twelve aspects (conditions, materials, steps, time, fee, place, online, whom to ask,
why it is sent back, change, end, renewal), 61 of them in four districts too; and the demo city's published
entries. The queries were written by hand, one by one, as callers and agents put them; their grades are rules
over matter, aspect and district (3 exact, 2 good, 1 related), fixed before they were first asked. Entries and
queries have one author, who is no caller: the figures compare engines, they promise nothing of a city. Every
third query, by a hash of its text, is kept aside. nDCG's gain is 2^grade - 1; recall counts grades 2 and 3,
and of more than ten, ten are all.

The peers have the same texts, with keywords and synonyms as a column (`bench/knowledge/peers.py`). SQL LIKE
wants every word as it is typed, in any column, and shows those with it in the title first. FTS5 trigram is
ranked by bm25, titles ten times and keywords five times an answer, once with all words wanted and once with
any three characters of the query; for words below three characters it is LIKE. pg_trgm is `word_similarity`
to title with keywords, and half as much to the answer. None of the peers reads pinyin. Ours has its table of
synonyms as the demo city ships it (`hotline/onebox/demo_synonyms.yaml`); the peers have none."""
