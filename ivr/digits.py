"""The caller's keys, in the order pressed, each exactly once: the type-ahead buffer. Pure.

Asterisk reports a key up to twice: by DTMFEnd, always, and by the result of the command that took it, if one
did. A key pressed between two commands is lost to AGI and known by its DTMFEnd alone. The two kinds of report
may come in either order. So both go in here, and what comes out is the sequence of keys.
"""

from __future__ import annotations

from dataclasses import dataclass

KEYS = frozenset("0123456789*#ABCD")
LIMIT = 64
"""Keys kept; a caller who types more has leant on the telephone, and the later ones are dropped."""


@dataclass(slots=True)
class _Key:
    digit: str
    answered: bool
    """A command's result has spoken for it already."""


class DigitBuffer:
    """Feed `pressed` and `answered`, then `take`."""

    def __init__(self) -> None:
        self._keys: list[_Key] = []
        self._owed: list[str] = []

    def __len__(self) -> int:
        return len(self._keys)

    def pressed(self, digit: str) -> None:
        """A DTMFEnd. One that a result told of before is not a second key."""
        if digit in self._owed:
            self._owed.remove(digit)
        elif digit in KEYS and len(self._keys) < LIMIT:
            self._keys.append(_Key(digit, answered=False))

    def answered(self, digits: str) -> None:
        """The keys that a command's result says it took."""
        start = 0
        for digit in digits:
            position = self._find(digit, start)
            if position is None:
                self._keys.append(_Key(digit, answered=True))
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
        """All keys not yet taken."""
        return "".join(key.digit for key in self._keys)

    def complete(self, max_digits: int, terminator: str = "#") -> bool:
        """Whether `take` has enough: `max_digits` keys, or the terminator after fewer."""
        waiting = self.waiting
        return len(waiting) >= max_digits or (bool(terminator) and terminator in waiting)

    def take(self, max_digits: int, terminator: str = "#") -> str:
        """Remove and return the next entry, at most `max_digits` keys.

        A terminator ends it and is swallowed; alone, it is returned itself, as the key it is in a menu.
        """
        entry = ""
        while self._keys and len(entry) < max_digits:
            digit = self._keys.pop(0).digit
            if terminator and digit == terminator:
                return entry or digit
            entry += digit
        if len(entry) == max_digits > 1 and self.waiting[:1] == terminator and terminator:
            # "123456#" of six digits: the closing key belongs to the number, not to the next question.
            self._keys.pop(0)
        return entry

    def settle(self) -> None:
        """Events may have been lost: expect no late DTMFEnd any more."""
        self._owed.clear()

    def clear(self) -> None:
        """Forget what was typed ahead; keys already owed by DTMFEnd stay known."""
        self._keys.clear()
