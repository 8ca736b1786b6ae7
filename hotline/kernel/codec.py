"""Events as lines of JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from hotline.kernel.events import EVENT_TYPES, Event

log = structlog.get_logger(__name__)
_CALL_ID = 64
_INTEGERS = range(-(2**63), 2**63)
_adapters: dict[str, TypeAdapter[Any]] = {}


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """A journaled event that this version has no class for, or whose fields have changed since."""

    type: str
    fields: dict[str, Any]


def encode(seq: int, event_id: str, event: Event) -> bytes:
    """One line, without its end. Never raises: what JSON or a database cannot hold is replaced by text."""
    try:
        line = orjson.dumps(_document(seq, event_id, event, event.payload()))
        if b"\\u0000" not in line:
            return line
        payload = _safe(event.payload())
    except (TypeError, ValueError):
        log.warning("event has values that JSON cannot represent", event_type=event.name)
        payload = _safe(event.payload())
    return orjson.dumps(_document(seq, event_id, event, payload), default=str)


def _document(seq: int, event_id: str, event: Event, payload: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "id": event_id,
        "at": event.at.astimezone(UTC),
        "name": event.name,
        "call_id": str(_safe(event.call_id))[:_CALL_ID],
        "payload": payload,
    }


def _safe(value: Any) -> Any:
    match value:
        case None | bool() | datetime():
            return value
        case str():
            return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        case int():
            return int(value) if value in _INTEGERS else str(value)
        case float():
            return value
        case Mapping():
            return {str(_safe(str(key))): _safe(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_safe(item) for item in value]
        case _:
            return _safe(str(value))


def decode_line(line: bytes) -> dict[str, Any]:
    """The columns of an event's row. Raises ValueError on anything but a whole line of `encode`."""
    document = orjson.loads(line)
    if not isinstance(document, dict):
        raise ValueError("no event")
    try:
        return {
            "seq": int(document["seq"]),
            "id": str(document["id"]),
            "at": datetime.fromisoformat(document["at"]),
            "name": str(document["name"]),
            "call_id": str(document["call_id"]),
            "payload": document["payload"],
        }
    except (KeyError, TypeError) as error:
        raise ValueError("no event") from error


def decode(name: str, at: datetime, call_id: str, payload: dict[str, Any]) -> Event:
    """The event as its class, or an `UnknownEvent`."""
    kind = EVENT_TYPES.get(name)
    if kind is not None:
        try:
            event: Event = _adapter(kind).validate_python({**payload, "at": at, "call_id": call_id})
        except ValidationError:
            log.warning("stored event does not match its class", event_type=name)
        else:
            return event
    return UnknownEvent(at=at, call_id=call_id, type=name, fields=payload)


def _adapter(kind: type[Event]) -> TypeAdapter[Any]:
    if (adapter := _adapters.get(kind.name)) is None:
        adapter = _adapters[kind.name] = TypeAdapter(kind)
    return adapter
