"""How long a node keeps a caller, by outcome: who presses at once, and who hears everything out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from callflow.document import CheckedNode
from callflow.lint.world import World, digit_seconds
from callflow.speech import SpeechItem

_FACT_DIGITS = 11
"""Of a telephone number, the longest fact that is read out."""
_NUMBER_DIGITS, _CODE_DIGITS = 14, 8
"""What a caller types to hear how a case stands."""


class NodeSeconds(NamedTuple):
    """`quick` for who knows the flow and presses at once, `full` for who hears all and uses all patience."""

    quick: float
    full: float


class NodeTiming:
    """Seconds in one language."""

    def __init__(self, world: World, language: str) -> None:
        self._world = world
        self._language = language

    def speech(self, items: Iterable[SpeechItem]) -> float:
        """How long it takes to say it all."""
        return sum(self._item(item) for item in items)

    def _item(self, item: SpeechItem) -> float:
        if isinstance(item, str):
            return self._world.seconds(item, self._language)
        text = next(filter(None, item.model_dump().values()), "")
        return digit_seconds(_FACT_DIGITS if "{" in text else len(text))

    def outcomes(self, node: CheckedNode) -> Mapping[str, NodeSeconds]:
        """By outcome; a menu's `no_menu` is left out, because it is taken on special days alone."""
        return _RULES.get(node.action.name, _plain)(self, node)

    def before_key(self, node: CheckedNode) -> float:
        """Until a key that works everywhere is pressed by who has heard the node's prompts once."""
        return self.speech(getattr(node.options, "prompts", ()))


def _plain(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    """Says its prompts, if any, and may take its whole time."""
    options: Any = node.options
    spoken = timing.speech(getattr(options, "prompts", ()))
    within = getattr(options, "within", None)
    waits = within.total_seconds() if within is not None else 0.0
    cut = getattr(options, "interruptible", node.action.name != "hangup")
    seconds = NodeSeconds(0.0 if cut else spoken, spoken + waits)
    return {outcome: seconds for outcome in node.action.outcomes(options)}


def _say(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    value = digit_seconds(_FACT_DIGITS if "{" in options.value else len(options.value))
    return {"done": NodeSeconds(0.0, value)}


def _menu(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    once, patience = timing.speech(options.prompts), options.patience.total_seconds()
    silent = once + patience
    silence = options.silences * silent + (options.silences - 1) * timing.speech(options.silence_prompts)
    errors = options.errors * once + (options.errors - 1) * timing.speech(options.error_prompts)
    return {
        **{key: NodeSeconds(0.0, once) for key in options.keys},
        "silence": NodeSeconds(silence, silence),
        "errors": NodeSeconds(0.0, errors),
    }


def _collect(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    once, patience = timing.speech(options.prompts), options.patience.total_seconds()
    again = (options.tries - 1) * timing.speech(options.error_prompts)
    typed = digit_seconds(options.max_digits) + patience
    silence = options.tries * (once + patience) + again
    return {
        "entered": NodeSeconds(digit_seconds(options.min_digits), once + typed),
        "silence": NodeSeconds(silence, silence),
        "errors": NodeSeconds(0.0, options.tries * (once + typed) + again),
    }


def _survey(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    once, patience = timing.speech(options.prompts), options.patience.total_seconds()
    silence = once + patience + (options.tries - 1) * (timing.speech(options.retry_prompts) + patience)
    return {"rated": NodeSeconds(0.0, once), "none": NodeSeconds(silence, silence)}


def _case_progress(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    asked = timing.speech(("progress-number", "progress-code"))
    typed = digit_seconds(_NUMBER_DIGITS + _CODE_DIGITS)
    failed = options.tries * (asked + typed) + (options.tries - 1) * timing.speech(("progress-wrong",))
    answer = timing.speech(("progress-of", "progress-answered", "progress-next")) + digit_seconds(_NUMBER_DIGITS)
    waits = options.within.total_seconds()
    return {
        "announced": NodeSeconds(typed + answer, asked + typed + waits + answer),
        "failed": NodeSeconds(0.0, failed + timing.speech(("progress-failed",))),
        "unavailable": NodeSeconds(typed, asked + typed + waits + timing.speech(("progress-away",))),
    }


def _voicemail(timing: NodeTiming, node: CheckedNode) -> Mapping[str, NodeSeconds]:
    options: Any = node.options
    once = timing.speech(options.prompts)
    quiet, longest = options.silence.total_seconds(), options.longest.total_seconds()
    return {"recorded": NodeSeconds(once, once + longest), "nothing": NodeSeconds(once, once + quiet)}


_RULES: Mapping[str, Callable[[NodeTiming, CheckedNode], Mapping[str, NodeSeconds]]] = {
    "say": _say,
    "menu": _menu,
    "collect": _collect,
    "survey": _survey,
    "case_progress": _case_progress,
    "voicemail": _voicemail,
}
"""Any other action says its `prompts`."""
