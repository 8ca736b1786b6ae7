"""Lines as a real Asterisk 22 wrote them, by asterisk-config/cdr_custom.conf."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callflow.events import CallArrived, CallEnded, SafeFlowUsed
from cti.calls.asterisk_logs.cdr import caller_leg

CALLER = (
    '"01a20f52-5034-7db2-91cb-93222c5423a8","1795553382.0","1795553382.0","0",1795553382.451804,1795553382.452380,'
    '1795553397.000312,14.548508,14.547932,"ANSWERED","+8613912345678","""李雷 \\""经理\\"""" <+8613912345678>",'
    '"no-client","PJSIP/trunk-00000000","PJSIP/1001-00000001","Queue","public,cib(hotline-leg^s^1),,,,,hotline-agent",""'
)


def test_the_callers_leg_is_the_call() -> None:
    leg = caller_leg(CALLER)
    assert leg is not None
    arrived, ended, safe = (fact.event for fact in leg.facts)
    assert isinstance(arrived, CallArrived)
    assert (arrived.call_id, arrived.caller_number) == ("01a20f52-5034-7db2-91cb-93222c5423a8", "+8613912345678")
    assert arrived.caller_name == '李雷 "经理"'
    assert (arrived.entry, arrived.dialed, arrived.at.timestamp()) == ("trunk", "12345", 1795553382.451804)
    assert isinstance(ended, CallEnded)
    assert (ended.at.timestamp(), ended.cause, ended.by) == (1795553397.000312, -1, "")
    assert isinstance(safe, SafeFlowUsed)
    assert safe.reason == "no-client"


@pytest.mark.parametrize(
    ("was", "instead", "reason"),
    [
        ('"no-client"', '"dead-man"', "dead-man"),
        ('"no-client"', '"n_menu"', "unmatched"),
        ('hotline-agent",""', 'hotline-agent","safe:stale-lease"', "stale-lease"),
    ],
)
def test_how_the_safe_flow_shows(was: str, instead: str, reason: str) -> None:
    leg = caller_leg(CALLER.replace(was, instead))
    assert leg is not None
    assert [fact.event.reason for fact in leg.facts if isinstance(fact.event, SafeFlowUsed)] == [reason]


@pytest.mark.parametrize("extension", ['"12345"', '"s"', '"enterprise"'])
def test_a_call_that_the_service_had_used_no_safe_flow(extension: str) -> None:
    leg = caller_leg(CALLER.replace('"no-client"', extension))
    assert leg is not None
    assert len(leg.facts) == 2


@pytest.mark.parametrize(
    ("channel", "entry"),
    [("PJSIP/web-caller-00000001", "web"), ("PJSIP/1004-web-00000001", "agent"), ("PJSIP/trunk-0000000a", "trunk")],
)
def test_how_the_call_came_in(channel: str, entry: str) -> None:
    leg = caller_leg(CALLER.replace("PJSIP/trunk-00000000", channel))
    assert leg is not None
    arrived = leg.facts[0].event
    assert isinstance(arrived, CallArrived)
    assert arrived.entry == entry


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        ('"1795553382.0","1795553382.0"', '"1795553382.1","1795553382.0"'),  # the agent's leg
        ('"1795553382.0","1795553382.0"', '"hotline-0195a5d0","hotline-0195a5d0"'),  # a specialist's
        ('"1795553382.0","1795553382.0"', '"1795553482.0","1795553482.0"'),  # a leg made later
        ('"01a20f52-5034-7db2-91cb-93222c5423a8"', '""'),  # an announcement
        ('"01a20f52-5034-7db2-91cb-93222c5423a8"', '"../../etc/passwd"'),
    ],
)
def test_other_legs_are_no_calls(was: str, instead: str) -> None:
    assert caller_leg(CALLER.replace(was, instead)) is None


def test_times_as_people_write_them() -> None:
    leg = caller_leg(CALLER.replace("1795553397.000312", '"2026-11-24T20:49:57+00:00"'))
    assert leg is not None
    assert leg.ended_at.timestamp() == 1795553397


@pytest.mark.parametrize("line", ["nonsense", '"a","b"', CALLER.replace("1795553382.451804", "yesterday")])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        caller_leg(line)


STARTED, ENDED = "1795553382.451804", "1795553397.000312"
MADE, WRITTEN = 1795553382.0, datetime.fromtimestamp(1795553400, UTC)


def moments(line: str, written: datetime = WRITTEN) -> tuple[float, float]:
    leg = caller_leg(line, written)
    assert leg is not None
    return leg.facts[0].event.at.timestamp(), leg.facts[1].event.at.timestamp()


@pytest.mark.parametrize(
    ("start", "end", "began", "ended"),
    [
        (STARTED, ENDED, float(STARTED), float(ENDED)),
        ("0", ENDED, MADE, float(ENDED)),
        ("0.000000", "0.000000", MADE, MADE),
        (STARTED, "0", float(STARTED), float(STARTED)),
        (STARTED, "1795553000.000000", float(STARTED), float(STARTED)),
        ("9999999999.0", ENDED, MADE, float(ENDED)),
        (STARTED, "9999999999.0", float(STARTED), float(STARTED)),
        ("1970-01-01T00:00:00+00:00", ENDED, MADE, float(ENDED)),
    ],
)
def test_times_that_cannot_be_are_bounded(start: str, end: str, began: float, ended: float) -> None:
    assert moments(CALLER.replace(STARTED, start).replace(ENDED, end)) == (began, ended)


def test_no_call_began_after_its_file_was_written() -> None:
    """Its ids are of a time that was still to come then: the clock was set back."""
    began, ended = moments(CALLER.replace(STARTED, "0"), datetime.fromtimestamp(MADE - 5000, UTC))
    assert (began, ended) == (MADE - 5000, MADE - 5000)
