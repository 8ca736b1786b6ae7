"""How fast the requests of people were with a number of cases."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.case_service import Took

WRITES = "writes"


@dataclass(slots=True)
class CitySpeed:
    database: str
    cases: int
    kinds: dict[tuple[str, str], list[Took]] = field(default_factory=dict)
    """By group and name."""
    peer: list[Took] = field(default_factory=list)
    """Of `/api/session`."""

    def add(self, group: str, name: str, took: Took) -> None:
        self.kinds.setdefault((group, name), []).append(took)

    def groups(self) -> dict[str, dict[str, list[Took]]]:
        found: dict[str, dict[str, list[Took]]] = {}
        for (group, name), took in sorted(self.kinds.items()):
            found.setdefault(group, {})[name] = took
        return found
