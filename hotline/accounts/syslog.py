"""Forwards audit entries to a log collector: RFC 5424 lines by UDP, TCP (RFC 6587) or a local socket.

Nobody waits for the collector: entries wait in a bounded queue, and those for which there is no room are counted and
dropped, the newest first. The audit log in the database stays the complete one.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections import deque
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import orjson
import structlog
from prometheus_client import Counter

from hotline.accounts.models import AuditEntry
from hotline.accounts.settings import SYSLOG_TARGET
from hotline.kernel.clock import Clock
from hotline.kernel.errors import UnavailableError
from hotline.kernel.metrics import REGISTRY
from hotline.kernel.tasks import TaskOwner, repeat

log = structlog.get_logger(__name__)
SYSLOG_DROPPED = Counter(
    "hotline_audit_syslog_dropped", "Audit entries that were not forwarded: the collector is away", registry=REGISTRY
)
MOST_WAITING = 2000
PAUSE = timedelta(seconds=5)
SEND_WITHIN = timedelta(seconds=5)
_PRIORITY = 13 * 8 + 5
"""Facility "log audit", severity "notice"."""
_NOT_PRINTABLE = re.compile(r"[^!-~]")


def entry_view(entry: AuditEntry) -> dict[str, Any]:
    """An entry as exports and syslog show it, in JSON's types."""
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "user_id": entry.user_id,
        "username": entry.username,
        "action": entry.action,
        "target": entry.target,
        "address": entry.address,
        "detail": entry.detail,
    }


def json_line(entry: AuditEntry) -> bytes:
    """One line of an export."""
    return orjson.dumps(entry_view(entry), option=orjson.OPT_APPEND_NEWLINE)


def format_rfc5424(entry: AuditEntry, *, hostname: str, process: int) -> bytes:
    """One message without framing. JSON escapes line breaks, so an entry cannot pretend to be two."""
    view = entry_view(entry)
    host = _NOT_PRINTABLE.sub("", hostname)[:255] or "-"
    message_id = _NOT_PRINTABLE.sub("", entry.action)[:32] or "-"
    head = f"<{_PRIORITY}>1 {view['at']} {host} hotline {process} {message_id} - "
    return head.encode("ascii") + b"\xef\xbb\xbf" + orjson.dumps(view)


class SyslogForwarder:
    """`put()` at any time, `start()` once. `close()` sends what waits, within one deadline; safe to call twice."""

    def __init__(self, target: str, clock: Clock, *, most: int = MOST_WAITING) -> None:
        self._target = target
        self._clock = clock
        self._most = most
        self._hostname = socket.gethostname()
        self._waiting: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._tasks = TaskOwner("syslog")
        self._send: Callable[[bytes], Any] | None = None
        self._hang_up: Callable[[], None] = lambda: None

    def start(self) -> None:
        if self._target:
            self._tasks.spawn(
                repeat(self._send_next, clock=self._clock, pause=PAUSE, trouble="audit entries not forwarded"),
                name="sender",
            )

    def put(self, entry: AuditEntry) -> None:
        """Queue an entry; where the queue is full, count it as dropped."""
        if len(self._waiting) >= self._most:
            SYSLOG_DROPPED.inc()
            return
        self._waiting.append(format_rfc5424(entry, hostname=self._hostname, process=os.getpid()))
        self._arrived.set()
        self._sent.clear()

    async def close(self) -> None:
        try:
            if self._target and len(self._tasks):
                async with asyncio.timeout(SEND_WITHIN.total_seconds()):
                    await self._sent.wait()
        except TimeoutError:
            SYSLOG_DROPPED.inc(len(self._waiting))
            log.warning("audit entries not forwarded at the end", count=len(self._waiting))
            self._waiting.clear()
        await self._tasks.close()
        self._disconnect()

    async def _send_next(self) -> None:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        try:
            async with asyncio.timeout(SEND_WITHIN.total_seconds()):
                if self._send is None:
                    self._send = await self._connect()
                await self._send(self._waiting[0])
        except (OSError, TimeoutError) as error:
            self._disconnect()
            raise UnavailableError(f"{self._target} takes no audit entries ({type(error).__name__}).") from error
        self._waiting.popleft()
        if not self._waiting:
            self._sent.set()

    async def _connect(self) -> Callable[[bytes], Any]:
        target = SYSLOG_TARGET.fullmatch(self._target)
        assert target is not None
        if target["scheme"] == "tcp":
            return await self._connect_stream(target["host"].strip("[]"), int(target["port"]))
        loop = asyncio.get_running_loop()
        if target["path"]:
            datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            address: Any = target["path"]
        else:
            found = await loop.getaddrinfo(target["host"].strip("[]"), int(target["port"]), type=socket.SOCK_DGRAM)
            datagrams = socket.socket(found[0][0], socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            address = found[0][4]
        self._hang_up = datagrams.close
        await loop.sock_connect(datagrams, address)
        return lambda message: loop.sock_sendall(datagrams, message)

    async def _connect_stream(self, host: str, port: int) -> Callable[[bytes], Any]:
        reader, writer = await asyncio.open_connection(host, port)
        self._hang_up = writer.close

        async def send(message: bytes) -> None:
            # A collector says nothing: the end of what it says is the end of the connection.
            if reader.at_eof():
                raise ConnectionResetError("the collector hung up")
            writer.write(b"%d %b" % (len(message), message))
            await writer.drain()

        return send

    def _disconnect(self) -> None:
        self._hang_up()
        self._send, self._hang_up = None, lambda: None
