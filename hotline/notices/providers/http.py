"""One HTTP request out: time-boxed, no redirect followed, TLS verified, and an answer of which little is read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.gate import Network
from hotline.notices.ports import SendFailedError
from hotline.notices.providers.addresses import AddressRefusedError, allowed, guarded_connector

LONGEST_BODY = 64 * 1024
_LONGEST_ANSWER = 64 * 1024
_LONGEST_QUOTE = 120
TIME_LIMIT = 10.0
"""Seconds for the whole of it."""
_DIGITS = re.compile(r"\d{7,}")
_TRY_AGAIN = frozenset({408, 425, 429})
_NOT_SHOWN = re.compile(r"[^\x20-\x7e\u00a1-\uffef]+")


class OutgoingHttp:
    """Sends to one URL. An https URL may be anywhere public, and in the `networks`; an http one only in those."""

    def __init__(self, url: str, networks: Sequence[Network], *, secrets: Sequence[str] = ()) -> None:
        """`secrets` never stand in an error, should the receiver repeat them."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._public = parts.scheme == "https"
        self._networks = networks
        self._secrets = [secret for secret in secrets if secret]
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, hidden: Sequence[str] = ()
    ) -> str:
        """The answer's text, of a request that succeeded. Raises `SendFailedError`; `hidden` is not quoted in it."""
        self._check_literal_address()
        if body is not None and len(body) > LONGEST_BODY:
            raise SendFailedError(f"The message is larger than {LONGEST_BODY // 1024} KiB.", permanent=True)
        try:
            async with asyncio.timeout(TIME_LIMIT):
                status, answer = await self._exchange(method, url, headers, body)
        except TimeoutError:
            raise SendFailedError(f"No answer within {TIME_LIMIT:g} s.") from None
        except aiohttp.ClientError as error:
            raise _failure(error) from None
        if 200 <= status < 300:
            return answer
        if 300 <= status < 400:
            raise SendFailedError(f"HTTP {status}: redirects are not followed; set the final URL.", permanent=True)
        quote = self.quote(answer, hidden)
        permanent = status < 500 and status not in _TRY_AGAIN
        raise SendFailedError(f"HTTP {status}{': ' if quote else ''}{quote}", permanent=permanent)

    def quote(self, answer: str, hidden: Sequence[str] = ()) -> str:
        """The begin of an answer, for a reason: without secrets, numbers and what is not text."""
        for secret in (*self._secrets, *hidden):
            answer = answer.replace(secret, "***")
        # First one by one: two with a space between them would count as one long number.
        answer = _DIGITS.sub(lambda found: mask_number(found[0]), answer)
        return mask_numbers_in(_NOT_SHOWN.sub(" ", answer)).strip()[:_LONGEST_QUOTE]

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, str]:
        if self._session is None:
            # No cookies, no proxy from the environment, no .netrc.
            self._session = aiohttp.ClientSession(
                connector=guarded_connector(self._networks, public=self._public), cookie_jar=aiohttp.DummyCookieJar()
            )
        # It is quoted already, and not to be quoted again.
        async with self._session.request(
            method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
        ) as response:
            answer = await response.content.read(_LONGEST_ANSWER)
            return response.status, answer.decode("utf-8", errors="replace")

    def _check_literal_address(self) -> None:
        """A host that is an address is resolved by nobody, so its check is here."""
        literal = self._host.replace(".", "").isdigit() or ":" in self._host
        if literal and not allowed(self._host, self._networks, public=self._public):
            raise _refused()


def _failure(error: aiohttp.ClientError) -> SendFailedError:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return SendFailedError("The receiver's TLS certificate is not valid.")
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, AddressRefusedError):
            return _refused()
        case aiohttp.ClientConnectorError():
            return SendFailedError(f"No connection: {error.os_error.strerror or 'the host is not found'}.")
        case aiohttp.InvalidURL():
            return SendFailedError("The URL in the settings is not valid.", permanent=True)
    return SendFailedError(f"The exchange failed: {type(error).__name__}.")


def _refused() -> SendFailedError:
    return SendFailedError(
        "The address is private, or is not reached by https; name its network in notices.private_networks.",
        permanent=True,
    )
