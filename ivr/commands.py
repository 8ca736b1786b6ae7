"""An AGI command in progress: its result, and the effect of the caller's keys on it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ivr.agi import AgiResult, parse_result


class AgiCommand:
    """One command of one call, from sending until it is no longer awaited.

    `enough` says whether the keys pressed so far are all that the command was to collect. Asterisk gives it every key
    that comes after its beginning, and none before: such a key has fallen between two commands.
    """

    def __init__(self, command_id: str, line: str, enough: Callable[[], bool] | None) -> None:
        self.id = command_id
        self.line = line
        self.result: AgiResult | None = None
        self._enough = enough
        self._began = False
        self._missed = False
        self._doubt = 0

    def began(self, line: str) -> None:
        """Asterisk carries out the command of this line."""
        self._began = self._began or line == self.line

    def pressed(self) -> None:
        """A key came; the buffer behind `enough` has it already."""
        self._missed = self._missed or not self._began

    def done(self, command_id: str, line: str) -> AgiResult | None:
        """Take a reply line of Asterisk; return the result where it is this command's."""
        if command_id != self.id:
            return None
        self.result = parse_result(line)
        return self.result

    def tick(self) -> None:
        """Once a second."""
        self._doubt = self._doubt + 1 if self._enough is not None and self._enough() else 0

    @property
    def ending(self) -> bool:
        """Whether keys have ended it: its result is on the way, and the next command may be sent behind it."""
        return self._began and not self._missed and self._enough is not None and self._enough()

    @property
    def lost_key(self) -> bool:
        """Whether it still waits for a key that it never received."""
        return self._doubt > 1
