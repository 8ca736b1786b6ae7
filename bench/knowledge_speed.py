"""How fast the knowledge base searches: `python -m bench.knowledge_speed sqlite|postgresql [ENTRIES ...]`, and a part
of `python -m bench`.

Entries are made of those of the demo city: titles with other places, years and trades, details of two of them together.
The databases stay in /var/tmp/hotline-bench. Each question is asked through the function that the API uses; while
typing means each beginning of a word, from its second character on.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, insert, select, update
from sqlalchemy import text as sql

import hotline.app.models  # noqa: F401  # All tables are known once it is imported.
from bench.large_city_store import CACHE
from crm.knowledge import index_repository
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.finding import find_knowledge
from crm.knowledge.indexing import index_all, index_missing
from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.search_index import index_entries
from crm.knowledge.suggestions import CaseInWords, suggest_knowledge
from hotline.kernel.db import Database
from hotline.kernel.logs import configure_logging
from hotline.kernel.migrate import upgrade
from hotline.onebox.demo_knowledge import demo_knowledge
from tests.hotline.postgres import postgres_in

VERSION = 2
"""Of the entries; grows when they change."""
SIZES = (1_000, 10_000, 100_000)
GOALS = {"search": 50.0, "typing": 50.0, "suggestion": 100.0, "change": 20.0, "rebuild": 60.0}
"""Milliseconds at p95; seconds for the whole."""
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_AT_ONCE = 1000
_PLACES = tuple("海勃湾 乌达 海南 千里山 低碳产业园 乌斯太 滨河 凤凰岭 拉僧仲 公乌素 新华 巴音赛 三道坎".split())
_YEARS = tuple(str(year) for year in range(2014, 2026))
_TRADES = tuple("餐饮 物流 化工 建材 葡萄酒 煤炭 新能源 养老 教育培训 零售 住宿 运输 电商 农牧 医药 美容".split())
QUESTIONS = (
    "营业执照 社保 食品经营许可证 注销 个体户 公积金 税务登记 贷款贴息 稳岗补贴 开公司要什么材料 小微企业优惠 "
    "海勃湾营业执照遗失补领 我想问一下小微企业贷款贴息怎么申请 社保断缴了怎么办 yyzz shipin gsdj 增值税 办理 企业 申请"
).split() + ["社保 贷款", "食品 餐饮 许可", "變更登記", "２０２４ 补贴"]
CASES = (
    (
        "营业执照丢了怎么补",
        "公司的营业执照正副本在搬家时遗失，咨询补领需要什么材料，能不能网上办，多久拿到。",
    ),
    (
        "社保断缴",
        "上个月资金紧张没有按时缴纳职工社会保险，想了解补缴的流程、滞纳金怎么算。",
    ),
    (
        "创业贷款贴息",
        "个体工商户想申请创业担保贷款，询问额度、利率、贴息条件以及到哪个窗口办理。",
    ),
    ("食品经营许可证到期", "饭店老板来电，食品经营许可证下个月到期，询问延续要提前多少天申请，现场核查要准备什么。"),
    ("高新技术企业认定", "化工企业咨询今年高新技术企业认定的申报时间、条件和奖励，去年没有通过的今年能不能再报。"),
)
TYPED = ("食品经营许可证延续", "企业设立登记", "社会保险登记", "高新技术企业认定", "yingyezhizhao", "创业担保贷款")


def contents(entries: int) -> Iterator[KnowledgeContent]:
    """The same each time."""
    chance = random.Random(VERSION)  # noqa: S311
    base = [
        {
            **entry.model_dump(include=set(KnowledgeContent.model_fields)),
            "category_id": None,
            "item_ids": [],
            "related_ids": [],
            "specialist_ids": [],
            "scope": "agent",
        }
        for group in demo_knowledge().groups
        for entry in group.entries
    ]
    for at in range(entries):
        one, others = base[at % len(base)], chance.sample(base, 3)
        title = f"{chance.choice(_PLACES)}{chance.choice(_TRADES)}{one['title']}（{chance.choice(_YEARS)}）"
        details = "\n\n".join([one["details"], *(f"{other['answer']}\n\n{other['details']}" for other in others)])
        yield KnowledgeContent.model_validate({**one, "title": title[:100], "details": details})


async def fill(database: Database, entries: int) -> None:
    """Entries and versions, not indexed yet."""
    made = enumerate(contents(entries))
    chance = random.Random(entries)  # noqa: S311
    while batch := list(itertools.islice(made, _AT_ONCE)):
        rows = [_row(at, content, chance) for at, content in batch]
        versions = [
            {"id": f"v{at:08}", "entry_id": row["id"], "number": 1, "content": content.stored(), "published_at": NOW}
            | {"written_by": "w", "approved_by": "a", "published_by": "p"}
            for row, (at, content) in zip(rows, batch, strict=True)
        ]
        async with database.transaction() as db:
            await db.execute(insert(KnowledgeEntry), rows)
            await db.execute(insert(KnowledgeVersion), versions)


def _row(at: int, content: KnowledgeContent, chance: random.Random) -> dict[str, Any]:
    published = NOW - timedelta(days=chance.randrange(1, 2000))
    facts = {"state": "published", "revision_state": "none", "version": 1, "published_number": 1, "remark": ""}
    said = {"title": content.title, "kind": content.kind.value, "scope": content.scope.value}
    times = {"published_at": published, "created_at": published, "updated_at": published}
    return {"id": f"e{at:08}", "created_by": "w", "uses": int(chance.paretovariate(0.8)) - 1, **facts, **said, **times}


@contextlib.asynccontextmanager
async def databases(kind: str, cache: Path = CACHE) -> AsyncIterator[Callable[[int], Awaitable[Database]]]:
    opened: list[Database] = []

    async def of(url: str, entries: int) -> Database:
        await upgrade(url)
        database = Database(url)
        await database.open()
        opened.append(database)
        async with database.transaction() as db:
            known = await db.scalar(select(func.count()).select_from(KnowledgeEntry))
        if known != entries:
            await fill(database, entries)
        return database

    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            yield lambda entries: of(f"sqlite:///{cache / f'knowledge_{entries}_v{VERSION}.db'}", entries)
        else:
            folder = cache / "postgresql-knowledge"
            server = stack.enter_context(postgres_in(folder, shared_buffers="1GB", effective_cache_size="4GB"))

            async def on_server(entries: int) -> Database:
                name = f"knowledge_{entries}_v{VERSION}"
                with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
                    known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
                if name not in known:
                    server.execute(f"CREATE DATABASE {name}")
                return await of(server.dsn(name), entries)

            yield on_server
        for database in opened:
            await database.close()


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


async def ask_all(database: Database, texts: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds by question; one more round before, which is not counted."""
    took: dict[str, list[float]] = {text: [] for text in texts}
    for round_number in range(rounds + 1):
        for text in texts:
            async with database.snapshot() as db:
                milliseconds = await timed(lambda text=text, db=db: find_knowledge(db, text, now=NOW))  # type: ignore[misc]
            if round_number:
                took[text].append(milliseconds)
    return took


async def suggest_all(database: Database, rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {title: [] for title, _ in CASES}
    for round_number in range(rounds + 1):
        for title, content in CASES:
            async with database.snapshot() as db:
                case = CaseInWords(title=title, content=content)
                milliseconds = await timed(lambda case=case, db=db: suggest_knowledge(db, case, now=NOW))  # type: ignore[misc]
            if round_number:
                took[title].append(milliseconds)
    return took


async def change_some(database: Database, changes: int) -> list[float]:
    took = []
    async with database.snapshot() as db:
        rows = await index_repository.entries_to_index(db, "", unless_of=None, most=changes)
    for number, row in enumerate(rows):
        entry_id, content = row.id, KnowledgeContent.model_validate_json(row.content or "")
        changed = content.model_copy(update={"answer": f"{content.answer}（第{number}次修改）"})

        async def change(entry_id: str = entry_id, changed: KnowledgeContent = changed) -> None:
            async with database.transaction() as db:
                await index_entries(db, [(entry_id, changed)])

        took.append(await timed(change))
    return took


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@dataclass(slots=True)
class KnowledgeSpeed:
    """Of one database with so many entries; milliseconds, the rebuild in seconds."""

    kind: str
    entries: int
    figures: dict[str, list[float]] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    """p95 over the questions, each in the best of its rounds: what a machine that others use shows of a free one."""
    rebuild: float = 0.0
    meanwhile: dict[str, list[float]] = field(default_factory=dict)
    """Of searches and writes that came while the index was made anew."""
    slowest: list[tuple[float, str]] = field(default_factory=list)


async def measure(
    sizes: Sequence[int],
    kinds: Sequence[str],
    progress: Callable[[str], None],
    *,
    rounds: int = 10,
    cache: Path = CACHE,
) -> list[KnowledgeSpeed]:
    """Databases are filled where there are none yet."""
    found = []
    for kind in kinds:
        async with databases(kind, cache) as of:
            for entries in sizes:
                progress(f"knowledge base of {entries:,} entries on {kind}")
                found.append(await _measured(await of(entries), KnowledgeSpeed(kind, entries), rounds))
    return found


async def _measured(database: Database, speed: KnowledgeSpeed, rounds: int) -> KnowledgeSpeed:
    await index_missing(database)
    await _rebuild(database, speed)
    if not database.is_sqlite:
        # As its own vacuum does within minutes.
        async with database.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(sql("VACUUM ANALYZE"))
    typed = [word[:end] for word in TYPED for end in range(2, len(word) + 1)]
    asked = {
        "search": await ask_all(database, QUESTIONS, rounds),
        "typing": await ask_all(database, typed, rounds),
        "suggestion": await suggest_all(database, rounds),
    }
    for name, took in asked.items():
        speed.figures[name] = [one for times in took.values() for one in times]
        speed.best[name] = p95([min(times) for times in took.values()])
    speed.figures["change"] = await change_some(database, 60)
    middle = [(statistics.median(times), text) for took in asked.values() for text, times in took.items()]
    speed.slowest = sorted(middle, reverse=True)[:12]
    return speed


async def _rebuild(database: Database, speed: KnowledgeSpeed) -> None:
    """While it is searched, and a row is written, ten times a second. The processes are there before the clock runs."""

    async def search() -> None:
        async with database.snapshot() as db:
            assert (await find_knowledge(db, "营业执照", now=NOW)).hits

    async def write() -> None:
        async with database.transaction() as db:
            await db.execute(update(KnowledgeEntry).where(KnowledgeEntry.id == "e00000000").values(remark=""))

    async def use() -> None:
        while True:
            for name, work in (("search", search), ("write", write)):
                speed.meanwhile.setdefault(name, []).append(await timed(work))
            await asyncio.sleep(0.1)

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        list(workers.map(abs, (1, 2)))
        using = asyncio.create_task(use())
        speed.rebuild = await timed(lambda: index_all(database, workers=workers)) / 1000
        using.cancel()
        await asyncio.gather(using, return_exceptions=True)


def section(speeds: Sequence[KnowledgeSpeed]) -> str:
    """Of the page of benchmarks."""
    if not speeds:
        return ""
    head = ("", "entries", *(f"{name}, p50 / p95" for name in list(GOALS)[:-1]), "rebuild", "meanwhile: search, write")
    lines = [head, ("---",) * len(head), *map(_row_of, speeds)]
    goals = ", ".join(f"{name} {goal:g}" for name, goal in GOALS.items())
    return (
        "## Speed of the knowledge base\n\n"
        + f"Milliseconds, the rebuild in seconds; goals at p95: {goals}. In brackets: best rounds.\n\n"
        + ("\n".join(f"| {' | '.join(line)} |" for line in lines))
    )


def _row_of(speed: KnowledgeSpeed) -> tuple[str, ...]:
    figures = [_cell(speed, name, took) for name, took in speed.figures.items()]
    worst = ", ".join(f"{max(took):.0f}" for took in speed.meanwhile.values())
    return (speed.kind, f"{speed.entries:,}", *figures, _bold(speed.rebuild, GOALS["rebuild"]), worst)


def _cell(speed: KnowledgeSpeed, name: str, took: Sequence[float]) -> str:
    best = f" ({speed.best[name]:.0f})" if name in speed.best else ""
    return f"{statistics.median(took):.0f} / {_bold(p95(took), GOALS[name])}{best}"


def _bold(value: float, goal: float) -> str:
    return f"{value:.0f}" if value <= goal else f"**{value:.0f}**"


def main(kind: str, sizes: Sequence[int]) -> None:
    configure_logging(level="error")
    speeds = asyncio.run(measure(sizes, [kind], lambda line: print(line, file=sys.stderr)))
    for speed in speeds:
        print("\n".join(f"    {took:6.1f} ms {asked}" for took, asked in speed.slowest), file=sys.stderr)
    print(section(speeds))


if __name__ == "__main__":
    main(sys.argv[1], [int(one) for one in sys.argv[2:]] or SIZES)
