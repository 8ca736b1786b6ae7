"""A caller whose From header is written as it stands, for what no phone would send. It sends no sound."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.phones.asterisk import RealAsterisk


class RawCaller(asyncio.DatagramProtocol):
    """`async with RawCaller.answered(asterisk, '"…" <sip:…@host>') as caller`; hangs up at the end."""

    def __init__(self, asterisk: RealAsterisk, from_header: str | bytes, *, extra: str = "") -> None:
        self._server = (asterisk.sip_host, asterisk.sip_port)
        self._key = uuid.uuid4().hex
        # Bytes that are no UTF-8 go out as they are.
        header = from_header if isinstance(from_header, str) else from_header.decode("utf-8", "surrogateescape")
        self._from = f"{header};tag={self._key[:8]}"
        self._extra = extra
        self._to = f"<sip:12345@{asterisk.sip_host}>"
        self._sequence = 0
        self._messages: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport
        self.ended = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def answered(
        cls, asterisk: RealAsterisk, from_header: str | bytes, *, extra: str = ""
    ) -> AsyncIterator[RawCaller]:
        """`extra` are more header lines, each with its end."""
        transport, caller = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(asterisk, from_header, extra=extra), local_addr=(asterisk.trunk_host, 0)
        )
        caller._transport = transport
        try:
            await caller._invite()
            yield caller
            if not caller.ended.is_set():
                await caller._ask("BYE")
        finally:
            transport.close()

    @classmethod
    async def turned_away(cls, asterisk: RealAsterisk, from_header: str) -> int:
        """The status with which a call is refused."""
        loop, host = asyncio.get_running_loop(), asterisk.trunk_host
        transport, caller = await loop.create_datagram_endpoint(
            lambda: cls(asterisk, from_header), local_addr=(host, 0)
        )
        caller._transport = transport
        try:
            answer = await caller._final("INVITE", caller._offer(), kind="application/sdp")
            caller._send(caller._request("ACK", "", ""))
            return int(answer[8:11])
        finally:
            transport.close()

    async def press(self, digits: str) -> None:
        """Keys by SIP INFO."""
        for digit in digits:
            await self._ask("INFO", f"Signal={digit}\r\nDuration=100\r\n", kind="application/dtmf-relay")

    # --- inner ----------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = data.decode("utf-8", "replace")
        if message.startswith("BYE "):
            self.ended.set()
            kept = "".join(re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*\r\n", message, re.M | re.I))
            self._send(f"SIP/2.0 200 OK\r\n{kept}Content-Length: 0\r\n\r\n")
        else:
            self._messages.put_nowait(message)

    async def _invite(self) -> None:
        answer = await self._ask("INVITE", self._offer(), kind="application/sdp")
        tag = re.search(r"^To:.*;tag=([^;\r\n]+)", answer, re.M | re.I)
        assert tag is not None, answer
        self._to += f";tag={tag[1]}"
        self._send(self._request("ACK", "", ""))

    def _offer(self) -> str:
        host, port = self._transport.get_extra_info("sockname")
        return f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port + 1} RTP/AVP 8\r\n"

    async def _ask(self, method: str, body: str = "", *, kind: str = "") -> str:
        """Send a request; its final answer, which must be a yes."""
        answer = await self._final(method, body, kind=kind)
        assert answer[8] == "2", answer
        return answer

    async def _final(self, method: str, body: str = "", *, kind: str = "") -> str:
        self._sequence += 1
        self._send(self._request(method, body, kind))
        async with asyncio.timeout(10):
            while True:
                answer = await self._messages.get()
                mine = re.search(rf"^CSeq: *{self._sequence} {method}", answer, re.M | re.I)
                if mine and answer.startswith("SIP/2.0 ") and answer[8] != "1":
                    return answer

    def _request(self, method: str, body: str, kind: str) -> str:
        host, port = self._transport.get_extra_info("sockname")
        content = f"Content-Type: {kind}\r\n" if kind else ""
        return (
            f"{method} sip:12345@{self._server[0]}:{self._server[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{self._key}{self._sequence}{method}\r\n"
            f"From: {self._from}\r\nTo: {self._to}\r\nCall-ID: {self._key}\r\nCSeq: {self._sequence} {method}\r\n"
            f"Contact: <sip:raw@{host}:{port}>\r\nMax-Forwards: 70\r\n{self._extra}{content}"
            f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    def _send(self, message: str) -> None:
        self._transport.sendto(message.encode("utf-8", "surrogateescape"), self._server)
