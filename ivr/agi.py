"""AGI commands and their results as text: pure, nothing is sent from here.

What each verb does, and what it answers, was tried on Asterisk 22.10.1 (tests/ivr/test_agi_real.py holds it):
GET DATA takes one file and ends the wait at `#` or at the last digit; STREAM FILE of a missing file ends the
AGI session, so the telephony layer asks first whether the file is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ivr.errors import UnsafeValueError

LONGEST_COMMAND = 900
"""Bytes. Asterisk reads an AMI line of 1,024 bytes; the rest is the header's name and room for error."""


class Verb(StrEnum):
    """Every AGI command that the service may send; `write=agi` would allow far more."""

    BREAK = "ASYNCAGI BREAK"
    EXEC = "EXEC"
    GET_DATA = "GET DATA"
    RECORD_FILE = "RECORD FILE"
    SAY_DIGITS = "SAY DIGITS"
    SAY_NUMBER = "SAY NUMBER"
    SET_VARIABLE = "SET VARIABLE"
    STREAM_FILE = "STREAM FILE"


APPLICATIONS = frozenset({"Goto"})
"""Dialplan applications that EXEC may run."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]")
_BARE = re.compile(r"[A-Za-z0-9_./@,:+=-]+")


def agi_command(verb: Verb, *arguments: str | int) -> str:
    """The command line: each argument one word, quoted where it must be.

    Raises `UnsafeValueError` for a control character, an application outside the whitelist, or a line too long.
    """
    if verb is Verb.EXEC and (not arguments or arguments[0] not in APPLICATIONS):
        raise UnsafeValueError("EXEC may only run a dialplan application of the whitelist.")
    line = " ".join([verb.value, *(_word(str(argument)) for argument in arguments)])
    if len(line.encode()) > LONGEST_COMMAND:
        raise UnsafeValueError("The AGI command is longer than Asterisk reads.")
    return line


def _word(text: str) -> str:
    if _CONTROL.search(text):
        raise UnsafeValueError("An argument of an AGI command holds a control character.")
    if _BARE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class AgiResult:
    """`code` 200 is a command carried out, 5xx one refused; `value` is what stood after `result=`.

    `note` is the word in brackets, such as `timeout`.
    """

    code: int
    value: str
    note: str = ""
    samples: int = 0
    """`endpos`: how far STREAM FILE or RECORD FILE came, in samples at 8 kHz."""

    @property
    def ok(self) -> bool:
        """Carried out, and the channel was still there and the file could be opened."""
        return self.code == 200 and self.value != "-1"

    @property
    def digit(self) -> str:
        """The key that ended STREAM FILE, SAY … or RECORD FILE, which answer its character code; "" for none."""
        if self.ok and self.value.isdecimal() and 35 <= int(self.value) <= 68:
            return chr(int(self.value))
        return ""

    @property
    def timed_out(self) -> bool:
        return self.note == "timeout"

    @property
    def hung_up(self) -> bool:
        """RECORD FILE ended because the caller hung up, or because the channel was sent elsewhere."""
        return self.note == "hangup"


TAKEN = AgiResult(200, "", "taken")
"""Keys have ended the command, and its own result is still on the way."""

_LINE = re.compile(
    r"(?P<code>\d{3})(?: result=(?P<value>[^\s(]*)(?: ?\((?P<note>[^)]*)\))?(?: endpos=(?P<samples>\d+))?)?"
)


def parse_result(line: str) -> AgiResult:
    """The reply line of a command. A line that is no AGI reply counts as refused, with code 0."""
    match = _LINE.match(line.strip())
    if match is None:
        return AgiResult(0, "")
    return AgiResult(int(match["code"]), match["value"] or "", match["note"] or "", int(match["samples"] or 0))


@dataclass(frozen=True, slots=True)
class Keys:
    """What a GET DATA heard: the digits, and `#` at the end where the caller closed with it."""

    digits: str
    timed_out: bool
    failed: bool
    """The channel went, or the prompt could not be opened; nothing was waited for."""


def parse_keys(result: AgiResult, max_digits: int) -> Keys:
    """Read the result of GET DATA for at most `max_digits` digits; those of `TAKEN` came by DTMFEnd."""
    if not result.ok:
        return Keys("", timed_out=False, failed=True)
    if result is TAKEN:
        return Keys("", timed_out=False, failed=False)
    closed = not result.timed_out and len(result.value) < max_digits
    return Keys(result.value + ("#" if closed else ""), timed_out=result.timed_out, failed=False)


def parse_arguments(text: str) -> dict[str, str]:
    """The dialplan's `key=value/key=value` argument of AGI(agi:async,…)."""
    pairs = (part.partition("=") for part in text.split("/") if "=" in part)
    return {key: value for key, _, value in pairs}
