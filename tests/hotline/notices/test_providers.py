"""How messages leave: what the receiver gets, and what is refused before anything is connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr

from hotline.kernel.gate import Network
from hotline.kernel.settings import SettingsError
from hotline.notices.ports import Notifier, Parcel, SendFailedError
from hotline.notices.providers.addresses import AddressRefusedError, GuardedResolver, allowed
from hotline.notices.providers.sms import FileSms, HttpSms
from hotline.notices.providers.webhook import WebhookNotifier
from hotline.notices.settings import SmsSettings, WebhookSettings
from tests.fakes.clock import FakeClock
from tests.hotline.notices.receivers import Receiver

HERE: list[Network] = [ipaddress.ip_network("127.0.0.0/8")]
SECRET = "a secret of the unit"
NUMBER = "+8613912345678"
DOCS = Path(__file__).parents[3] / "docs" / "notices.md"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    yield receiver
    await receiver.close()


def parcel(text: str = "工单 1 已办结") -> Parcel:
    return Parcel(id="m-1", kind="case_closed", recipient=NUMBER, text=text)


async def refusal(notifier: Notifier, sent: Parcel) -> SendFailedError:
    with pytest.raises(SendFailedError) as caught:
        await notifier.send(sent)
    await notifier.close()
    return caught.value


def webhook(url: str, clock: FakeClock, networks: list[Network] = HERE) -> WebhookNotifier:
    return WebhookNotifier([WebhookSettings(name="city", url=url, secret=SecretStr(SECRET))], networks, clock)


async def posted(receiver: Receiver, clock: FakeClock) -> None:
    notifier = webhook(await receiver.start() + "/hook?a=1", clock)
    await notifier.send(Parcel(id="m-1", kind="urged", recipient="city", payload={"kind": "urged"}))
    await notifier.close()


async def test_a_webhook_is_signed_and_the_documented_check_accepts_it_and_nothing_else(
    receiver: Receiver, clock: FakeClock
) -> None:
    await posted(receiver, clock)
    (came,) = receiver.came
    assert (came.path, came.query, came.headers["Idempotency-Key"]) == ("/hook", "a=1", "m-1")
    assert json.loads(came.body) == {"id": "m-1", "kind": "urged"}
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(example, scope)
    now = clock.now().timestamp()
    assert scope["is_genuine"](came.headers, came.body, SECRET, now)
    assert not scope["is_genuine"](came.headers, came.body + b" ", SECRET, now)
    assert not scope["is_genuine"](came.headers, came.body, "another secret", now)
    assert not scope["is_genuine"](came.headers, came.body, SECRET, now + 301)
    assert not scope["is_genuine"]({}, came.body, SECRET, now)
    assert len(example.strip().splitlines()) <= 10


@pytest.mark.parametrize(
    ("status", "permanent"), [(500, False), (503, False), (429, False), (408, False), (400, True), (404, True)]
)
async def test_an_answer_that_is_no_success_is_a_failure(
    receiver: Receiver, clock: FakeClock, status: int, permanent: bool
) -> None:
    receiver.status, receiver.answer = status, f"no: {SECRET} {NUMBER}, 13912345678\n\x07"
    error = await refusal(webhook(await receiver.start(), clock), Parcel(id="m", kind="k", recipient="city"))
    assert error.permanent is permanent
    assert error.detail == f"HTTP {status}: no: *** +86139****5678, 139****5678"


async def test_a_redirect_is_not_followed(receiver: Receiver, clock: FakeClock) -> None:
    receiver.status, receiver.headers = 302, {"Location": "/elsewhere"}
    error = await refusal(webhook(await receiver.start(), clock), Parcel(id="m", kind="k", recipient="city"))
    assert "redirects are not followed" in error.detail
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_private_addresses_are_refused_unless_the_settings_name_them(
    clock: FakeClock, scheme: str, host: str
) -> None:
    error = await refusal(webhook(f"{scheme}://{host}:9/", clock, []), Parcel(id="m", kind="k", recipient="city"))
    assert "notices.private_networks" in error.detail


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("fe80::1%eth0", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_are_public(address: str, may: bool) -> None:
    assert allowed(address, [], public=True) is may
    assert not allowed(address, [], public=False)


async def test_of_a_name_with_a_public_and_a_private_address_only_the_public_one_is_used() -> None:
    class TwoFaced(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            one = {"hostname": host, "port": port, "family": family, "proto": 0, "flags": 0}
            return [ResolveResult(host=address, **one) for address in ("10.0.0.1", "8.8.8.8")]  # type: ignore[typeddict-item]

        async def close(self) -> None:
            pass

    found = await GuardedResolver([], public=True, inner=TwoFaced()).resolve("x", 443)
    assert [one["host"] for one in found] == ["8.8.8.8"]
    with pytest.raises(AddressRefusedError):
        await GuardedResolver([], public=False, inner=TwoFaced()).resolve("x", 443)


async def test_a_certificate_that_nobody_vouches_for_is_refused(clock: FakeClock, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    made = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    error = await refusal(webhook(f"https://localhost:{port}/", clock), Parcel(id="m", kind="k", recipient="city"))
    assert (error.detail, error.permanent) == ("The receiver's TLS certificate is not valid.", False)
    server.close()


async def test_what_is_too_large_and_a_webhook_that_is_gone_are_given_up(receiver: Receiver, clock: FakeClock) -> None:
    notifier = webhook(await receiver.start(), clock)
    large = Parcel(id="m", kind="k", recipient="city", payload={"x": "x" * 70_000})
    assert (await refusal(notifier, large)).permanent
    assert (await refusal(notifier, Parcel(id="m", kind="k", recipient="other"))).permanent
    assert receiver.came == []


NASTY = '工单"\\\n&{number}={id}%20 😀'


@pytest.mark.parametrize(
    ("format", "body"),
    [("json", '{"to": ["{number}"], "text": "{text}", "id": "{id}"}'), ("form", "to={number}&text={text}&id={id}")],
)
async def test_an_sms_gateway_gets_number_and_text_whole_in_json_and_forms(
    receiver: Receiver, format: Any, body: str
) -> None:
    settings = SmsSettings(
        provider="http",
        url=await receiver.start() + "/send/{number}?q={text}",
        headers={"Authorization": SecretStr("Bearer k3y")},
        format=format,
        body=body,
    )
    notifier = HttpSms(settings, HERE)
    await notifier.send(parcel(NASTY))
    await notifier.close()
    (came,) = receiver.came
    assert came.path == f"/send/{NUMBER}"
    assert parse_qs(came.query, strict_parsing=True) == {"q": [NASTY]}
    assert came.headers["Authorization"] == "Bearer k3y"
    assert came.headers["Idempotency-Key"] == "m-1"
    if format == "json":
        assert json.loads(came.body) == {"to": [NUMBER], "text": NASTY, "id": "m-1"}
    else:
        assert parse_qs(came.body.decode(), strict_parsing=True) == {"to": [NUMBER], "text": [NASTY], "id": ["m-1"]}


async def test_a_gateway_that_answers_200_and_refuses_is_a_failure_without_number_text_or_key(
    receiver: Receiver,
) -> None:
    receiver.answer = f'{{"code": 7, "msg": "no credit for k3y-abc, {NUMBER}: 工单 1 已办结"}}'
    settings = SmsSettings(
        provider="http",
        url=await receiver.start(),
        headers={"X-Key": SecretStr("k3y-abc")},
        success=r'"code":\s*0\b',
    )
    error = await refusal(HttpSms(settings, HERE), parcel())
    assert error.detail == 'Refused by the gateway: {"code": 7, "msg": "no credit for ***, ***: ***"}'
    receiver.answer = '{"code": 0}'
    notifier = HttpSms(settings, HERE)
    await notifier.send(parcel())
    await notifier.close()


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"url": "ftp://x"}, "sms.url must be"),
        ({"url": "https://{number}.example/"}, "in the host"),
        ({"url": "https://me:pw@example/"}, "in the host"),
        ({"body": '{"n": "{numbr}", "t": "{text}"}'}, "{numbr}"),
        ({"body": '{"t": "{text}"}'}, "{number}"),
        ({"body": '{"n": {number}, "t": "{text}"}'}, "not JSON"),
        ({"method": "GET"}, "neither url nor body"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_the_start(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(complaint)):
        HttpSms(SmsSettings(**{"provider": "http", "url": "https://sms.example/", **fields}), [])


async def test_many_sms_at_once_are_one_line_each_in_a_file_that_only_we_read(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "new" / "sms.jsonl"
    notifier = FileSms(path, clock)
    await asyncio.gather(*(notifier.send(parcel("字" * 300)) for _ in range(20)))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in lines] == [NUMBER] * 20
    assert path.stat().st_mode & 0o777 == 0o600
    error = await refusal(FileSms(tmp_path, clock), parcel())
    assert (error.detail, error.permanent) == ("The file of sms.file cannot be written: Is a directory.", False)
