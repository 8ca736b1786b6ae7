from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import structlog

from hotline.kernel.logs import configure_logging


class Lines:
    def __init__(self, **options: Any) -> None:
        self.stream = io.StringIO()
        configure_logging(stream=self.stream, **options)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def test_json_is_one_document_a_line() -> None:
    lines = Lines(format="json")
    structlog.get_logger("hotline.x").info("call queued", call_id="c1", queue="企业\n")
    (entry,) = lines.entries
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "call queued",
        "call_id": "c1",
        "queue": "企业\n",
        "level": "info",
        "logger": "hotline.x",
    }


def test_what_befalls_a_simulated_caller_is_no_news() -> None:
    lines = Lines(format="json")
    with structlog.contextvars.bound_contextvars(simulated=True):
        structlog.get_logger().warning("case progress unavailable")
        logging.getLogger("aiohttp.server").error("broken")
    assert [entry["event"] for entry in lines.entries] == ["broken"]


def test_libraries_speak_in_the_same_form() -> None:
    lines = Lines(format="json")
    logging.getLogger("aiohttp.server").error("failed for %s", "13800138000")
    (entry,) = lines.entries
    assert (entry["event"], entry["logger"]) == ("failed for [redacted]", "aiohttp.server")


def test_the_level_holds() -> None:
    lines = Lines(format="json", level="warning")
    structlog.get_logger().info("unheard")
    logging.getLogger("x").info("unheard")
    structlog.get_logger().warning("heard")
    assert [entry["event"] for entry in lines.entries] == ["heard"]


@pytest.mark.parametrize("format", ["json", "console"])
def test_secrets_and_callers_stay_out(format: str) -> None:
    lines = Lines(format=format)
    structlog.get_logger().info(
        "x",
        password="hunter2",
        ami_secret="hunter2",
        Session_Token="hunter2",
        caller_number="13800138000",
        digits="4711",
        nested={"callback_number": "13800138000", "list": [{"api_key": "hunter2"}]},
        cause="Key (number)=(13800138000) already exists",
        call_id="01890000-0000-7000-8000-000000000007",
    )
    assert "hunter2" not in lines.text
    assert "13800138000" not in lines.text
    assert "4711" not in lines.text
    assert "01890000-0000-7000-8000-000000000007" in lines.text


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_trace_shows_no_values(format: str) -> None:
    lines = Lines(format=format)

    def fail(caller: str) -> None:
        raise ValueError(f"no such caller {caller}")

    try:
        fail("+86 138 0013 8000")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError" in lines.text
    assert "138 0013" not in lines.text


def test_a_value_cannot_forge_a_line() -> None:
    lines = Lines(format="console")
    structlog.get_logger().info("x", name="a\n2026-01-01 [info] forged")
    assert len(lines.text.splitlines()) == 1


def test_a_warning_is_logged() -> None:
    lines = Lines(format="json")
    logging.getLogger("py.warnings").warning("old call")
    assert lines.entries[0]["logger"] == "py.warnings"
