"""Which AGI commands of a call Asterisk still owes a result. Pure."""

from __future__ import annotations

from ivr.agi import AgiResult, parse_result


class CommandBook:
    """Results are waited for one at a time; beside that, a command that keys have ended may still be to finish."""

    def __init__(self) -> None:
        self._results: dict[str, AgiResult | None] = {}
        self._ending = ""
        self._overdue = 0

    def open(self, command_id: str) -> None:
        """A result is expected."""
        self._results[command_id] = None

    def result(self, command_id: str) -> AgiResult | None:
        """The result of an open command, once it is there."""
        return self._results[command_id]

    def close(self, command_id: str) -> None:
        """Nobody waits for it any more."""
        self._results.pop(command_id, None)

    def ends_by_key(self, command_id: str) -> None:
        """By what the keys are, this command is ending; the next one is already sent behind it."""
        self._ending, self._overdue = command_id, 0

    def done(self, command_id: str, line: str) -> AgiResult | None:
        """Take Asterisk's reply line; return the result where somebody waits for it."""
        if command_id == self._ending:
            self._ending, self._overdue = "", 0
        if command_id not in self._results:
            return None
        result = self._results[command_id] = parse_result(line)
        return result

    def tick(self) -> None:
        """Once a second."""
        if self._ending:
            self._overdue += 1

    @property
    def stuck(self) -> bool:
        """Whether the key that was to end a command has not: it fell between two commands, and AGI never saw it."""
        return self._overdue > 1

    def start_over(self) -> None:
        """AGI has begun anew: what it was doing is cut short."""
        self._ending, self._overdue = "", 0
