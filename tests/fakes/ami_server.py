"""A scripted AMI server on a real socket: answers as Asterisk 22 does, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

Headers = dict[str, str]
Script = Callable[["AmiPeer", Headers], None]

SECRET = "wrong horse"
USERNAME = "hotline"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def frame(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class AmiPeer:
    """One client's connection, seen from the server."""

    def __init__(self, server: AmiServer, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self._writer = writer
        self.challenge = "12345"

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    def answer(self, action: Headers, *lines: str, response: str = "Success") -> None:
        self.send(frame(f"Response: {response}", f"ActionID: {action['ActionID']}", *lines))

    def refuse(self, action: Headers, message: str) -> None:
        self.answer(action, f"Message: {message}", response="Error")

    def event(self, name: str, *lines: str) -> None:
        self.send(frame(f"Event: {name}", *lines))

    def row(self, action: Headers, name: str, *lines: str) -> None:
        self.event(name, f"ActionID: {action['ActionID']}", *lines)

    def cut(self) -> None:
        """Reset the connection."""
        self._writer.transport.abort()

    async def drain(self) -> None:
        await self._writer.drain()


class AmiServer:
    """`async with AmiServer() as server:` listens on a free port.

    `on(action, script)` replaces the answer to an action; an action without a script gets a plain success.
    `received` holds every action of every connection, in order.
    """

    def __init__(self) -> None:
        self.received: list[Headers] = []
        self.raw: list[bytes] = []
        self.peers: list[AmiPeer] = []
        self.secret = SECRET
        self.fully_booted = True
        self._scripts: dict[str, Script] = {"challenge": challenge, "login": log_in, "ping": pong}
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> AmiServer:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def listen(self) -> None:
        """Listen on a free port, or again on the same one after `stop()`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for peer in self.peers:
                peer.cut()
            await self._server.wait_closed()
            self._server = None

    def on(self, action: str, script: Script) -> None:
        self._scripts[action.lower()] = script

    @property
    def peer(self) -> AmiPeer:
        """The newest connection."""
        return self.peers[-1]

    def actions(self, name: str) -> list[Headers]:
        return [action for action in self.received if action["Action"].lower() == name.lower()]

    async def seen(self, name: str, count: int = 1) -> Headers:
        """Wait until `count` actions of this name have come; return the last of them."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.actions(name)) >= count), 5)
        return self.actions(name)[count - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = AmiPeer(self, writer)
        self.peers.append(peer)
        peer.send(BANNER)
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                self.raw.append(raw)
                action = dict(line.split(": ", 1) for line in raw.decode().strip("\r\n").split("\r\n"))
                self.received.append(action)
                self._scripts.get(action["Action"].lower(), succeed)(peer, action)
                async with self._changed:
                    self._changed.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def key(self, peer: AmiPeer) -> str:
        return hashlib.md5((peer.challenge + self.secret).encode()).hexdigest()


# --- scripts --------------------------------------------------------------------------------------------


def succeed(peer: AmiPeer, action: Headers) -> None:
    peer.answer(action, "Message: Done")


def silence(peer: AmiPeer, action: Headers) -> None:
    """Never answer."""


def challenge(peer: AmiPeer, action: Headers) -> None:
    peer.answer(action, f"Challenge: {peer.challenge}")


def log_in(peer: AmiPeer, action: Headers) -> None:
    server = peer.server
    if action.get("Username") == USERNAME and action.get("Key") == server.key(peer):
        peer.answer(action, "Message: Authentication accepted")
        if server.fully_booted:
            peer.event("FullyBooted", "Privilege: system,all", "Uptime: 33", "Status: Fully Booted")
    else:
        peer.refuse(action, "Authentication failed")


def pong(peer: AmiPeer, action: Headers) -> None:
    peer.answer(action, "Ping: Pong", "Timestamp: 1795550251.105176")


def listing(*rows: tuple[str, ...], complete: str = "Complete", name: str = "ListComplete") -> Script:
    """A script that answers with a list; each row is an event's name and its lines."""

    def script(peer: AmiPeer, action: Headers) -> None:
        peer.answer(action, "EventList: start", "Message: will follow")
        for event, *lines in rows:
            peer.row(action, event, *lines)
        peer.row(action, name, f"EventList: {complete}", f"ListItems: {len(rows)}")

    return script
