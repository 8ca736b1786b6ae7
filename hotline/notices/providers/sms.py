"""SMS: through an HTTP interface that the settings describe, or into a file for trials and tests."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import orjson

from hotline.kernel.clock import Clock
from hotline.kernel.gate import Network
from hotline.kernel.settings import SettingsError
from hotline.notices.ports import Parcel, SendFailedError
from hotline.notices.providers.http import OutgoingHttp
from hotline.notices.settings import SmsSettings

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_KNOWN = ("number", "text", "id")
_TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json; charset=utf-8"}


class FileSms:
    """One JSON line for each SMS, appended whole or not at all, also with several processes."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    async def send(self, parcel: Parcel) -> None:
        line = {
            "id": parcel.id,
            "at": self._clock.now(),
            "kind": parcel.kind,
            "number": parcel.recipient,
            "text": parcel.text,
        }
        try:
            await asyncio.to_thread(_append, self._path, orjson.dumps(line) + b"\n")
        except OSError as error:
            raise SendFailedError(f"The file of sms.file cannot be written: {error.strerror}.") from None

    async def close(self) -> None:
        pass


class HttpSms:
    """Raises `SettingsError` where the settings cannot be used: at the start, not at the first SMS."""

    def __init__(self, settings: SmsSettings, networks: Sequence[Network]) -> None:
        self._settings = settings
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        _check(settings)
        self._http = OutgoingHttp(settings.url, networks, secrets=[*self._headers.values()])

    async def send(self, parcel: Parcel) -> None:
        settings = self._settings
        values = {"number": parcel.recipient, "text": parcel.text, "id": parcel.id}
        body = None
        headers = {"User-Agent": "hotline", "Idempotency-Key": parcel.id, **self._headers}
        if settings.method == "POST":
            body = fill(settings.body, values, _encode_for(settings)).encode()
            headers.setdefault("Content-Type", _TYPES[settings.format])
        url = fill(settings.url, values, lambda value: quote(value, safe=""))
        hidden = [parcel.recipient, parcel.text]
        answer = await self._http.request(settings.method, url, headers=headers, body=body, hidden=hidden)
        if settings.success and not re.search(settings.success, answer):
            # Many gateways answer 200 whatever they think of a message.
            raise SendFailedError(f"Refused by the gateway: {self._http.quote(answer, hidden)}")

    async def close(self) -> None:
        await self._http.close()


def fill(template: str, values: Mapping[str, str], encode: Callable[[str], str]) -> str:
    """The placeholders of `template` replaced by encoded values, in one pass: a value is never read as a template."""
    return _PLACEHOLDER.sub(lambda found: encode(values[found[1]]), template)


def _encode_for(settings: SmsSettings) -> Callable[[str], str]:
    if settings.format == "json":
        return lambda value: json.dumps(value, ensure_ascii=False)[1:-1]
    return lambda value: quote_plus(value, safe="")


def _check(settings: SmsSettings) -> None:
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("sms.url must be the gateway's URL: https://<host>/<path>.")
    if "{" in parts.netloc or parts.username is not None:
        raise SettingsError("sms.url: no placeholder and no user name may stand in the host; use sms.headers.")
    for name, template in (("sms.url", settings.url), ("sms.body", settings.body)):
        if unknown := [found for found in _PLACEHOLDER.findall(template) if found not in _KNOWN]:
            raise SettingsError(f"{name}: {{{unknown[0]}}} is no placeholder; there are {{number}}, {{text}}, {{id}}.")
    used = set(_PLACEHOLDER.findall(settings.url + (settings.body if settings.method == "POST" else "")))
    if lacking := {"number", "text"} - used:
        raise SettingsError(f"sms: neither url nor body holds {{{sorted(lacking)[0]}}}.")
    if settings.method == "POST" and settings.format == "json":
        sample = fill(settings.body, dict.fromkeys(_KNOWN, '"\\\n'), _encode_for(settings))
        try:
            orjson.loads(sample)
        except orjson.JSONDecodeError:
            raise SettingsError('sms.body is not JSON; placeholders stand within quotes: "{number}".') from None


def _append(path: Path, line: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = os.fstat(file).st_size
        if os.write(file, line) != len(line):
            os.ftruncate(file, end)
            raise OSError(28, "no space left")
        os.fsync(file)
    finally:
        os.close(file)
