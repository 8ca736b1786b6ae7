"""A caller by browser as far as SIP goes: `web-caller` over the WebSocket, from any loopback address, soundless."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import aiohttp

from tests.phones.asterisk import RealAsterisk

USER = "web-caller"
_FINGERPRINT = ":".join(["AB"] * 32)


class WebCaller:
    """`async with WebCaller(asterisk, "127.0.0.9") as caller: status = await caller.call()`; hangs up at the end."""

    def __init__(self, asterisk: RealAsterisk, address: str, *, name: str = "") -> None:
        self._url = f"ws://{asterisk.settings.asterisk.web_host}:{asterisk.settings.asterisk.web_port}/ws"
        self._secret = asterisk.instance.secrets.web_caller
        self._address = address
        self._key = uuid.uuid4().hex
        self._uri = f"sip:12345@{asterisk.sip_host}"
        shown = f'"{name}" ' if name else ""
        self._from = f"{shown}<sip:{USER}@{asterisk.sip_host}>;tag={self._key[:8]}"
        self._to = f"<{self._uri}>"
        self._sequence = 0
        self._answered = False

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(local_addr=(self._address, 0))
        self._session = aiohttp.ClientSession(connector=connector)
        self._socket = await self._session.ws_connect(self._url, protocols=("sip",))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._answered:
            await self._ask("BYE")
        await self._session.close()

    async def call(self) -> int:
        """The status of the final answer."""
        answer = await self._ask("INVITE")
        if answer.startswith("SIP/2.0 401"):
            await self._send("ACK", answer)
            answer = await self._ask("INVITE", self._proof(answer))
        if tag := re.search(r"^To:.*;tag=([^;\r\n]+)", answer, re.M | re.I):
            self._to += f";tag={tag[1]}"
        self._answered = answer.startswith("SIP/2.0 200")
        await self._send("ACK", answer)
        return int(answer[8:11])

    async def _ask(self, method: str, proof: str = "") -> str:
        self._sequence += 1
        await self._send(method, proof=proof)
        while True:
            message = str((await self._socket.receive(timeout=10)).data)
            mine = re.search(rf"^CSeq: *{self._sequence} {method}", message, re.M | re.I)
            if mine and message.startswith("SIP/2.0 ") and message[8] != "1":
                return message

    def _proof(self, challenge: str) -> str:
        realm, nonce = (re.search(rf'{name}="([^"]+)"', challenge)[1] for name in ("realm", "nonce"))  # type: ignore[index]
        first, second = _md5(f"{USER}:{realm}:{self._secret}"), _md5(f"INVITE:{self._uri}")
        response = _md5(f"{first}:{nonce}:00000001:c:auth:{second}")
        return (
            f'Authorization: Digest username="{USER}",realm="{realm}",nonce="{nonce}",uri="{self._uri}",'
            f'response="{response}",algorithm=MD5,qop=auth,nc=00000001,cnonce="c"\r\n'
        )

    async def _send(self, method: str, answer: str = "", *, proof: str = "") -> None:
        to = re.search(r"^To: *(.*)\r$", answer, re.M | re.I)
        body = self._offer() if method == "INVITE" else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        await self._socket.send_str(
            f"{method} {self._uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS {self._key[:12]}.invalid;branch=z9hG4bK{self._key}{self._sequence}{method}\r\n"
            f"From: {self._from}\r\nTo: {to[1] if to else self._to}\r\nCall-ID: {self._key}\r\n"
            f"CSeq: {self._sequence} {method}\r\nContact: <sip:x@{self._key[:12]}.invalid;transport=ws>\r\n"
            f"Max-Forwards: 70\r\n{proof}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _offer(self) -> str:
        lines = (
            "v=0",
            f"o=- 1 1 IN IP4 {self._address}",
            "s=-",
            "t=0 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 8",
            f"c=IN IP4 {self._address}",
            "a=rtpmap:8 PCMA/8000",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            f"a=candidate:1 1 udp 2130706431 {self._address} 9 typ host",
            f"a=fingerprint:sha-256 {_FINGERPRINT}",
            "a=setup:actpass",
            "a=mid:0",
            "a=rtcp-mux",
            "a=sendrecv",
        )
        return "".join(f"{line}\r\n" for line in lines)


@asynccontextmanager
async def callers(asterisk: RealAsterisk, address: str, count: int) -> AsyncIterator[list[int]]:
    """As many callers from one address, one after the other; the answers to their calls while all are there."""
    if count == 0:
        yield []
        return
    async with WebCaller(asterisk, address) as caller:
        status = await caller.call()
        async with callers(asterisk, address, count - 1) as others:
            yield [status, *others]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
