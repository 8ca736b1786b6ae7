"""Requests of call flows to services on the web: short, signed, and to no address of the inside that is not named."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import aiohttp
import orjson
from yarl import URL

from callflow.ports import WebRequestError
from callflow.settings import FlowHttpSettings
from hotline.kernel.clock import Clock
from hotline.notices.providers.addresses import allowed, guarded_connector
from hotline.notices.providers.webhook import SIGNATURE, TIMESTAMP, signature

LONGEST_ANSWER = 64 * 1024
_EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))

Method = Literal["GET", "POST"]


class FlowWebClient:
    """Implements `callflow.ports.WebServices`. `close()` may be called twice."""

    def __init__(self, settings: FlowHttpSettings, clock: Clock) -> None:
        self._hosts = frozenset(settings.inside_hosts)
        self._secret = settings.secret.get_secret_value()
        self._clock = clock
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def ask(self, method: Method, url: str, values: Mapping[str, str], *, within: timedelta) -> Any:
        """Send `values`, as the query of a GET or as JSON, and return the answer's JSON; None where it is empty.

        Raises `TimeoutError`, and `WebRequestError` for everything else that is no success.
        """
        inside = self._check(url)
        body = b""
        if method == "POST":
            body = orjson.dumps(dict(values))
        elif values:
            url += ("&" if "?" in url else "?") + urlencode(values)
        target = URL(url, encoded=True)
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._exchange(method, target, body, inside=inside)
        except (aiohttp.ClientError, ValueError) as error:
            raise WebRequestError(type(error).__name__) from None

    async def close(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    # --- inner ------------------------------------------------------------------------------------------

    def _check(self, url: str) -> bool:
        """Whether the settings name the host. Raises `WebRequestError` for what is not asked at all."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host in self._hosts:
            return True
        if parts.scheme != "https":
            raise WebRequestError("only https, but for the hosts of flow_http.inside_hosts")
        # A name is checked where it is resolved; an address is resolved by nobody.
        if _is_address(host) and not allowed(host, (), public=True):
            raise WebRequestError("the address is inside; name its host in flow_http.inside_hosts")
        return False

    async def _exchange(self, method: Method, url: URL, body: bytes, *, inside: bool) -> Any:
        signed = body if method == "POST" else url.raw_path_qs.encode()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "hotline"}
        if method == "POST":
            headers["Content-Type"] = "application/json"
        if self._secret:
            headers[TIMESTAMP] = str(int(self._clock.now().timestamp()))
            headers[SIGNATURE] = "v1=" + signature(self._secret, headers[TIMESTAMP], signed)
        async with self._session(inside=inside).request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as response:
            if not 200 <= response.status < 300:
                raise WebRequestError(f"HTTP {response.status}")
            answer = bytearray()
            async for chunk in response.content.iter_chunked(16 * 1024):
                answer += chunk
                if len(answer) > LONGEST_ANSWER:
                    raise WebRequestError(f"an answer of more than {LONGEST_ANSWER // 1024} KiB")
        return orjson.loads(bytes(answer)) if answer else None

    def _session(self, *, inside: bool) -> aiohttp.ClientSession:
        if inside not in self._sessions:
            networks = _EVERYWHERE if inside else ()
            # No cookies, no proxy from the environment, no .netrc; an answer is read as it was sent.
            self._sessions[inside] = aiohttp.ClientSession(
                connector=guarded_connector(networks, public=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._sessions[inside]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
