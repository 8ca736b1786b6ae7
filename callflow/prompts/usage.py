"""Which flows, announcements and parts of the system say a prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.announcements import repository as announcements
from callflow.lint import World
from callflow.lint.check import subject_of
from callflow.prompts.schemas import PromptUse, UseKind
from callflow.versions import repository as flows
from callflow.versions.seed import digest_of_draft
from callflow.versions.state import FlowAlias
from callflow.versions.text import of_json

FlowVersionName = Literal["draft", "live", "test"]
_READ_OUT = ("digits/", "month-", "date-", "money-", "digit-")
_DIALPLAN = frozenset(
    {"agent-number-before", "agent-number-after", "agent-lost", "specialist-offer", "system-trouble", "goodbye"}
)
_PROGRESS = "progress-"
_FLOW_ALONE = frozenset({"progress-more"})
"""Named like those of an action, but only flows say it."""


@dataclass(frozen=True, slots=True)
class SpeakingNode:
    id: str
    label: str
    prompts: frozenset[str]


class PromptUsage:
    """Remembers what it has read of each document, for they rarely change."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[SpeakingNode, ...]] = {}

    async def uses(self, db: AsyncSession, now: datetime) -> dict[str, list[PromptUse]]:
        """By prompt: flows first, in the order of their ids."""
        found: dict[str, list[PromptUse]] = {}
        used: dict[str, tuple[SpeakingNode, ...]] = {}
        for flow in await flows.flows(db):
            speakers: dict[FlowVersionName, tuple[SpeakingNode, ...]] = {}
            digest = digest_of_draft(flow)
            speakers["draft"] = used[digest] = await self._speakers(digest, flow.draft)
            for alias in FlowAlias:
                for publication in await flows.started(db, flow.id, alias, now):
                    row = await flows.version(db, flow.id, publication.number)
                    if row is not None:
                        speakers[alias.value] = used[row.digest] = await self._speakers(row.digest, row.content)
            for id, use in _in_flow(flow.id, flow.title, speakers):
                found.setdefault(id, []).append(use)
        self._read = used
        for one in await announcements.announcements(db):
            use = _outside_flows("announcement", one.topic)
            found.setdefault(one.prompt, []).append(use)
        return found

    async def _speakers(self, digest: str, content: str) -> tuple[SpeakingNode, ...]:
        if digest not in self._read:
            self._read[digest] = await asyncio.to_thread(lambda: tuple(_speaking(of_json(content))))
        return self._read[digest]


def built_in(prompt: str) -> PromptUse | None:
    """What says it besides flows; None where nothing does."""
    kind: UseKind
    if prompt.startswith(_READ_OUT):
        kind, name = "reading", "numbers"
    elif prompt.startswith(_PROGRESS) and prompt not in _FLOW_ALONE:
        kind, name = "action", "case_progress"
    elif prompt in _DIALPLAN:
        kind, name = "dialplan", "extensions"
    elif prompt.startswith("queue-") and prompt not in ("queue-wait", "queue-busy"):
        kind, name = "queue", "queues.conf"
    else:
        return None
    return _outside_flows(kind, name)


def _outside_flows(kind: UseKind, name: str) -> PromptUse:
    return PromptUse(kind=kind, name=name, title="", node="", label="", versions=[])


def _speaking(content: Mapping[str, Any]) -> Iterator[SpeakingNode]:
    """The nodes that say something, as far as the document can be read."""
    subject, _ = subject_of(content, World(today=date.min))
    if subject is None:
        return
    for node in subject.nodes.values():
        if said := frozenset(item for _, item in subject.speech(node) if isinstance(item, str)):
            yield SpeakingNode(node.id, node.label, said)


def _in_flow(
    flow: str, title: str, speakers: Mapping[FlowVersionName, tuple[SpeakingNode, ...]]
) -> Iterator[tuple[str, PromptUse]]:
    uses: dict[tuple[str, str], PromptUse] = {}
    for version, nodes in speakers.items():
        for node in nodes:
            for prompt in sorted(node.prompts):
                new = PromptUse(kind="flow", name=flow, title=title, node=node.id, label=node.label, versions=[])
                uses.setdefault((prompt, node.id), new).versions.append(version)
    for (prompt, _), use in uses.items():
        yield prompt, use
