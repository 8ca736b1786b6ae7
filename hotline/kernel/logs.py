"""Structured logs: one line an event, for people or for machines, without secrets and callers' numbers."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import orjson
import structlog

REDACTED = "[redacted]"
_SECRET_PARTS = ("password", "secret", "token", "authorization", "cookie", "api_key", "credential")
_PERSONAL = {"caller_number", "caller_name", "number", "numbers", "callback_number", "phone", "dialed", "digits"}
# What looks like a telephone number in a text we did not write, such as a driver's message. A digit run inside a
# longer word (an id, a path, a file name) is none.
_NUMBER = re.compile(r"(?<![\w./:-])\+?\d[\d ]{5,17}\d(?![\w/:-])")
_QUIET = {
    "alembic": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
}


def drop_simulated(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Trials of a flow run the engine's own code: what befalls their callers is their result, not news."""
    if event.get("simulated"):
        raise structlog.DropEvent
    return event


def configure_logging(
    *, format: str = "console", level: str = "info", stream: TextIO | None = None, colors: bool | None = None
) -> None:
    """Set up structlog and the standard library's logging, which libraries use, to write to `stream` (stderr).

    `format` is "console" or "json". May be called again; the last call counts.
    """
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # As text, before redaction, and without the local variables that prettier renderers show.
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: structlog.typing.Processor
    if format == "json":
        renderer = structlog.processors.JSONRenderer(serializer=_json)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty() if colors is None else colors)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            drop_simulated,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    logging.captureWarnings(True)


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: secrets and callers' data by their key, numbers in foreign texts by their look."""
    for key in list(entry):
        entry[key] = _redacted(key, entry[key])
    # The message of a library, and every trace, may quote what came in over the wire.
    for key in ("exception", "cause", "reason", "event"):
        if isinstance(text := entry.get(key), str):
            entry[key] = _NUMBER.sub(REDACTED, text)
    return entry


def _redacted(key: str, value: Any) -> Any:
    name = key.lower()
    if name in _PERSONAL or any(part in name for part in _SECRET_PARTS):
        return REDACTED if value not in (None, "") else value
    match value:
        case Mapping():
            return {inner: _redacted(str(inner), item) for inner, item in value.items()}
        case list() | tuple():
            return [_redacted("", item) for item in value]
    return value


def _json(entry: Any, **_: Any) -> str:
    return orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "replace")
