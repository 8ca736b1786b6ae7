"""Where a call through the compiled flow differs from the engine's, and whether its actions say that it may. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from callflow.document import CheckedNode, Flow
from callflow.drill.record import DrillCall, DrillStep
from callflow.lint.safe import losses_of

SPEECH_ALONE = frozenset({"say", "survey"})
"""What these state changes no way."""


@dataclass(frozen=True, slots=True)
class DrillDifference:
    """At `node`: with the service so, without it otherwise. `stated` is what its action says of it, in two languages;
    "" where it says nothing, and the two should have been equal.
    """

    node: str
    zh: str
    en: str
    stated_zh: str = ""
    stated_en: str = ""

    @property
    def stated(self) -> bool:
        return bool(self.stated_en)


def differences(flow: Flow, engine: DrillCall, compiled: DrillCall) -> Iterator[DrillDifference]:
    """In the order of the call. The calls have nothing more in common after a node whose outcome differs, or that took
    more of the caller's answers in one of them.
    """
    before: CheckedNode | None = None
    for with_service, without in zip_longest(engine.steps, compiled.steps):
        if _node(with_service) != _node(without):
            yield _parted(before, _node(with_service), _node(without))
            return
        assert with_service is not None
        assert without is not None
        before = flow.nodes[with_service.node]
        if with_service.questions != without.questions:
            yield _asked(before, with_service.questions, without.questions)
            return
        if with_service.prompts != without.prompts:
            yield _said(before, with_service.prompts, without.prompts)
    for failure in engine.failures:
        yield DrillDifference("", f"流程出错：{failure}", f"the flow failed: {failure}")
    if engine.queues != compiled.queues:
        queues = f"{_list(engine.queues)}; {_list(compiled.queues)}"
        yield _difference(before, f"队列 {queues}", f"queues {queues}")
    elif engine.ended_by != compiled.ended_by:
        zh = f"由 {engine.ended_by} 结束／由 {compiled.ended_by} 结束"
        yield _difference(before, zh, f"ended by {engine.ended_by}, without the service by {compiled.ended_by}")


def _node(step: DrillStep | None) -> str:
    return step.node if step is not None else ""


def _parted(before: CheckedNode | None, one: str, other: str) -> DrillDifference:
    zh = f"之后到「{one or '结束'}」；服务停止时到「{other or '结束'}」"
    en = f"then {one or 'the end'}; without the service {other or 'the end'}"
    return _difference(before, zh, en, may=before is not None and _changes_way(before))


def _asked(node: CheckedNode, one: int, other: int) -> DrillDifference:
    zh = f"询问 {one} 次；服务停止时 {other} 次"
    return _difference(node, zh, f"asks {one} times; without the service {other} times", may=_changes_way(node))


def _changes_way(node: CheckedNode) -> bool:
    return node.action.name not in SPEECH_ALONE


def _said(node: CheckedNode, one: list[str], other: list[str]) -> DrillDifference:
    zh = f"播放 {_list(one)}；服务停止时播放 {_list(other)}"
    return _difference(node, zh, f"says {_list(one)}; without the service {_list(other)}")


def _list(prompts: list[str]) -> str:
    return " ".join(prompts) or "-"


def _difference(node: CheckedNode | None, zh: str, en: str, *, may: bool = True) -> DrillDifference:
    if node is None:
        return DrillDifference("", zh, en)
    losses = list(losses_of(node)) if may else []
    return DrillDifference(node.id, zh, en, " ".join(one.zh for one in losses), " ".join(one.en for one in losses))
