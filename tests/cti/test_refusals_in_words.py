"""Whatever refuses an agent's command has a sentence in the page's two languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cti.desktop.commands
import cti.presence.service
import cti.threeway.service
import ivr.errors
from hotline.kernel.errors import HotlineError

WEB = Path(__file__).parents[2] / "web" / "src" / "i18n"
OF_COMMANDS = ("presence.", "threeway.", "phone.", "command.", "service.")
NEVER_A_COMMANDS = {
    "phone.call_ended",
    "phone.call_left",
    "phone.flow_restarted",
    "phone.lease_held",
    "phone.login_refused",
    "phone.unsafe_value",
}
"""Of a call's own flow, of the link, and of our own bugs."""


def _kinds(root: type[HotlineError]) -> Iterator[type[HotlineError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def refusals() -> set[str]:
    assert all((cti.desktop.commands, cti.presence.service, cti.threeway.service, ivr.errors))
    ids = {kind.error_id for kind in _kinds(HotlineError) if kind.error_id.startswith(OF_COMMANDS)}
    return (ids | {"service.fault"}) - NEVER_A_COMMANDS


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_refusal_is_said_in_the_agents_language(language: str) -> None:
    text = (WEB / f"office.{language}.ts").read_text()
    assert {error_id for error_id in refusals() if f'"{error_id}":' not in text} == set()
