"""Writing dialplan: priorities, labels, and values that can hold nothing harmful."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_SAFE = re.compile(r"[A-Za-z0-9_./&+:,*#-]*")


def extension_of(node: str) -> str:
    """A node's extension. The prefix keeps it apart from `s`, `t`, `h` and their like; ids hold no underscore."""
    return "n_" + node.replace("-", "_")


def safe(value: str) -> str:
    """`value`, which may stand in dialplan as it is; raises ValueError on anything else.

    Every value of a checked document passes: this is the second lock, should a check ever grow lax.
    """
    if not _SAFE.fullmatch(value):
        raise ValueError(f"{value!r} cannot stand in a dialplan")
    return value


@dataclass(slots=True)
class Extension:
    """One extension being written; `do` adds a priority, `label` names the next one."""

    name: str
    comment: str = ""
    lines: list[str] = field(default_factory=list)
    _label: str = ""

    def label(self, name: str) -> None:
        """The next priority is reached as `name`."""
        self._label = f"({name})"

    def do(self, application: str) -> None:
        if not self.lines:
            self.lines.append(f"exten => {self.name},1{self._label},{application}")
        else:
            self.lines.append(f" same => n{self._label},{application}")
        self._label = ""

    def go(self, node: str) -> None:
        """On to another node."""
        self.do(f"Goto({extension_of(node)},1)")

    def go_if(self, condition: str, node: str) -> None:
        self.do(f"GotoIf($[{condition}]?{extension_of(node)},1)")

    def text(self) -> str:
        comment = "".join(f"; {line}\n" for line in self.comment.splitlines())
        return comment + "\n".join(self.lines) + "\n"


def files(prompts: Iterable[str]) -> str:
    """Prompts as Playback and Read take several files."""
    return "&".join(f"hotline/{safe(prompt)}" for prompt in prompts)
