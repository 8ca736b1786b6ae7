"""The caller's keys, in the order pressed, each exactly once: the type-ahead buffer. Pure.

Asterisk reports a key up to twice: by DTMFEnd, always, and by the result of the command that took it, if one
did. A key pressed between two commands is lost to AGI and known by its DTMFEnd alone. The two kinds of report
may come in either order. So both go in here, and what comes out is the sequence of keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

KEYS = frozenset("0123456789*#ABCD")
CLOSING_KEY = "#"
CLOSING_TIME = timedelta(seconds=2)
"""A `#` that is the next key within this time belongs to the key before it: many close every entry with it."""
LIMIT = 64
"""Keys kept; a caller who types more has leant on the telephone, and the later ones are dropped."""


@dataclass(slots=True)
class _Key:
    digit: str
    answered: bool
    """A command's result has spoken for it already."""
    at: float


class DigitBuffer:
    """Feed `pressed` and `answered`, then `take`. `now` gives monotonic seconds."""

    def __init__(self, now: Callable[[], float] = lambda: 0.0) -> None:
        self._now = now
        self._keys: list[_Key] = []
        self._owed: list[str] = []
        self._taken_at: float | None = None
        """When the key taken last was pressed; None once its entry is closed."""

    def __len__(self) -> int:
        return len(self.waiting)

    @property
    def closing(self) -> bool:
        """Whether a `#` pressed now would belong to the key taken last."""
        return not self.waiting and self._belongs(self._now())

    def pressed(self, digit: str) -> None:
        """A DTMFEnd. One that a result has already reported is not a second key."""
        if digit in self._owed:
            self._owed.remove(digit)
        elif digit in KEYS and len(self._keys) < LIMIT:
            self._keys.append(_Key(digit, answered=False, at=self._now()))

    def answered(self, digits: str) -> None:
        """The keys that a command's result says it took."""
        start = 0
        for digit in digits:
            position = self._find(digit, start)
            if position is None:
                self._keys.append(_Key(digit, answered=True, at=self._now()))
                self._owed.append(digit)
                start = len(self._keys)
            else:
                self._keys[position].answered = True
                start = position + 1

    def _find(self, digit: str, start: int) -> int | None:
        for position in range(start, len(self._keys)):
            key = self._keys[position]
            if key.digit == digit and not key.answered:
                return position
        return None

    @property
    def waiting(self) -> str:
        """All keys not yet taken, without a `#` that belongs to the key taken last."""
        keys = self._keys[1:] if self._starts_closing() else self._keys
        return "".join(key.digit for key in keys)

    def _starts_closing(self) -> bool:
        return bool(self._keys) and self._keys[0].digit == CLOSING_KEY and self._belongs(self._keys[0].at)

    def _belongs(self, at: float) -> bool:
        return self._taken_at is not None and at - self._taken_at <= CLOSING_TIME.total_seconds()

    def _drop_closing(self) -> None:
        if self._starts_closing():
            self._keys.pop(0)
            self._taken_at = None

    def complete(self, max_digits: int, terminator: str = CLOSING_KEY) -> bool:
        """Whether `take` has enough: `max_digits` keys, or the terminator after fewer."""
        waiting = self.waiting
        return len(waiting) >= max_digits or (bool(terminator) and terminator in waiting)

    def take(self, max_digits: int, terminator: str = CLOSING_KEY) -> str:
        """Remove and return the next entry, at most `max_digits` keys.

        A terminator ends it and is swallowed; alone, it is returned itself, as the key it is in a menu. With a
        terminator, a `#` right behind a key taken before is swallowed too ("1#" to a menu, "123456#" of six digits).
        """
        if terminator:
            self._drop_closing()
        entry = ""
        while self._keys and len(entry) < max_digits:
            key = self._keys.pop(0)
            if terminator and key.digit == terminator:
                self._taken_at = None
                return entry or key.digit
            entry += key.digit
            self._taken_at = key.at if terminator else None
        return entry

    def settle(self) -> None:
        """Events may have been lost: expect no late DTMFEnd any more."""
        self._owed.clear()

    def clear(self) -> None:
        """Forget what was typed ahead; keys already owed by DTMFEnd stay known, and a `#` may still close the last."""
        self._drop_closing()
        self._keys.clear()
