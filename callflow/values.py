"""Values that a flow names: set by `set`, kept by `collect`, said by `say`, compared by `condition`. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from callflow.action import CallFacts

FACTS = ("agent", "dialed", "caller_number", "language", "entry")
"""What every call has, by the names that values cannot take."""
LONGEST = 64
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]*")
_REFERENCE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def _free(name: str) -> str:
    if name in FACTS:
        raise ValueError(f"{name!r} is a fact of every call; choose another name")
    return name


ValueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$"), AfterValidator(_free)]
ValueText = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9_.+-]|\{[a-z][a-z0-9_]{0,31}\})*$", max_length=LONGEST)
]
"""Plain characters, so that the safe flow can hold it as well; a name in braces is replaced by its value."""

OutcomeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""A branch that the flow's author names."""


def value_of(name: str, facts: CallFacts) -> str:
    """The fact or value of this name; "" where there is none."""
    return str(getattr(facts, name)) if name in FACTS else facts.values.get(name, "")


def fill(text: str, facts: CallFacts) -> str:
    """`text` with its names replaced."""
    return _REFERENCE.sub(lambda found: value_of(found[1], facts), text)


def filled(text: str, facts: CallFacts) -> str:
    """As `fill`, cut to what a value may hold."""
    return fill(text, facts)[:LONGEST]


def plain_value(text: str) -> str | None:
    """`text` if a value may hold it, else None."""
    return text if len(text) <= LONGEST and _PLAIN.fullmatch(text) else None


def names_in(text: str) -> list[str]:
    """The names that stand in braces."""
    return _REFERENCE.findall(text)
