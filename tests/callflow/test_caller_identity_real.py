"""Whose number and name the service is told, for all the ways in which carriers and strangers write them."""

from __future__ import annotations

import pytest

from hotline.onebox.ami import ami_dialog
from tests.phones.asterisk import RealAsterisk
from tests.phones.raw_caller import RawCaller
from tests.phones.web_caller import WebCaller

pytestmark = pytest.mark.real

MOBILE = "+8613904730001"
PILOT = "<sip:04735550000@trunk.example>"


async def heard(asterisk: RealAsterisk, from_header: str | bytes, asserted: str = "") -> tuple[str, str]:
    """Number and name in AsyncAGIStart, "" for none."""
    await asterisk.cli("dialplan set global APP_LEASE 9999999999")
    instance = asterisk.instance
    extra = f"P-Asserted-Identity: {asserted}\r\n" if asserted else ""
    async with (
        ami_dialog(instance.ami_host, instance.ami_port, instance.ami_user, instance.ami_secret) as ami,
        RawCaller.answered(asterisk, from_header, extra=extra),
    ):
        started = await ami.wait_for("AsyncAGIStart")
    number, name = started["CallerIDNum"], started["CallerIDName"]
    return number.replace("<unknown>", ""), name.replace("<unknown>", "")


@pytest.mark.parametrize(
    "asserted",
    [
        f"<sip:{MOBILE}@ims.example>, <tel:{MOBILE}>",
        f"<tel:{MOBILE}>, <sip:{MOBILE}@ims.example>",
        f"<tel:{MOBILE}>,<tel:+8613900000000>",
        f'"Wang, Wu <x>" <sip:{MOBILE};npdi@ims.example;user=phone>, <tel:{MOBILE}>',
        f"<sips:%2B8613904730001@ims.example>, <tel:{MOBILE}>",
        f"<tel:{MOBILE}>",
        f"<sip:{MOBILE}@ims.example>",
    ],
)
async def test_the_first_of_the_asserted_identities_is_the_caller(real_asterisk: RealAsterisk, asserted: str) -> None:
    assert (await heard(real_asterisk, PILOT, asserted))[0] == MOBILE
    assert (await heard(real_asterisk, "<sip:anonymous@anonymous.invalid>", asserted))[0] == MOBILE


async def test_asserted_identities_without_a_number_leave_none(real_asterisk: RealAsterisk) -> None:
    assert (await heard(real_asterisk, "<sip:x@y>", "<sip:evil@ims.example>, <sip:evil@ims.example>"))[0] == ""


@pytest.mark.parametrize(
    ("user", "number"),
    [
        ("-1", ""),
        ("abc12", ""),
        ("12abc", ""),
        ("1+1", ""),
        ("+", ""),
        (".5", ""),
        ("1%221", ""),
        ("1%0d%0a2", ""),
        ("%2B8613904730001", MOBILE),
        (MOBILE, MOBILE),
        (f"{MOBILE};phone-context=+86", MOBILE),
        ("0473-123.4567", "04731234567"),
        ("(0473)1234567", "04731234567"),
        ("12345", "12345"),
    ],
)
async def test_a_number_is_whole_or_none(real_asterisk: RealAsterisk, user: str, number: str) -> None:
    assert (await heard(real_asterisk, f"<sip:{user}@trunk.example>"))[0] == number


async def test_a_name_in_another_encoding_is_none(real_asterisk: RealAsterisk) -> None:
    header = '"王五建材" <sip:13800000001@trunk.example>'
    assert (await heard(real_asterisk, header))[1] == "王五建材"
    assert await heard(real_asterisk, header.encode("gb18030")) == ("13800000001", "")


async def test_a_browser_chooses_neither_name_nor_number(real_asterisk: RealAsterisk) -> None:
    await real_asterisk.cli("dialplan set global APP_LEASE 9999999999")
    instance = real_asterisk.instance
    async with (
        ami_dialog(instance.ami_host, instance.ami_port, instance.ami_user, instance.ami_secret) as ami,
        WebCaller(real_asterisk, "127.0.0.1", name="乌海市市长") as caller,
    ):
        assert await caller.call() == 200
        started = await ami.wait_for("AsyncAGIStart")
    assert (started["CallerIDNum"], started["CallerIDName"]) == ("<unknown>", "<unknown>")
