"""Pure: lines of Asterisk's queue_log → the events that the service would have published.

A line: seconds since 1970 | the caller's channel by unique id | queue | agent | event | details. Which call the
channel was is not in the line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from callflow.events import CallQueued, QueueLeft, SurveyAnswered
from cti.calls.asterisk_logs.facts import LoggedFact
from cti.events import AgentAnswered, AgentLost, AgentMissed, AgentRang, TalkEnded
from hotline.kernel.events import Event
from ivr.dialplan import agent_number

_NOBODY = frozenset({"", "NONE", "MANAGER", "CLI", "REALTIME"})
"""In the place of a channel: lines about members and the log itself."""
_FIELDS = 5


class _Line:
    """One line, taken apart."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.at = datetime.fromtimestamp(float(fields[0]), UTC)
        self.unique_id, self.queue, agent, self.event = fields[1:_FIELDS]
        # Members have their agent's number for a name; one that somebody added by hand may have none.
        self.agent = agent_number(agent)
        self._details = fields[_FIELDS:]

    def number(self, place: int) -> int:
        """The detail at `place`, a whole number; 0 where there is none."""
        text = self._details[place] if place < len(self._details) else ""
        return max(0, int(text)) if text.strip().lstrip("-").isdigit() else 0


def facts_of_line(text: str) -> list[LoggedFact]:
    """The facts of a line about a caller. Raises ValueError if it is not a line of a queue_log."""
    fields = text.split("|")
    if len(fields) < _FIELDS:
        raise ValueError("too few fields")
    line = _Line(fields)
    events_of = _EVENTS.get(line.event)
    if events_of is None or line.unique_id in _NOBODY:
        return []
    digest = hashlib.sha256(text.encode()).hexdigest()[:40]
    return [
        LoggedFact(key=f"q-{digest}-{place}", unique_id=line.unique_id, event=event)
        for place, event in enumerate(events_of(line))
    ]


def _entered(line: _Line) -> list[Event]:
    return [CallQueued(at=line.at, queue=line.queue, priority=0)]


def _connected(line: _Line) -> list[Event]:
    waited, rang = line.number(0), line.number(2)
    return [
        AgentRang(at=line.at - timedelta(seconds=rang), agent=line.agent, queue=line.queue),
        AgentAnswered(at=line.at, agent=line.agent, queue=line.queue, waited_seconds=waited),
    ]


def _missed(reason: str) -> Callable[[_Line], list[Event]]:
    def events_of(line: _Line) -> list[Event]:
        rang = line.number(0) / 1000
        began = line.at - timedelta(seconds=rang)
        return [
            AgentRang(at=began, agent=line.agent, queue=line.queue),
            AgentMissed(at=line.at, agent=line.agent, queue=line.queue, rang_seconds=rang, reason=reason),
        ]

    return events_of


def _completed(by: str) -> Callable[[_Line], list[Event]]:
    def events_of(line: _Line) -> list[Event]:
        talked = line.number(1)
        return [TalkEnded(at=line.at, agent=line.agent, queue=line.queue, talk_seconds=talked, by=by)]

    return events_of


def _left(outcome: str) -> Callable[[_Line], list[Event]]:
    def events_of(line: _Line) -> list[Event]:
        return [QueueLeft(at=line.at, queue=line.queue, outcome=outcome, waited=line.number(2))]

    return events_of


def _lost(line: _Line) -> list[Event]:
    return [AgentLost(at=line.at, agent=line.agent)]


def _surveyed(line: _Line) -> list[Event]:
    rating = line.number(0)
    return [SurveyAnswered(at=line.at, rating=rating, agent=line.agent)] if 1 <= rating <= 5 else []


_EVENTS: Mapping[str, Callable[[_Line], list[Event]]] = {
    "ENTERQUEUE": _entered,
    "CONNECT": _connected,
    "RINGNOANSWER": _missed("timeout"),
    "RINGCANCELED": _missed("withdrawn"),
    "COMPLETECALLER": _completed("caller"),
    "COMPLETEAGENT": _completed("agent"),
    "ABANDON": _left("abandoned"),
    "EXITWITHTIMEOUT": _left("timed_out"),
    "EXITWITHKEY": _left("withdrawn"),
    "EXITEMPTY": _left("no_agents"),
    # Written by the dialplan (hotline-lost).
    "LOST": _lost,
    # Written by the safe flow (callflow/compile).
    "SURVEY": _surveyed,
}
