"""Asterisk's current state: read after each log-in, so that nothing is trusted from memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from ivr.ami.answers import is_about
from ivr.ami.decode import Column, Headers, MalformedEventError, escaped, flag, known, read, text, whole
from ivr.errors import ActionRefusedError, PhoneError
from ivr.switchboard import Channel, PhoneSnapshot, QueueEntry, QueueMember

R = TypeVar("R")


class Asker(Protocol):
    async def action(self, name: str) -> Headers: ...

    async def list_action(self, name: str, fields: dict[str, str | int | list[str]] | None = None) -> list[Headers]: ...


def duration(value: str) -> timedelta:
    """From "01:02:03"; the hours may exceed 23."""
    hours, minutes, seconds = (int(part) for part in value.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def seconds(value: str) -> timedelta:
    return timedelta(seconds=int(value))


_CHANNEL: dict[str, Column] = {
    "name": ("Channel", text),
    "unique_id": ("Uniqueid", text),
    "linked_id": ("Linkedid", text),
    "call_id": ("AccountCode", text),
    "state": ("ChannelStateDesc", text),
    "context": ("Context", text),
    "extension": ("Exten", text),
    "priority": ("Priority", whole),
    "application": ("Application", text),
    "application_data": ("ApplicationData", text),
    "caller_number": ("CallerIDNum", known),
    "caller_name": ("CallerIDName", escaped),
    "connected_number": ("ConnectedLineNum", known),
    "connected_name": ("ConnectedLineName", escaped),
    "bridge_id": ("BridgeId", text),
    "duration": ("Duration", duration),
}
_MEMBER: dict[str, Column] = {
    "queue": ("Queue", text),
    "interface": ("Location", text),
    "member_name": ("Name", text),
    "status": ("Status", whole),
    "paused": ("Paused", flag),
    "pause_reason": ("PausedReason", text),
    "in_call": ("InCall", flag),
}
_ENTRY: dict[str, Column] = {
    "queue": ("Queue", text),
    "channel": ("Channel", text),
    "unique_id": ("Uniqueid", text),
    "position": ("Position", whole),
    "waited": ("Wait", seconds),
}


async def take_snapshot(asker: Asker, asked_at: datetime) -> PhoneSnapshot:
    """Ask for everything, one question after another; raises PhoneError when any part of it cannot be had."""
    try:
        return await _ask(asker, asked_at)
    except (MalformedEventError, KeyError) as error:
        raise PhoneError(f"Asterisk's answer to a snapshot was not understood: {error}.") from error


async def _ask(asker: Asker, asked_at: datetime) -> PhoneSnapshot:
    status = await asker.action("CoreStatus")
    channels = await asker.list_action("CoreShowChannels")
    queues = await asker.list_action("QueueStatus")
    return PhoneSnapshot(
        asked_at=asked_at,
        started=f"{status['CoreStartupDate']} {status['CoreStartupTime']}",
        channels=tuple(_rows(Channel, _CHANNEL, channels, "CoreShowChannel")),
        members=tuple(_rows(QueueMember, _MEMBER, queues, "QueueMember")),
        entries=tuple(_rows(QueueEntry, _ENTRY, queues, "QueueEntry")),
        rooms=await _rooms(asker),
    )


def _rows(kind: type[R], columns: Mapping[str, Column], rows: Iterable[Headers], event: str) -> Iterable[R]:
    return (kind(**read(row, columns)) for row in rows if row["Event"] == event)


async def _rooms(asker: Asker) -> dict[str, tuple[str, ...]]:
    rooms: dict[str, tuple[str, ...]] = {}
    for row in await _list_or_nothing(asker, "ConfbridgeListRooms"):
        room = row["Conference"]
        parties = await _list_or_nothing(asker, "ConfbridgeList", {"Conference": room})
        rooms[room] = tuple(party["Channel"] for party in parties)
    return rooms


async def _list_or_nothing(
    asker: Asker, name: str, fields: dict[str, str | int | list[str]] | None = None
) -> list[Headers]:
    """ConfBridge answers an empty list with an error, and a room may end between two questions."""
    try:
        return await asker.list_action(name, fields)
    except ActionRefusedError as error:
        if is_about(error, "No active conferences", "No conference by that name", "is not found"):
            return []
        raise
