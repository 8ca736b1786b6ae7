"""Events per second: our AMI reading against panoramisk's own, in one run, on a call recorded on Asterisk 22.

    python -m bench.ami_parse [--rounds N]

Each side gets the same bytes in reads of 16 KiB and must hand the events that matter to a callback. panoramisk is
used as its manual shows: a callback on the names one wants, which reads the headers it needs. Two mixes: the
recording as it is (every AMI class on), and only those of its events that we decode (as if Asterisk's own event
filters had dropped the others). The sides take turns; the best round of each counts.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from hotline.kernel.clock import SystemClock
from ivr.ami import AmiClient
from ivr.ami.decode import DECODERS, ONLY_WITH
from ivr.ami.protocol import FencedProtocol
from ivr.ami.wire import FrameReader, event_name
from ivr.events import PhoneEvent
from ivr.settings import AmiSettings

RECORDED = Path(__file__).parent.parent / "tests/ivr/ami/recorded_call.ami"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
READ = 16 * 1024
REPEAT = 40
WANTED = [name.decode() for name in DECODERS]


class NoTransport(asyncio.Transport):
    """A peer that is never written to."""

    def is_closing(self) -> bool:
        return False


def mix(*, only_wanted: bool) -> tuple[bytes, int]:
    """The recorded events, repeated: the bytes and how many events they hold."""
    frames = [frame for frame in FrameReader().feed(RECORDED.read_bytes()) if event_name(frame) is not None]
    if only_wanted:
        frames = [frame for frame in frames if _wanted(frame)]
    return b"".join(frame + b"\r\n\r\n" for frame in frames) * REPEAT, len(frames) * REPEAT


def _wanted(frame: bytes) -> bool:
    name = event_name(frame) or b""
    return name in DECODERS and ONLY_WITH.get(name, b"") in frame


def panoramisk(count: Callable[[str], None]) -> Callable[[bytes], None]:
    manager = Manager(loop=asyncio.get_running_loop())
    manager.log.setLevel(logging.WARNING)
    for name in WANTED:
        manager.register_event(name, lambda _, event: count(event.channel or event.event))
    protocol = AMIProtocol()
    protocol.connection_made(NoTransport())
    protocol.factory, protocol.encoding = manager, "utf8"
    protocol.log.setLevel(logging.WARNING)
    protocol.data_received(BANNER)
    received: Callable[[bytes], None] = protocol.data_received
    return received


def ours(count: Callable[[str], None]) -> Callable[[bytes], None]:
    def on_event(event: PhoneEvent) -> None:
        count(type(event).__name__)

    client = AmiClient(AmiSettings(), SystemClock(), on_event)
    protocol = FencedProtocol(client._manager)
    protocol.connection_made(NoTransport())
    protocol.data_received(BANNER)
    return protocol.data_received


def seconds(receive: Callable[[bytes], None], data: bytes) -> float:
    began = time.perf_counter()
    for start in range(0, len(data), READ):
        receive(data[start : start + READ])
    return time.perf_counter() - began


async def main(rounds: int) -> None:
    sides: dict[str, Any] = {"panoramisk 1.4": panoramisk, "ours": ours}
    for title, only_wanted in (("every class on", False), ("filtered by Asterisk", True)):
        data, events = mix(only_wanted=only_wanted)
        best = dict.fromkeys(sides, float("inf"))
        handed: dict[str, int] = {}
        for _ in range(rounds):
            for side, make in sides.items():
                seen: list[str] = []
                best[side] = min(best[side], seconds(make(seen.append), data))
                handed[side] = len(seen)
        print(f"{title}: {events} events, {len(data) / events:.0f} bytes each")
        for side, taken in best.items():
            print(f"  {side:15} {events / taken:10,.0f} events/s   {handed[side]} handed on")
        print(f"  ratio           {best['panoramisk 1.4'] / best['ours']:10.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7)
    asyncio.run(main(parser.parse_args().rounds))
