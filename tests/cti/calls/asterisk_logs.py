"""Writes queue_log and the CDR file as Asterisk does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import CallStory


class AsteriskLogs:
    def __init__(self, folder: Path) -> None:
        self.queue_log = folder / "queue_log"
        self.cdr = folder / "cdr-custom" / "hotline.csv"

    def queue(self, at: datetime, unique_id: str, event: str, *details: object, agent: str = "NONE") -> None:
        fields = (int(at.timestamp()), unique_id, "enterprise", agent, event, *details)
        _append(self.queue_log, "|".join(map(str, fields)))

    def call_detail(self, call: LoggedCall, seconds: float, *, extension: str = "n_desk") -> None:
        began, ended = call.began.timestamp(), call.at(seconds).timestamp()
        ids = f'"{call.call_id}","{call.unique_id}","{call.unique_id}","0"'
        times = f"{began:.6f},{began:.6f},{ended:.6f},{seconds:.6f},{seconds:.6f}"
        caller = '"ANSWERED","+8613912345678","""李雷"" <+8613912345678>"'
        _append(self.cdr, f'{ids},{times},{caller},"{extension}","PJSIP/trunk-00000000","","Queue","enterprise",""')


class LoggedCall(CallStory):
    """A call whose ids tell the time it began, which is now."""

    def __init__(self, began: datetime) -> None:
        super().__init__(uuid7(), began)
        self.began = began
        self.unique_id = f"{int(began.timestamp())}.17"

    def is_logged(self, logs: AsteriskLogs, *, whole: bool = True, extension: str = "n_desk") -> None:
        """As `simple()`, seen by Asterisk; `whole=False`: up to the talk, which goes on."""
        logs.queue(self.at(2), self.unique_id, "ENTERQUEUE", "", "+8613912345678", 1)
        logs.queue(self.at(5), self.unique_id, "CONNECT", 3, "x", 2, agent="1001")
        if whole:
            self.is_logged_to_the_end(logs, extension)

    def is_logged_to_the_end(self, logs: AsteriskLogs, extension: str = "n_desk") -> None:
        logs.queue(self.at(65), self.unique_id, "COMPLETEAGENT", 3, 60, 1, agent="1001")
        logs.call_detail(self, 72, extension=extension)


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
