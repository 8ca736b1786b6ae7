"""The shipped alarms read figures that the service has: one that is misspelt would never sound."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hotline.app.composition import Hotline
from hotline.kernel.migrate import upgrade
from tests.hotline.test_app import settings_of

RULES = Path(__file__).resolve().parents[2] / "deploy/prometheus/hotline.rules.yml"
SCRAPED = {"up"}
"""What Prometheus itself makes."""
_SELECTOR = re.compile(r"(?<![\w\"])([a-z]\w*)(?:\{([^}]*)\})?(?![\w(\"=~])")
_WORDS = {"and", "or", "by", "sum", "rate", "increase", "deriv", "m", "h"}


def alarms() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def selectors(expression: str) -> list[tuple[str, dict[str, str]]]:
    """Each series that an expression names, with the labels it must have exactly."""
    bare = re.sub(r"\[\w+\]", "", expression)
    found = [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels))) for name, labels in _SELECTOR.findall(bare)]
    return [(name, labels) for name, labels in found if name not in _WORDS | SCRAPED]


@pytest.fixture
async def series(tmp_path: Path) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    """Every series of the running service, as its /metrics has them a moment after the start."""
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    await upgrade(url)
    service = Hotline(settings_of(url, tmp_path / "home"), web_build=tmp_path)
    async with service, aiohttp.ClientSession(f"http://127.0.0.1:{service.http_port}") as client:
        assert (await client.get("/readyz")).status == 503  # Nobody is at the port of Asterisk.
        text = await (await client.get("/metrics")).text()
    families = text_string_to_metric_families(text)
    return {(sample.name, frozenset(sample.labels.items())) for family in families for sample in family.samples}


async def test_every_alarm_reads_series_that_exist(series: set[tuple[str, frozenset[tuple[str, str]]]]) -> None:
    asked = {name: selectors(rule["expr"]) for name, rule in alarms().items()}
    missing = [
        (alarm, name, labels)
        for alarm, named in asked.items()
        for name, labels in named
        if not any(name == known and labels.items() <= has for known, has in series)
    ]
    assert missing == []
    assert {"hotline_journal_lost_total", "hotline_call_log_filled_total", "hotline_ami_ping_seconds_bucket"} <= {
        name for named in asked.values() for name, _ in named
    }


async def test_readiness_is_a_figure(series: set[tuple[str, frozenset[tuple[str, str]]]]) -> None:
    states = {dict(labels)["status"] for name, labels in series if name == "hotline_readiness"}
    assert states == {"ready", "degraded", "not_ready"}
    assert {"ami", "lease", "database", "disk"} <= {
        dict(labels)["part"] for name, labels in series if name == "hotline_part_ok"
    }


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ('hotline_readiness{status="not_ready"} == 1', [("hotline_readiness", {"status": "not_ready"})]),
        ("increase(hotline_journal_lost_total[10m]) > 0", [("hotline_journal_lost_total", {})]),
        ('up{job="hotline"} == 0', []),
        ('sum(rate(x_count{status=~"5.."}[5m])) > 0.1', [("x_count", {})]),
        ("a > 0 and deriv(b[5m]) > 0", [("a", {}), ("b", {})]),
    ],
)
def test_the_series_of_an_expression(expression: str, named: list[tuple[str, dict[str, str]]]) -> None:
    assert selectors(expression) == named


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
