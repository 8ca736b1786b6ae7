"""Each action in plain dialplan. What an action cannot do without the service, the caller is not made to miss:
an unknown caller is greeted as unknown, and a rating goes into queue_log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callflow.compile.dialplan import Extension, extension_of, files, safe
from callflow.document import CheckedNode, FlowDocument
from callflow.queues.hours import DAYS
from callflow.speech import SpeechItem, Spoken
from ivr.dialplan import HOTLINE_NUMBER, Context, Variable

FACTS = {
    "{agent}": f"${{FILTER(0-9,{Variable.AGENT.value_of})}}",
    "{dialed}": HOTLINE_NUMBER,
    "{caller_number}": "${FILTER(0-9,${CALLERID(num)})}",
}
QUEUE_STATUS = {
    "answered": ("CONTINUE",),
    "timed_out": ("TIMEOUT",),
    "full": ("FULL",),
    "no_agents": ("JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL"),
    "withdrawn": ("WITHDRAW",),
}
CLOSING_SECONDS = 2
"""As long as with the service (`ivr.digits.CLOSING_TIME`), in whole seconds of the dialplan's clock."""
HUNG_UP = 'GotoIf($["${READSTATUS}" = "HANGUP"]?gone)'


@dataclass(frozen=True, slots=True)
class SafeFlowSource:
    """A node to translate, in its document."""

    node: CheckedNode
    document: FlowDocument

    @property
    def options(self) -> Any:
        return self.node.options

    def branch(self, outcome: str) -> str:
        return self.node.branches[outcome]


Rule = Callable[[SafeFlowSource, Extension], None]


def _seconds(duration: timedelta) -> int:
    return max(1, round(duration.total_seconds()))


def _prompts(items: Iterable[SpeechItem]) -> list[str]:
    return [item for item in items if isinstance(item, str)]


def _say(items: Iterable[SpeechItem], out: Extension) -> None:
    """Say it all, uninterrupted."""
    waiting: list[str] = []
    for item in items:
        if isinstance(item, str):
            waiting.append(item)
            continue
        if waiting:
            out.do(f"Playback({files(waiting)})")
            waiting = []
        out.do(_spoken(item))
    if waiting:
        out.do(f"Playback({files(waiting)})")


def _spoken(item: Spoken) -> str:
    text, application = (item.digits, "SayDigits") if item.digits else (item.number, "SayNumber")
    value = FACTS.get(text) or "".join(character for character in text if character.isdecimal())
    return f"{application}({value})"


def _escapes(source: SafeFlowSource, variable: str, out: Extension) -> None:
    for key, target in source.document.keys.items():
        out.go_if(f'"${{{variable}}}" = "{safe(key)}"', target)


def _read(
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


def _answer(source: SafeFlowSource, out: Extension) -> None:
    out.go(source.branch("done"))


def _play(source: SafeFlowSource, out: Extension) -> None:
    items = source.options.prompts
    if source.options.interruptible and len(_prompts(items)) == len(items):
        # A key interrupts and is kept for the menu that follows.
        out.do('GotoIf($["${HL_AHEAD}" != ""]?pressed)')
        _read(out, "HL_AHEAD", files(items), digits=1, patience=0.1, label="play")
        out.label("pressed")
        out.do("NoOp()")
        _escapes(source, "HL_AHEAD", out)
    else:
        _say(items, out)
    out.go(source.branch("done"))


def _say_value(source: SafeFlowSource, out: Extension) -> None:
    out.do(_spoken(Spoken(**{source.options.read_as: source.options.value})))
    out.go(source.branch("done"))


def _language(source: SafeFlowSource, out: Extension) -> None:
    out.do(f"Set(CHANNEL(language)={safe(source.options.language)})")
    out.go(source.branch("done"))


def _identify(source: SafeFlowSource, out: Extension) -> None:
    out.go(source.branch("unknown"))


def _hours(source: SafeFlowSource, out: Extension) -> None:
    hours = source.options
    opened, closed = source.branch("open"), source.branch("closed")
    zone = safe(hours.timezone)
    today = f'"${{STRFTIME(${{EPOCH}},{zone},%Y-%m-%d)}}"'
    for number, day in enumerate(hours.workdays):
        out.do(f'GotoIf($[{today} != "{day.isoformat()}"]?day{number})')
        for span in hours.week.get("mon", ()):
            out.do(f"GotoIfTime({_span(span)},*,*,*,{zone}?{extension_of(opened)},1)")
        out.go(closed)
        out.label(f"day{number}")
        out.do("NoOp()")
    for day in hours.closed:
        out.go_if(f'{today} = "{day.isoformat()}"', closed)
    for name in DAYS:
        for span in hours.week.get(name, ()):
            out.do(f"GotoIfTime({_span(span)},{name},*,*,{zone}?{extension_of(opened)},1)")
    out.go(closed)


def _span(span: str) -> str:
    """GotoIfTime's last minute is within the span; ours is the first one outside."""
    start, end = span[:5], span[6:]
    minutes = int(end[:2]) * 60 + int(end[3:]) - 1
    return safe(f"{start}-{minutes // 60:02}:{minutes % 60:02}")


def _menu(source: SafeFlowSource, out: Extension) -> None:
    options = source.options
    if source.document.no_menu:
        out.go(source.branch("no_menu"))
        return
    out.do("Set(HL_SILENCES=0)")
    out.do("Set(HL_ERRORS=0)")
    out.do("Set(HL_BEFORE=)")
    out.label("ask")
    out.do("Set(HL_KEY=${HL_AHEAD})")
    out.do("Set(HL_AHEAD=)")
    asked = files(_prompts(options.prompts))
    out.do("Set(READSTATUS=)")
    out.do('GotoIf($["${HL_KEY}" != ""]?pressed)')
    _read(out, "HL_KEY", f"${{HL_BEFORE}}{asked}", digits=1, patience=_seconds(options.patience), label="menu")
    out.label("pressed")
    out.do(HUNG_UP)
    for key in options.keys:
        out.go_if(f'"${{HL_KEY}}" = "{safe(key)}"', source.branch(key))
    _escapes(source, "HL_KEY", out)
    out.do('GotoIf($["${HL_KEY}" = ""]?silent)')
    out.do("Set(HL_ERRORS=$[${HL_ERRORS} + 1])")
    out.go_if(f"${{HL_ERRORS}} >= {options.errors}", source.branch("errors"))
    out.do(f"Set(HL_BEFORE={_before(options.error_prompts)})")
    out.do("Goto(ask)")
    out.label("silent")
    out.do("Set(HL_SILENCES=$[${HL_SILENCES} + 1])")
    out.go_if(f"${{HL_SILENCES}} >= {options.silences}", source.branch("silence"))
    out.do(f"Set(HL_BEFORE={_before(options.silence_prompts)})")
    out.do("Goto(ask)")
    out.label("gone")
    out.do("Hangup()")


def _before(items: Iterable[SpeechItem]) -> str:
    prompts = _prompts(items)
    return f"{files(prompts)}&" if prompts else ""


def _collect(source: SafeFlowSource, out: Extension) -> None:
    options = source.options
    asked = files(_prompts(options.prompts))
    out.do("Set(HL_AHEAD=)")
    patience = _seconds(options.patience)
    _read(out, "HL_KEY", asked, digits=options.max_digits, patience=patience, label="collect", tries=options.tries)
    out.do(HUNG_UP)
    _escapes(source, "HL_KEY", out)
    out.go_if('"${HL_KEY}" = ""', source.branch("silence"))
    out.go_if(f'"${{HL_KEY}}" = "#" | ${{LEN(${{HL_KEY}})}} < {options.min_digits}', source.branch("errors"))
    out.go(source.branch("entered"))
    out.label("gone")
    out.do("Hangup()")


def _desk(source: SafeFlowSource, out: Extension) -> None:
    options = source.options
    timeout = "" if options.timeout is None else str(_seconds(options.timeout))
    out.do("Set(HL_AHEAD=)")
    out.do(f"Set({Variable.QUEUE_PRIORITY}={options.priority})")
    out.do(f"Set({Variable.QUEUE_TIMEOUT}={timeout})")
    # Several queues may share a queue: a service that starts meanwhile learns from this which one it is.
    out.do(f"Set({Variable.NODE}={safe(source.node.id)})")
    out.do(f"Gosub({Context.QUEUE},s,1({safe(options.queue)}))")
    out.do(f"Gosub({Context.LEFT_QUEUE},s,1)")
    # A call that the service sent to this queue continues here if the service is down when it returns.
    out.label("left")
    out.do("NoOp()")
    for outcome, statuses in QUEUE_STATUS.items():
        for status in statuses:
            out.go_if(f'"{Variable.QUEUE_STATUS.value_of}" = "{status}"', source.branch(outcome))
    out.go(source.branch("unavailable"))


def _case_progress(source: SafeFlowSource, out: Extension) -> None:
    # The cases are in the database, which only the service reads: a person looks them up.
    out.go(source.document.person)


def _survey(source: SafeFlowSource, out: Extension) -> None:
    options = source.options
    for attempt in range(options.tries):
        prompts = options.prompts if attempt == 0 else options.retry_prompts
        asked, patience = files(_prompts(prompts)), _seconds(options.patience)
        _read(out, "HL_KEY", asked, digits=1, patience=patience, label=f"survey{attempt}")
        out.do(HUNG_UP)
        out.do('GotoIf($["${HL_KEY}" >= "1" & "${HL_KEY}" <= "5"]?rated)')
        _escapes(source, "HL_KEY", out)
    out.go(source.branch("none"))
    out.label("rated")
    out.do(f"QueueLog({Variable.QUEUE.value_of},${{UNIQUEID}},{Variable.AGENT.value_of},SURVEY,${{HL_KEY}})")
    out.go(source.branch("rated"))
    out.label("gone")
    out.do("Hangup()")


def _voicemail(source: SafeFlowSource, out: Extension) -> None:
    options = source.options
    _say(options.prompts, out)
    out.do(f"Set(HL_FILE={Variable.RECORDINGS.value_of}/{Variable.CALL_ID.value_of}-voicemail.wav)")
    # Written before the message, because a caller mostly hangs up after it.
    queue = Variable.QUEUE.value_of
    out.do(f'QueueLog(${{IF($["{queue}" = ""]?NONE:{queue})}},${{UNIQUEID}},NONE,VOICEMAIL,${{HL_FILE}})')
    operator = "o" if "0" in source.document.keys else ""
    out.do(f"Record(${{HL_FILE}},{_seconds(options.silence)},{_seconds(options.longest)},k{operator})")
    if operator:
        out.go_if('"${RECORD_STATUS}" = "OPERATOR"', source.document.keys["0"])
    out.go(source.branch("recorded"))


def _hangup(source: SafeFlowSource, out: Extension) -> None:
    _say(source.options.prompts, out)
    out.do("Hangup()")


RULES: Mapping[str, Rule] = {
    "answer": _answer,
    "case_progress": _case_progress,
    "collect": _collect,
    "queue": _desk,
    "hangup": _hangup,
    "hours": _hours,
    "identify": _identify,
    "language": _language,
    "menu": _menu,
    "play": _play,
    "say": _say_value,
    "survey": _survey,
    "voicemail": _voicemail,
}
