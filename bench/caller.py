"""A measuring caller: one UDP socket for SIP and one per call for RTP, paced at 20 ms as a phone's.

It dials, sends real RTP, presses one digit by RFC 4733 while the first prompt plays, and notes when the
first packet of the second prompt arrives. The prompts are raw µ-law files of one byte value each, so a
packet identifies its prompt without any analysis; no transcoding lies between.
"""

from __future__ import annotations

import asyncio
import re
import struct
import time
import uuid
from dataclasses import dataclass

FIRST, SECOND = 0x11, 0x22
SILENCE = b"\xff" * 160
PACKET = 0.02


@dataclass
class Timing:
    """Seconds; None where the call did not get that far."""

    answer: float | None = None
    first_prompt: float | None = None
    digit_to_prompt: float | None = None
    ended: bool = False
    failure: str = ""


class _Rtp(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.first_at = self.second_at = 0.0
        self.first = asyncio.Event()
        self.second = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if len(data) < 100 or data[1] & 0x7F != 0:
            return
        value = data[90]
        if value == FIRST and not self.first.is_set():
            self.first_at = time.perf_counter()
            self.first.set()
        elif value == SECOND and not self.second.is_set():
            self.second_at = time.perf_counter()
            self.second.set()


class Caller(asyncio.DatagramProtocol):
    """All calls of one run; `await Caller.open(...)`, then `await caller.call()` as often as wanted."""

    def __init__(self, local: str, remote: tuple[str, int]) -> None:
        self._local, self._remote = local, remote
        self._calls: dict[str, asyncio.Queue[str]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0

    @classmethod
    async def open(cls, local: str, remote: tuple[str, int]) -> Caller:
        loop = asyncio.get_running_loop()
        caller = cls(local, remote)
        transport, _ = await loop.create_datagram_endpoint(lambda: caller, local_addr=(local, 0))
        caller._transport = transport
        caller._port = transport.get_extra_info("sockname")[1]
        return caller

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode("utf-8", "replace")
        found = re.search(r"^Call-ID: *(\S+)", text, re.M | re.I)
        if found and (queue := self._calls.get(found[1])):
            queue.put_nowait(text)
        if text.startswith("BYE"):
            self._answer(text)

    def _answer(self, request: str) -> None:
        wanted = ("via", "from", "to", "call-id", "cseq")
        kept = [line for line in request.split("\r\n")[1:] if line.split(":")[0].lower() in wanted]
        self._send("SIP/2.0 200 OK\r\n" + "\r\n".join(kept) + "\r\nContent-Length: 0\r\n\r\n")

    def _send(self, text: str) -> None:
        assert self._transport
        self._transport.sendto(text.encode(), self._remote)

    def _request(self, method: str, call: str, tag: str, to_tag: str, cseq: int, body: str, exten: str) -> str:
        host, port = self._remote
        to = f"<sip:{exten}@{host}>" + (f";tag={to_tag}" if to_tag else "")
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} sip:{exten}@{host}:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._local}:{self._port};branch=z9hG4bK{uuid.uuid4().hex}\r\n"
            f"From: <sip:13900001234@{self._local}>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:bench@{self._local}:{self._port}>\r\nMax-Forwards: 70\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    async def call(self, exten: str = "12345", *, digit: str = "1", listen: float = 0.4) -> Timing:
        """One call: dial, listen `listen` seconds to the first prompt, press `digit`, wait for BYE."""
        loop = asyncio.get_running_loop()
        timing = Timing()
        transport, rtp = await loop.create_datagram_endpoint(_Rtp, local_addr=(self._local, 0))
        port = transport.get_extra_info("sockname")[1]
        call, tag = uuid.uuid4().hex, uuid.uuid4().hex[:8]
        inbox: asyncio.Queue[str] = asyncio.Queue()
        self._calls[call] = inbox
        sender: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(20):
                sdp = (
                    f"v=0\r\no=- 1 1 IN IP4 {self._local}\r\ns=-\r\nc=IN IP4 {self._local}\r\nt=0 0\r\n"
                    f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                )
                begun = time.perf_counter()
                self._send(self._request("INVITE", call, tag, "", 1, sdp, exten))
                answer = await self._final(inbox)
                if not answer.startswith("SIP/2.0 200"):
                    timing.failure = answer.split("\r\n")[0]
                    return timing
                timing.answer = time.perf_counter() - begun
                to_tag = re.search(r"^To:.*?tag=([^;\s]+)", answer, re.M | re.I)[1]  # type: ignore[index]
                self._send(self._request("ACK", call, tag, to_tag, 1, "", exten))
                media = re.search(r"^c=IN IP4 (\S+)", answer, re.M), re.search(r"^m=audio (\d+)", answer, re.M)
                target = (media[0][1], int(media[1][1]))  # type: ignore[index]
                pressed: asyncio.Future[float] = loop.create_future()
                press = asyncio.Event()
                sender = asyncio.create_task(_stream(transport, target, press, pressed, digit))
                await rtp.first.wait()
                timing.first_prompt = rtp.first_at - begun
                await asyncio.sleep(listen)
                press.set()
                at = await pressed
                await rtp.second.wait()
                timing.digit_to_prompt = rtp.second_at - at
                while not (await inbox.get()).startswith("BYE"):
                    pass
                timing.ended = True
        except TimeoutError:
            timing.failure = timing.failure or "no progress within 20 s"
        finally:
            if sender:
                sender.cancel()
            self._calls.pop(call, None)
            transport.close()
        return timing

    @staticmethod
    async def _final(inbox: asyncio.Queue[str]) -> str:
        while True:
            text = await inbox.get()
            if text.startswith("SIP/2.0 ") and int(text[8:11]) >= 200:
                return text


async def _stream(
    transport: asyncio.DatagramTransport,
    target: tuple[str, int],
    press: asyncio.Event,
    pressed: asyncio.Future[float],
    digit: str,
) -> None:
    """Send silence each 20 ms; once `press` is set, a digit of 100 ms whose last packet carries the end bit."""
    sequence, stamp, source = 1, 0, 0x12345678
    event, started, sent = "0123456789*#".index(digit), 0, 0
    due = time.perf_counter()
    while True:
        if press.is_set() and sent < 7:
            if sent == 0:
                started = stamp
            end = sent >= 4
            payload = struct.pack("!BBH", event, (0x80 if end else 0) | 10, min(sent + 1, 5) * 160)
            marker = 0x80 if sent == 0 else 0
            transport.sendto(struct.pack("!BBHII", 0x80, marker | 101, sequence, started, source) + payload, target)
            if sent == 4:
                pressed.set_result(time.perf_counter())
            sent += 1
        else:
            transport.sendto(struct.pack("!BBHII", 0x80, 0, sequence, stamp, source) + SILENCE, target)
        sequence = sequence + 1 & 0xFFFF
        stamp += 160
        due += PACKET
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
