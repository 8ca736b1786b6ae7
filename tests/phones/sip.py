"""One SIP request and its answer, by UDP or over the WebSocket, for requests that no phone would send."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.phones.asterisk import RealAsterisk


class SipSocket(asyncio.DatagramProtocol):
    """`async with SipSocket.to(asterisk, from_host) as sip: reply = await sip.ask("OPTIONS", "12345")`."""

    def __init__(self, asterisk: RealAsterisk) -> None:
        self._server = f"{asterisk.sip_host}:{asterisk.sip_port}"
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport
        self._via = "UDP"
        self._host, self._port = "", 0

    @classmethod
    @asynccontextmanager
    async def to(cls, asterisk: RealAsterisk, host: str) -> AsyncIterator[SipSocket]:
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(asterisk), local_addr=(host, 0), remote_addr=(asterisk.sip_host, asterisk.sip_port)
        )
        protocol._transport = transport
        protocol._host, protocol._port = transport.get_extra_info("sockname")
        try:
            yield protocol
        finally:
            transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._answers.put_nowait(data.decode("utf-8", "replace"))

    async def _send(self, request: str) -> None:
        self._transport.sendto(request.encode())

    async def _answer(self) -> str:
        return await self._answers.get()

    async def ask(
        self, method: str, to: str, *, user: str = "stranger", secret: str = "", extra: str = "", body: str = ""
    ) -> str:
        """The first final answer; with `secret`, the one after the challenge has been met."""
        key = uuid.uuid4().hex
        answer = await self._once(method, to, user, key, extra, body)
        if not secret:
            return answer
        assert answer.startswith("SIP/2.0 401"), answer
        found = {name: re.search(rf'{name}="([^"]+)"', answer) for name in ("realm", "nonce")}
        realm, nonce = (match[1] if match else "" for match in found.values())
        uri = f"sip:{to}@{self._server}"
        first, second = _md5(f"{user}:{realm}:{secret}"), _md5(f"{method}:{uri}")
        proof = (
            f'Authorization: Digest username="{user}",realm="{realm}",nonce="{nonce}",uri="{uri}",algorithm=MD5,'
            f'response="{_md5(f"{first}:{nonce}:00000001:c:auth:{second}")}",qop=auth,nc=00000001,cnonce="c"\r\n'
        )
        return await self._once(method, to, user, key, extra + proof, body, sequence=2)

    async def _once(
        self, method: str, to: str, user: str, key: str, extra: str, body: str, *, sequence: int = 1
    ) -> str:
        host, port = self._host, self._port
        kind = "Content-Type: application/sdp\r\n" if body else ""
        await self._send(
            f"{method} sip:{to}@{self._server} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self._via} {host}:{port};branch=z9hG4bK{key}{sequence}\r\n"
            f"From: <sip:{user}@{host}>;tag={key[:8]}\r\nTo: <sip:{to}@{self._server}>\r\n"
            f"Call-ID: {key}\r\nCSeq: {sequence} {method}\r\nContact: <sip:{user}@{host}:{port}>\r\n"
            f"Max-Forwards: 70\r\n{extra}{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )
        async with asyncio.timeout(10):
            while True:
                answer = await self._answer()
                if key in answer and f"CSeq: {sequence} " in answer and answer[8] != "1":
                    return answer

    def offer(self) -> str:
        """An SDP body for INVITE."""
        lines = ("v=0", f"o=- 1 1 IN IP4 {self._host}", "s=-", f"c=IN IP4 {self._host}", "t=0 0", "m=audio 9 RTP/AVP 8")
        return "".join(f"{line}\r\n" for line in lines)


class SipWebSocket(SipSocket):
    """The same over the WebSocket."""

    @classmethod
    @asynccontextmanager
    async def to(cls, asterisk: RealAsterisk, host: str) -> AsyncIterator[SipSocket]:
        web = asterisk.settings.asterisk
        connector = aiohttp.TCPConnector(local_addr=(host, 0))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.ws_connect(f"ws://{web.web_host}:{web.web_port}/ws", protocols=("sip",)) as socket,
        ):
            sip = cls(asterisk)
            sip._via, sip._host, sip._port, sip._socket = "WS", host, 9, socket
            yield sip

    _socket: aiohttp.ClientWebSocketResponse

    async def _send(self, request: str) -> None:
        await self._socket.send_str(request)

    async def _answer(self) -> str:
        return str((await self._socket.receive()).data)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
