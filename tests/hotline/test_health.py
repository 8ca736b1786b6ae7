from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from hotline.app.readiness import CRITICAL, HINTS
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.health import HealthChecks, Hint, disk_check, operations_routes
from tests.fakes.clock import FakeClock
from tests.hotline.web import Edge, Somebody, from_page

Client = TestClient[web.Request, web.Application]


async def fine() -> str:
    return "22.10.1"


async def away() -> None:
    raise UnavailableError("The telephone system is not reachable.")


async def broken() -> None:
    raise KeyError("inner secret")


async def hanging() -> None:
    await asyncio.Event().wait()


@pytest.fixture
def health() -> HealthChecks:
    return HealthChecks(SystemClock(), deadline=timedelta(milliseconds=500))


@pytest.fixture
async def edge(database: Database, health: HealthChecks) -> Edge:
    health.add("database", lambda: database.ping(), critical=True)
    return Edge([operations_routes(health)], database, SystemClock())


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[Client]:
    client = await edge.start()
    yield client
    await client.close()


async def test_the_watch_logs_each_change_once() -> None:
    clock = FakeClock()
    health = HealthChecks(clock)
    ill = asyncio.Event()

    async def weak() -> None:
        if ill.is_set():
            raise UnavailableError("Only 0.1 GiB free.")

    health.add("disk", weak, critical=False)
    watch = asyncio.create_task(health.watch(timedelta(seconds=10)))
    with capture_logs() as logs:
        for change in (ill.set, ill.set, ill.clear):
            change()
            await clock.advance(timedelta(seconds=10))
    watch.cancel()
    assert [(entry["event"], entry["part"]) for entry in logs] == [
        ("part unhealthy", "disk"),
        ("part recovered", "disk"),
    ]
    assert logs[0]["hint"] == "Only 0.1 GiB free."


async def test_every_part_is_named(client: Client, health: HealthChecks) -> None:
    health.add("asterisk", fine, critical=True)
    response = await client.get("/readyz")
    body = await response.json()
    assert (response.status, body["status"]) == (200, "ready")
    assert [(p["name"], p["ok"], p["critical"], p["detail"]) for p in body["parts"]] == [
        ("database", True, True, ""),
        ("asterisk", True, True, "22.10.1"),
    ]
    assert all(part["elapsed"] >= 0 for part in body["parts"])


async def test_a_part_that_matters_less_only_degrades(client: Client, health: HealthChecks) -> None:
    health.add("voice", away, critical=False)
    response = await client.get("/readyz")
    body = await response.json()
    assert (response.status, body["status"]) == (200, "degraded")
    assert body["parts"][1]["detail"] == "The telephone system is not reachable."


@pytest.mark.parametrize(
    ("check", "detail"),
    [
        (away, "The telephone system is not reachable."),
        (hanging, "no answer within 0.5 s"),
        (broken, "the check itself failed: KeyError"),
    ],
)
async def test_a_critical_part_that_fails_makes_it_not_ready(
    client: Client, health: HealthChecks, check: object, detail: str
) -> None:
    health.add("ami", check, critical=True)  # type: ignore[arg-type]
    response = await client.get("/readyz")
    body = await response.json()
    assert (response.status, body["status"]) == (503, "not_ready")
    assert (body["parts"][1]["ok"], body["parts"][1]["detail"]) == (False, detail)


async def test_the_process_is_alive_though_the_database_is_not(client: Client, database: Database) -> None:
    await database.close()
    assert (await client.get("/healthz", **from_page(client, "reader"))).status == 200
    assert (await client.get("/readyz")).status == 503


async def test_figures_are_in_prometheus_form(client: Client) -> None:
    await client.get("/healthz")
    response = await client.get("/metrics")
    text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert 'hotline_http_request_seconds_count{method="GET",route="/healthz",status="200"}' in text
    assert "hotline_journal_waiting" in text


async def test_a_method_nobody_knows_makes_no_figure_of_its_own(client: Client) -> None:
    for method in ("PROPFIND", "MKCOL"):
        await client.request(method, "/healthz")
    text = await (await client.get("/metrics")).text()
    assert "PROPFIND" not in text
    assert "MKCOL" not in text
    assert 'hotline_http_request_seconds_count{method="other",' in text


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
async def test_outsiders_need_the_permission(edge: Edge, client: Client, path: str) -> None:
    edge.tokens["agent"] = Somebody()
    edge.tokens["admin"] = Somebody(permissions=frozenset({"settings.manage"}))
    outside = {"X-Forwarded-For": "10.0.0.1"}
    assert (await client.get(path, headers=outside)).status == 401
    assert (await client.get(path, **from_page(client, "agent", **outside))).status == 403
    assert (await client.get(path, **from_page(client, "admin", **outside))).status == 200


async def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    assert "GiB free" in str(await disk_check(tmp_path / "not" / "there" / "yet", least_free=1)())
    with pytest.raises(UnavailableError, match="delete or move recordings"):
        await disk_check(tmp_path, least_free=2**60)()


def test_a_name_is_given_once(health: HealthChecks) -> None:
    health.add("x", fine, critical=True)
    with pytest.raises(ValueError, match="x"):
        health.add("x", fine, critical=True)


@pytest.fixture
def ill(health: HealthChecks) -> asyncio.Event:
    """A part that does not matter, and is ill while this is set."""
    ill = asyncio.Event()

    async def weak() -> None:
        if ill.is_set():
            raise UnavailableError("Only 0.1 GiB free.")

    health.add("disk", weak, critical=False, hint=Hint(zh="清理录音。", en="Remove recordings."))
    return ill


async def test_a_load_balancer_that_asks_fills_no_log(client: Client, health: HealthChecks, ill: asyncio.Event) -> None:
    health.add("ami", away, critical=True)
    health.add("voice", broken, critical=False)
    with capture_logs() as logs:
        for change in (ill.set, ill.set, ill.set, ill.clear, ill.clear):
            change()
            assert (await client.get("/readyz")).status == 503
            await client.get("/healthz")
            await client.get("/metrics")
    told = [(entry["event"], entry["part"]) for entry in logs if entry["log_level"] != "debug"]
    assert sorted(told) == [
        ("health check failed", "voice"),
        ("part recovered", "disk"),
        ("part unhealthy", "ami"),
        ("part unhealthy", "disk"),
        ("part unhealthy", "voice"),
    ]


async def test_a_slow_answer_of_a_probe_is_no_line_either(database: Database) -> None:
    clock = FakeClock()
    health = HealthChecks(clock)
    health.add("database-away", lambda: clock.advance(timedelta(seconds=2)), critical=False)
    client = await Edge([operations_routes(health)], database, clock).start()
    with capture_logs() as logs:
        await client.get("/readyz")
    await client.close()
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == []


@pytest.mark.parametrize(("path", "status"), [("/readyz", 200), ("/readyz?strict", 503), ("/readyz?strict=1", 503)])
async def test_a_plain_check_can_ask_for_every_part(client: Client, ill: asyncio.Event, path: str, status: int) -> None:
    assert (await client.get(path)).status == 200
    ill.set()
    response = await client.get(path)
    assert (response.status, (await response.json())["status"]) == (status, "degraded")


async def test_each_part_says_what_to_do(client: Client, ill: asyncio.Event) -> None:
    parts = {part["name"]: part for part in (await (await client.get("/readyz")).json())["parts"]}
    assert parts["disk"]["hint"] == {"zh": "清理录音。", "en": "Remove recordings."}


def test_every_part_of_the_service_says_what_to_do_in_both_languages() -> None:
    assert {"ami", "database", "prompts", "music", "safe_flow"} <= HINTS.keys()
    assert CRITICAL <= HINTS.keys()
    for hint in HINTS.values():
        assert re.search("[一-鿿]", hint.zh)
        assert hint.en.endswith(".")
        assert not re.search("[一-鿿]", hint.en)
