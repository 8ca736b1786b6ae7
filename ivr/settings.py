"""The phone edge's part of the settings."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr, model_validator

from hotline.kernel.settings import Port, Section

DialPrefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")]
_ICE_HOST = r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
ICE_URL = re.compile(
    rf"(?P<stun>stuns?:{_ICE_HOST})|(?P<turn>turns?):(?P<username>[^:@\s]+):(?P<credential>[^@\s]+)@"
    rf"(?P<host>{_ICE_HOST}(?:\?transport=(?:udp|tcp))?)"
)
"""A browser makes no connection at all where one ICE server is malformed, or a TURN server has no account."""


def _ice_url(value: str) -> str:
    if not ICE_URL.fullmatch(value):
        raise ValueError(
            "each must read stun:<host>:<port> or turn:<user>:<password>@<host>:<port>; also stuns:, turns:"
        )
    return value


IceUrl = Annotated[str, AfterValidator(_ice_url)]


class AmiSettings(Section):
    host: str = "127.0.0.1"
    port: Port = 5038
    username: str = "hotline"
    secret: SecretStr = SecretStr("")
    action_timeout: timedelta = timedelta(seconds=5)
    ping_interval: timedelta = timedelta(seconds=1)
    ping_timeout: timedelta = timedelta(seconds=3)


class AsteriskSettings(Section):
    """Where Asterisk listens and keeps its files; the one-box also starts it there."""

    sip_host: str = "127.0.0.1"
    """Address of the SIP and RTP sockets for desk phones."""
    sip_port: Port = 5060
    trunk_host: str = "127.0.0.2"
    """Source address by which the trunk is identified; never one that phones register from."""
    dial_prefixes: tuple[DialPrefix, ...] = ("+86", "10", "11", "12", "95", "96")
    """How the numbers begin that three-way calls may dial by the trunk: whole ones from the country code on (+86473 is
    one city alone, +1 abroad), short ones as they are dialled (12333, 95588; with "60" also 6001 of an exchange)."""
    web_host: str = "127.0.0.1"
    web_port: Port = 8088
    """The WebSocket for browser phones: ws://<web_host>:<web_port>/ws."""
    browser_networks: tuple[IPvAnyNetwork, ...] = ()
    """One-box: where browsers' WebSockets come from; empty: this machine and `http.trusted_proxies`."""
    websocket_url: str = ""
    """As browsers reach it, e.g. wss://12345.example.gov.cn/ws; "" derives it from the request's host."""
    web_caller_secret: SecretStr = SecretStr("")
    """Password of the SIP endpoint `web-caller`, which every page of /call gets: it may dial 12345 and nothing else."""
    ice_servers: tuple[IceUrl, ...] = ()
    """For browsers outside the local network: stun:<host>:<port>, turn:<user>:<password>@<host>:<port>."""
    rtp_start: Port = 10000
    rtp_end: Port = 10999
    trunk_calls: int = Field(default=0, ge=0)
    """One-box: maximum concurrent calls from the trunk; 0: as many as the RTP ports allow, less the agents' phones."""
    web_calls: int = Field(default=30, ge=0)
    """One-box: most calls from browsers at once …"""
    web_calls_per_address: int = Field(default=6, ge=0)
    """… and from one address; 0 where a proxy on another machine limits them. One on this machine is left alone."""
    sounds: Path | None = None
    recordings: Path | None = None
    logs: Path | None = None
    """Directory of queue_log and the CDR file."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rtp_start >= self.rtp_end:
            raise ValueError("rtp_start must be less than rtp_end")
        return self


class SpeechSettings(Section):
    provider: str = "demo"
    """demo, openai (an OpenAI-compatible /v1/audio/speech server), piper (a folder of voices) or none (recordings)."""
    url: str = ""
    """openai: the server, e.g. http://tts.example.gov.cn:8000."""
    api_key: SecretStr = SecretStr("")
    model: str = "tts-1"
    """openai: the model to ask for."""
    voice: str = ""
    """openai: the voice's name; piper: the folder with <language>….onnx files."""
