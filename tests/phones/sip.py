"""One SIP request over UDP and its answer, for requests that no phone would send."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.phones.asterisk import RealAsterisk


class SipSocket(asyncio.DatagramProtocol):
    """`async with SipSocket.to(asterisk, from_host) as sip: reply = await sip.ask("OPTIONS", "12345")`."""

    def __init__(self, asterisk: RealAsterisk) -> None:
        self._server = f"{asterisk.sip_host}:{asterisk.sip_port}"
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport

    @classmethod
    @asynccontextmanager
    async def to(cls, asterisk: RealAsterisk, host: str) -> AsyncIterator[SipSocket]:
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(asterisk), local_addr=(host, 0), remote_addr=(asterisk.sip_host, asterisk.sip_port)
        )
        protocol._transport = transport
        try:
            yield protocol
        finally:
            transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._answers.put_nowait(data.decode("utf-8", "replace"))

    async def ask(self, method: str, to: str, *, user: str = "stranger", extra: str = "") -> str:
        """The first final answer."""
        host, port = self._transport.get_extra_info("sockname")
        key = uuid.uuid4().hex
        self._transport.sendto(
            (
                f"{method} sip:{to}@{self._server} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{key}\r\n"
                f"From: <sip:{user}@{host}>;tag={key[:8]}\r\nTo: <sip:{to}@{self._server}>\r\n"
                f"Call-ID: {key}\r\nCSeq: 1 {method}\r\nContact: <sip:{user}@{host}:{port}>\r\nMax-Forwards: 70\r\n"
                f"{extra}Content-Length: 0\r\n\r\n"
            ).encode()
        )
        async with asyncio.timeout(10):
            while True:
                answer = await self._answers.get()
                if key in answer and answer[8] != "1":
                    return answer
