"""SIPp as a caller: raw SIP that no phone library would send, with a tone as its voice."""

from __future__ import annotations

import asyncio
import re
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tests.phones.asterisk import RealAsterisk
from tests.phones.ports import free_port

TONE_HZ = 620


@dataclass(frozen=True, slots=True)
class Pause:
    """Talk on for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys by SIP INFO, `gap` seconds from one to the next."""

    digits: str
    gap: float = 0.1


@dataclass(frozen=True, slots=True)
class HangUp:
    """Send BYE."""


@dataclass(frozen=True, slots=True)
class StayUntilBye:
    """Until the other side hangs up; a call that is let stand longer than `limit` failed."""

    limit: float = 30


Step = Pause | Digits | HangUp | StayUntilBye


@dataclass(frozen=True, slots=True, kw_only=True)
class SippResult:
    """How the call went. `status` is the final answer to INVITE, 0 when there was none."""

    status: int
    completed: bool
    """Every step went as told."""
    ended_by: str
    """"caller", "callee" or ""."""
    messages: str
    """The whole SIP conversation."""


class SippCaller:
    """Somebody who calls over the trunk; `name` may hold whatever a header can carry, escaped as SIP wants it."""

    def __init__(self, asterisk: RealAsterisk, number: str = "13904739999", *, name: str = "") -> None:
        self._asterisk = asterisk
        self._number = number
        self._name = name

    async def call(self, *steps: Step, to: str = "12345", within: float = 60) -> SippResult:
        """One call through `steps` (default: stay until the hotline hangs up), over after `within` at most."""
        steps = steps or (StayUntilBye(),)
        with tempfile.TemporaryDirectory(prefix="sipp-") as folder:
            work = Path(folder)
            _write_tone(work / "tone.ul")
            scenario = work / "call.xml"
            scenario.write_text(_scenario(self._number, self._name, steps), encoding="utf-8")
            code = await self._run(work, scenario, to, within)
            trace = work / "messages.log"
            messages = trace.read_text(encoding="utf-8", errors="replace") if trace.exists() else ""
            complaint = (work / "stderr").read_text(errors="replace")
        if not messages:
            raise AssertionError(f"SIPp sent nothing: {complaint or 'it gave no reason'}")
        return _result(code, messages)

    async def _run(self, work: Path, scenario: Path, to: str, within: float) -> int:
        host = self._asterisk.trunk_host
        arguments = {
            "-sf": str(scenario),
            "-i": host,
            "-p": str(free_port(host, kind=socket.SOCK_DGRAM)),
            "-mi": host,
            "-mp": str(free_port(host, kind=socket.SOCK_DGRAM)),
            "-s": to,
            "-m": "1",
            "-l": "1",
            "-timeout": f"{within:.0f}",
            "-timer_resol": "1",
            "-message_file": str(work / "messages.log"),
        }
        with (work / "stderr").open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                "sipp",
                f"{self._asterisk.sip_host}:{self._asterisk.sip_port}",
                *(part for pair in arguments.items() for part in pair),
                "-trace_msg",
                "-timeout_error",
                "-nostdin",
                cwd=work,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr,
            )
        try:
            async with asyncio.timeout(within + 10):
                return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _write_tone(path: Path) -> None:
    seconds = np.arange(8000 * 5) / 8000
    samples = (0.3 * np.sin(2 * np.pi * TONE_HZ * seconds)).astype(np.float32)
    soundfile.write(str(path), samples, 8000, format="RAW", subtype="ULAW")


def _result(code: int, messages: str) -> SippResult:
    answers = re.findall(
        r"^SIP/2\.0 (\d{3})[^\r\n]*(?:\r?\n(?!\r?\n)[^\r\n]+)*?\r?\nCSeq: *\d+ INVITE", messages, re.M | re.I
    )
    final = [int(answer) for answer in answers if int(answer) >= 200]
    byes = re.findall(r"message (sent|received)[^\n]*\n+BYE ", messages)
    ended_by = {"sent": "caller", "received": "callee"}[byes[0]] if byes else ""
    return SippResult(status=final[0] if final else 0, completed=code == 0, ended_by=ended_by, messages=messages)


# --- the scenario ---------------------------------------------------------------------------------------


def _scenario(number: str, name: str, steps: tuple[Step, ...]) -> str:
    shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '" ' if name else ""
    identity = f"{shown}<sip:{number}@[local_ip]:[local_port]>"
    parts = [_invite(identity), _answered(identity)]
    sequence = 1
    for step in steps:
        match step:
            case Pause():
                parts.append(_pause(step.seconds))
            case Digits():
                for digit in step.digits:
                    sequence += 1
                    body = f"Signal={digit}\r\nDuration=100\r\n"
                    parts.append(_request("INFO", sequence, identity, body) + '<recv response="200"/>')
                    parts.append(_pause(step.gap))
            case HangUp():
                sequence += 1
                parts.append(_request("BYE", sequence, identity) + '<recv response="200"/>')
            case StayUntilBye():
                parts.append(f'<recv request="BYE" timeout="{step.limit * 1000:.0f}"/>' + _OK)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<scenario name='caller'>{''.join(parts)}</scenario>\n"


def _pause(seconds: float) -> str:
    return f'<pause milliseconds="{seconds * 1000:.0f}"/>'


_DIALOG = """Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: {identity};tag=[pid]caller[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {sequence} {method}
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
"""


def _invite(identity: str) -> str:
    head = _DIALOG.format(identity=identity, tag="", sequence=1, method="INVITE")
    return f"""<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
{head}Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
<recv response="100" optional="true"/>
"""


def _answered(identity: str) -> str:
    return f"""<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
{_request("ACK", 1, identity)}
<nop><action><exec rtp_stream="tone.ul,-1,0,PCMU/8000"/></action></nop>
"""


def _request(method: str, sequence: int, identity: str, body: str = "") -> str:
    head = _DIALOG.format(identity=identity, tag="[peer_tag_param]", sequence=sequence, method=method)
    kind = "Content-Type: application/dtmf-relay\n" if body else ""
    retransmit = "" if method == "ACK" else ' retrans="500"'
    return f"""<send{retransmit}><![CDATA[
{method} [next_url] SIP/2.0
{head}{kind}Content-Length: [len]

{body}
]]></send>
"""


_OK = """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""
