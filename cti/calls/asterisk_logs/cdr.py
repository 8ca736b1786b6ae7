"""Pure: lines of the CDR file (asterisk-config/cdr_custom.conf) → calls from their beginning to their end."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from callflow.events import CallArrived, CallEnded, SafeFlowUsed
from cti.calls.asterisk_logs.facts import LoggedFact
from hotline.kernel.ids import is_uuid
from ivr.dialplan import HOTLINE_NUMBER, TRUNK, WEB_CALLER, interface_of

_FIELDS = 17
_CLID = re.compile(r'^"(?P<name>(?:\\.|[^"\\])*)"\s*<', re.DOTALL)
_UNIQUE_ID = re.compile(r"^(?:.*-)?(\d{9,11})\.\d+$")
_ENTRIES = ((f"{interface_of(TRUNK)}-", "trunk"), (f"{interface_of(WEB_CALLER)}-", "web"))
_NUMBER = re.compile(r"\+?\d{2,20}")
_SAFE_MARK = "safe:"
SAFE_REASONS = frozenset({"no-client", "stale-lease", "agi-failed", "dead-man"})
"""The extensions of hotline-safe; the last one that a call went through is in its CDR."""
SAFE_NODE = "n_"
"""What the names of the generated safe flow's extensions begin with."""
_NEAR = timedelta(seconds=10)
_CLOCK_SET = timedelta(minutes=1)
"""By so much the clocks of a file and of the lines in it may differ."""
UNKNOWN_CAUSE = -1
"""A CDR knows no Q.850 cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLeg:
    """The leg of whoever called, which is over."""

    call_id: str
    unique_id: str
    facts: tuple[LoggedFact, ...]
    ended_at: datetime


def caller_leg(text: str, written: datetime | None = None) -> CallerLeg | None:
    """The caller's leg, where this line is about one. Raises ValueError where it is no line of the CDR file.

    `written` is when the file was last written to: no call of it began or ended later. Legs of agents, specialists and
    announcements stand in the same file; their calls are known by their callers.
    """
    fields = next(csv.reader([text], strict=True), [])
    if len(fields) < _FIELDS:
        raise ValueError("too few fields")
    call_id, unique_id, linked_id, _sequence, start, _answer, end = fields[:7]
    if not is_uuid(call_id) or unique_id != linked_id or not _begins_with_call(unique_id, call_id):
        return None
    call_id = call_id.lower()
    began, ended = _times(start, end, unique_id, written or datetime.now(UTC))
    number, clid, dialed, channel = fields[10:14]
    events = [
        CallArrived(
            at=began,
            call_id=call_id,
            caller_number=number,
            caller_name=_name(clid),
            # CDR(dst) is the last extension, of which only the first was dialled.
            dialed=dialed if _NUMBER.fullmatch(dialed) else HOTLINE_NUMBER,
            entry=next((entry for prefix, entry in _ENTRIES if channel.startswith(prefix)), "agent"),
            channel=channel,
        ),
        CallEnded(at=ended, call_id=call_id, cause=UNKNOWN_CAUSE, by="", in_node=""),
    ]
    if reason := _safe_reason(dialed, fields[_FIELDS] if len(fields) > _FIELDS else ""):
        events.append(SafeFlowUsed(at=began, call_id=call_id, reason=reason))
    digest = hashlib.sha256(text.encode()).hexdigest()[:40]
    facts = [LoggedFact(key=f"c-{digest}-{i}", unique_id=unique_id, event=event) for i, event in enumerate(events)]
    return CallerLeg(call_id=call_id, unique_id=unique_id, facts=tuple(facts), ended_at=ended)


def _begins_with_call(unique_id: str, call_id: str) -> bool:
    """Whether the channel is as old as the call: both ids contain their time."""
    channel = _UNIQUE_ID.match(unique_id)
    if channel is None:
        return False
    if UUID(call_id).version != 7:
        return True
    made = datetime.fromtimestamp((UUID(call_id).int >> 80) / 1000, UTC)
    return abs(datetime.fromtimestamp(int(channel.group(1)), UTC) - made) <= _NEAR


def _safe_reason(extension: str, userfield: str) -> str:
    if userfield.startswith(_SAFE_MARK):
        return userfield.removeprefix(_SAFE_MARK)[:64]
    if extension in SAFE_REASONS:
        return extension
    return "unmatched" if extension.startswith(SAFE_NODE) else ""


def _name(clid: str) -> str:
    """The name in `"name" <number>`, as Asterisk quotes it."""
    found = _CLID.match(clid)
    return re.sub(r"\\(.)", r"\1", found.group("name")) if found else ""


def _times(start: str, end: str, unique_id: str, written: datetime) -> tuple[datetime, datetime]:
    """Asterisk writes 0 for what it does not know, and times run backwards where a clock was set.

    The channel's unique id contains the second of its creation, which replaces an impossible beginning;
    an impossible end is replaced by the beginning.
    """
    latest = written + _CLOCK_SET
    channel = _UNIQUE_ID.match(unique_id)
    made = min(datetime.fromtimestamp(int(channel.group(1)), UTC), written) if channel else written
    began, ended = _time(start), _time(end)
    if not made - _CLOCK_SET <= began <= latest:
        began = made
    return began, ended if began <= ended <= latest else began


def _time(text: str) -> datetime:
    """Seconds since 1970, or a time as people write it, in the zone of this machine, which is Asterisk's too."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        return datetime.fromisoformat(text).astimezone(UTC)
