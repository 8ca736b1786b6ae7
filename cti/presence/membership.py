"""Syncs app_queue's membership with an agent's state; sends only differences."""

from __future__ import annotations

from cti.presence.session import Membership, Phone, endpoint_of
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.recent import Recent
from ivr.dialplan import interface_of
from ivr.events import PhoneEvent, QueueMemberChanged
from ivr.switchboard import PhoneSnapshot, Switchboard

Key = tuple[str, str]
"""Queue and interface."""
Row = tuple[bool, str]


class Memberships:
    """Asterisk's last known state of each member, updated by its events."""

    def __init__(self, switchboard: Switchboard, phone: Dispatcher[PhoneEvent], clock: Clock) -> None:
        self._switchboard = switchboard
        self._rows: dict[Key, Row | None] = {}
        """None: a change was requested, and its outcome is unknown."""
        self._recent: Recent[Key] = Recent(clock)
        self._unsubscribe = phone.subscribe(self._on_member, QueueMemberChanged)

    def close(self) -> None:
        self._unsubscribe()

    def reset(self, snapshot: PhoneSnapshot) -> None:
        """Adopt the snapshot's state of every member, except where a newer event exists."""
        newer = self._recent.since(snapshot.asked_at)
        said = {(m.queue, m.interface): (m.paused, m.pause_reason) for m in snapshot.members}
        self._rows = {key: row for key, row in self._rows.items() if key in newer} | {
            key: row for key, row in said.items() if key not in newer
        }

    async def apply(self, number: str, wanted: Membership | None) -> None:
        """Apply `wanted`. Raises PhoneError; what was sent before stays; calling `apply` again repairs it."""
        keep = {(share.queue, wanted.interface) for share in wanted.queues} if wanted else set()
        try:
            await self._make_so(number, wanted, keep)
        except Exception:
            for key in keep:
                self._note(key, None)
            raise

    async def _make_so(self, number: str, wanted: Membership | None, keep: set[Key]) -> None:
        interfaces = {interface_of(endpoint_of(number, phone)) for phone in Phone}
        for queue, interface in [key for key in self._rows if key[1] in interfaces and key not in keep]:
            await self._switchboard.remove_member(queue, interface)
            self._forget((queue, interface))
        if wanted is None:
            return
        row = (wanted.paused, wanted.reason)
        for share in wanted.queues:
            key = (share.queue, wanted.interface)
            if self._rows.get(key) is None:
                await self._switchboard.add_member(
                    share.queue,
                    wanted.interface,
                    member_name=number,
                    penalty=share.penalty,
                    paused=wanted.paused,
                    pause_reason=wanted.reason,
                )
                # Who was there already, unknown to us, has stayed as they were: the pause below sets them right.
                self._note(key, self._rows.get(key, row))
        # Who was taken out of a queue meanwhile is not there to be paused: the next `apply` puts them back.
        if any(self._rows[key] != row for key in keep & self._rows.keys()):
            await self._switchboard.pause_member(wanted.interface, paused=wanted.paused, reason=wanted.reason)
            for key in keep & self._rows.keys():
                self._note(key, row)

    def _on_member(self, event: PhoneEvent) -> None:
        assert isinstance(event, QueueMemberChanged)
        key = (event.queue, event.interface)
        if event.removed:
            self._forget(key)
        else:
            self._note(key, (event.paused, event.pause_reason if event.paused else ""))

    def _note(self, key: Key, row: Row | None) -> None:
        self._rows[key] = row
        self._recent.note(key)

    def _forget(self, key: Key) -> None:
        self._rows.pop(key, None)
        self._recent.note(key)
