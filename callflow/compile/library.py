"""What the actions' safe-flow rules share: reading keys, speaking, and the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

from callflow.action import Options
from callflow.compile.dialplan import Extension, files, safe
from callflow.document import CheckedNode, FlowDocument
from callflow.speech import SpeechItem, Spoken
from ivr.dialplan import HOTLINE_NUMBER, Variable

O_co = TypeVar("O_co", bound=Options, covariant=True)

FACTS = {
    "{agent}": f"${{FILTER(0-9,{Variable.AGENT.value_of})}}",
    "{dialed}": HOTLINE_NUMBER,
    "{caller_number}": "${FILTER(0-9,${CALLERID(num)})}",
}
LANGUAGE = "${CHANNEL(language)}"
CLOSING_SECONDS = 2
"""As long as with the service (`ivr.digits.CLOSING_TIME`), in whole seconds of the dialplan's clock."""
HUNG_UP = 'GotoIf($["${READSTATUS}" = "HANGUP"]?gone)'


@dataclass(frozen=True, slots=True)
class SafeFlowSource(Generic[O_co]):
    """A node to translate, in its document."""

    node: CheckedNode
    document: FlowDocument

    @property
    def options(self) -> O_co:
        return cast("O_co", self.node.options)

    def branch(self, outcome: str) -> str:
        return self.node.branches[outcome]


def variable_of(name: str) -> str:
    """The channel variable that holds a value of the flow."""
    return f"HL_VALUE_{safe(name).upper()}"


def value_in_dialplan(name: str) -> str:
    """The fact or value of this name; it holds what a `ValueText` may hold, and nothing else."""
    fact = {**FACTS, "{language}": LANGUAGE, "{entry}": Variable.ENTRY.value_of}.get(f"{{{name}}}")
    return fact or f"${{{variable_of(name)}}}"


def seconds(duration: timedelta) -> int:
    """Whole seconds, at least one: 0 has a meaning of its own in most applications."""
    return max(1, round(duration.total_seconds()))


def unless_drilled(out: Extension, label: str) -> None:
    """To `label` in a drill: what comes before it would leave a trace that statistics read."""
    out.do(f'GotoIf($["{Variable.DRILL.value_of}" != ""]?{label})')


def prompts_of(items: Iterable[SpeechItem]) -> list[str]:
    """The prompts alone: what several files in one application can hold."""
    return [item for item in items if isinstance(item, str)]


def say_all(items: Iterable[SpeechItem], out: Extension) -> None:
    """Say it all, uninterrupted."""
    waiting: list[str] = []
    for item in items:
        if isinstance(item, str):
            waiting.append(item)
            continue
        if waiting:
            out.do(f"Playback({files(waiting)})")
            waiting = []
        out.do(spoken(item))
    if waiting:
        out.do(f"Playback({files(waiting)})")


def spoken(item: Spoken) -> str:
    """The application that reads out `item`. Dates and amounts are for the service: they are left out."""
    digits = item.digits or item.case_number
    text, application = (digits, "SayDigits") if digits else (item.number, "SayNumber")
    name = text.removeprefix("{").removesuffix("}")
    if text in FACTS:
        value = FACTS[text]
    elif text == f"{{{name}}}":
        value = f"${{FILTER(0-9,{value_in_dialplan(name)})}}"
    else:
        value = "".join(character for character in text if character.isdecimal())
    return f"{application}({value})" if value else "NoOp()"


def escapes(source: SafeFlowSource[Any], variable: str, out: Extension) -> None:
    """On to the node of the key in `variable`, if it is one that works everywhere."""
    for key, target in source.document.keys.items():
        out.go_if(f'"${{{variable}}}" = "{safe(key)}"', target)


def read_keys(
    out: Extension, variable: str, prompts: str, *, digits: int, patience: float, label: str, tries: int = 1
) -> None:
    """Read keys. A `#` alone is read as a key (option e), but one right after the last key belongs to that key.

    Read ends at such a `#`, so the prompts begin again: it comes within a moment of their beginning.
    """
    value = f"${{{variable}}}"
    out.label(label)
    out.do(f"Read({variable},{prompts},{digits},e,{tries},{patience})")
    out.do(f'GotoIf($["{value}" != "#" | ${{EPOCH}} - ${{HL_TAKEN}} > {CLOSING_SECONDS}]?{label}-read)')
    out.do("Set(HL_TAKEN=0)")
    out.do(f"Set({variable}=)")
    out.do(f"Goto({label})")
    out.label(f"{label}-read")
    # Fewer keys than asked for were closed by a `#` of their own, or by silence.
    out.do(f'Set(HL_TAKEN=${{IF($["{value}" != "#" & ${{LEN({value})}} = {digits}]?${{EPOCH}}:0)}})')
