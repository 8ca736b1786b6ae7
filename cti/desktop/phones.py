"""Where browsers' phones connect: SIP over Asterisk's WebSocket."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from aiohttp import web

from cti.desktop.schemas import IceServer
from cti.ports import CtiSettings
from hotline.kernel.errors import UnavailableError
from ivr.dialplan import WEB_CALLER
from ivr.settings import ICE_URL


class SipOverWebSocket:
    """Addresses as the browser behind a request sees them."""

    CALLER: ClassVar[str] = WEB_CALLER

    def __init__(self, settings: CtiSettings, *, hotline_number: str) -> None:
        self._asterisk = settings.asterisk
        self._public_url = settings.http.public_url
        self.hotline_number = hotline_number
        self.ice_servers = [ice_server(url) for url in settings.asterisk.ice_servers]

    @property
    def caller_secret(self) -> str:
        """Raises UnavailableError where callers by browser are not set up."""
        secret = self._asterisk.web_caller_secret.get_secret_value()
        if not secret:
            raise UnavailableError("Set asterisk.web_caller_secret to let browsers call.")
        return secret

    def url(self, request: web.Request) -> str:
        """The WebSocket's address: as set, or at the host by which the page was reached."""
        if self._asterisk.websocket_url:
            return self._asterisk.websocket_url
        if urlsplit(self._public_url).scheme == "https":
            # A page got by https may only open wss: the proxy before us carries /ws too.
            return f"wss://{urlsplit(self._public_url).netloc}/ws"
        return f"ws://{_bracketed(self._host(request))}:{self._asterisk.web_port}/ws"

    def origin(self, request: web.Request) -> str:
        """The same without its path, for the Content-Security-Policy."""
        parts = urlsplit(self.url(request))
        return f"{parts.scheme}://{parts.netloc}"

    def uri(self, request: web.Request, endpoint: str) -> str:
        return f"sip:{endpoint}@{_bracketed(self._host(request))}"

    def _host(self, request: web.Request) -> str:
        return urlsplit(f"//{request.host}").hostname or self._asterisk.web_host


def ice_server(url: str) -> IceServer:
    """One of `asterisk.ice_servers` as RTCPeerConnection takes it: a TURN server's account is separate from its URL."""
    match = ICE_URL.fullmatch(url)
    if match is None or match["turn"] is None:
        return IceServer(urls=url)
    return IceServer(
        urls=f"{match['turn']}:{match['host']}", username=match["username"], credential=match["credential"]
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
