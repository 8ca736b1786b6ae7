"""One action run over the fake telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callflow.action import CallFacts, FlowContext, FlowPorts
from callflow.ports import NobodyKnown, NoCases, QueueFigures
from callflow.registry import all_actions
from hotline.calendars.seed import installed_calendars
from hotline.kernel.events import Event
from tests.fakes.clock import FakeClock
from tests.fakes.telephony import FakeTelephony


@dataclass
class Bench:
    """`await Bench().run("say", value="12")`; then `said`, `noted`, `facts`."""

    facts: CallFacts = field(default_factory=lambda: CallFacts("call-1", "13904730001", dialed="12345", entry="trunk"))
    answers: Iterable[str] = ()
    figures: dict[str, QueueFigures] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    noted: list[str] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    ports: dict[str, Any] = field(default_factory=dict)

    async def run(self, name: str, **options: Any) -> str:
        action = all_actions()[name]
        telephony = FakeTelephony(self.answers)
        figures: Callable[[str], QueueFigures | None] = self.figures.get
        ctx = FlowContext(
            telephony=telephony,
            facts=self.facts,
            ports=FlowPorts(
                directory=NobodyKnown(),
                calendars=lambda: installed_calendars(2027),
                clock=self.clock,
                recordings=Path("/recordings"),
                progress=NoCases(),
                queues=figures,
                **self.ports,
            ),
            node="here",
            publish=self.published.append,
            note_digits=self.noted.append,
        )
        outcome = await action.run(ctx, action.options.model_validate(options))
        self.said = telephony.said
        return outcome
