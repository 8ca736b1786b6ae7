"""Lines as a real Asterisk 22 wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callflow.events import CallQueued, QueueLeft, SurveyAnswered
from cti.calls.asterisk_logs.queue_log import facts_of_line
from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, TalkEnded
from hotline.kernel.events import Event

AT = datetime.fromtimestamp(1795553382, UTC)


def told(line: str) -> list[Event]:
    return [fact.event for fact in facts_of_line(line)]


def test_a_caller_enters_a_queue() -> None:
    (fact,) = facts_of_line("1795553382|1795553382.0|public|NONE|ENTERQUEUE||+8613912345678|1")
    assert fact.unique_id == "1795553382.0"
    assert fact.event == CallQueued(at=AT, queue="public", priority=0)


def test_an_agent_answers() -> None:
    rang, answered = told("1795553385|1795553382.0|public|1001|CONNECT|3|1795553382.1|2")
    assert isinstance(rang, AgentRang)
    assert (rang.agent, rang.at.timestamp()) == ("1001", 1795553383)
    assert isinstance(answered, AgentAnswered)
    assert (answered.agent, answered.waited_seconds) == ("1001", 3)


def test_an_agent_misses_the_call() -> None:
    rang, missed = told("1795553402|1795553382.0|public|1001|RINGNOANSWER|20000")
    assert isinstance(rang, AgentRang)
    assert rang.at == AT
    assert isinstance(missed, AgentMissed)
    assert (missed.rang_seconds, missed.reason) == (20.0, "timeout")


@pytest.mark.parametrize(("event", "by"), [("COMPLETEAGENT", "agent"), ("COMPLETECALLER", "caller")])
def test_a_talk_ends(event: str, by: str) -> None:
    assert told(f"1795553382|1795553301.8|public|1002|{event}|1|60|1") == [
        TalkEnded(at=AT, agent="1002", queue="public", talk_seconds=60, by=by)
    ]


def test_the_dialplan_writes_a_lost_agent_down() -> None:
    assert told("1795553382|1795553301.8|public|1002|LOST|") == [AgentLost(at=AT, agent="1002")]


@pytest.mark.parametrize(
    ("line", "outcome", "waited"),
    [
        ("ABANDON|1|2|9", "abandoned", 9),
        ("EXITWITHTIMEOUT|1|2|60", "timed_out", 60),
        ("EXITWITHKEY|0|1|2|7", "withdrawn", 2),
        ("EXITEMPTY|1|2|4", "no_agents", 4),
    ],
)
def test_a_caller_leaves_unanswered(line: str, outcome: str, waited: int) -> None:
    assert told(f"1795553382|1795553301.8|public|NONE|{line}") == [
        QueueLeft(at=AT, queue="public", outcome=outcome, waited=waited)
    ]


def test_the_safe_flow_writes_the_survey_down() -> None:
    assert told("1795553382|1795553301.8|public|1001|SURVEY|2") == [SurveyAnswered(at=AT, rating=2, agent="1001")]
    assert told("1795553382|1795553301.8|public|1001|SURVEY|7") == []


def test_a_member_without_a_name_is_known_by_its_phone() -> None:
    rang, _ = told("1795553382|1795553301.8|public|PJSIP/1003-web|RINGNOANSWER|500")
    assert isinstance(rang, AgentRang)
    assert rang.agent == "1003"


@pytest.mark.parametrize(
    "line",
    [
        "1795553382|NONE|NONE|NONE|QUEUESTART|",
        "1795553382|CLI|public|1001|ADDMEMBER|",
        "1795553382|MANAGER|public|1001|PAUSE|lunch",
        "1795553382|1795553301.8|public|1001|SOMETHINGNEW|1|2|3",
    ],
)
def test_lines_about_no_caller_tell_nothing(line: str) -> None:
    assert facts_of_line(line) == []


@pytest.mark.parametrize("line", ["nonsense", "x|1.1|public|NONE|ENTERQUEUE|", "1|2|3", "||||"])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        facts_of_line(line)


def test_the_same_line_is_the_same_fact() -> None:
    line = "1795553385|1795553382.0|public|1001|CONNECT|3|1795553382.1|2"
    assert [fact.key for fact in facts_of_line(line)] == [fact.key for fact in facts_of_line(line)]
    assert len({fact.key for fact in facts_of_line(line)}) == 2
