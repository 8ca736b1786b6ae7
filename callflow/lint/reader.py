"""What this installation has to say to its callers, and where they can be sent: read from its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from callflow.action import SubflowSource, no_flows
from callflow.lint.world import PromptSound, World
from callflow.settings import FlowBudgets
from hotline.calendars.current import Calendars
from ivr.prompts.catalogue import Language, shipped_catalogue
from ivr.prompts.ports import PromptSettings
from ivr.prompts.recipes import sound_path
from ivr.prompts.store import PromptStore
from ivr.prompts.versions import PromptVersions, prompts_of

_SECTION = re.compile(r"^\[([A-Za-z0-9_-]+)\](\s*\(([^)]*)\))?", re.MULTILINE)
_OWN_NAMES = frozenset({"general"})
_BYTES_A_SECOND = 8000
"""Of a .ulaw file, which every prompt has."""


def read_world(
    prompts: PromptSettings,
    *,
    queues: Path,
    calendars: Calendars | None,
    today: date,
    budgets: FlowBudgets | None = None,
    outside: Callable[[str], bool] | None = None,
    subflows: Mapping[str, frozenset[str]] | None = None,
    flows: SubflowSource = no_flows,
) -> World:
    """Blocks for a moment: it looks at each prompt's file. A file that is not there leaves its part unknown."""
    found: dict[str, dict[str, PromptSound]] = {}
    for id, language, sound in (*_catalogue(prompts), *_uploaded(prompts)):
        found.setdefault(id, {}).setdefault(language, sound)
    return World(
        today=today,
        prompts=found,
        queues=queues_in(queues),
        calendars=calendars,
        budgets=budgets or FlowBudgets(),
        outside=outside,
        subflows=subflows or {},
        flows=flows,
    )


def queues_in(file: Path) -> frozenset[str] | None:
    """The queues of a queues.conf, without its templates; None where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    sections = ((found[1], found[3] or "") for found in _SECTION.finditer(text))
    return frozenset(name for name, traits in sections if "!" not in traits and name not in _OWN_NAMES)


def _catalogue(settings: PromptSettings) -> Iterator[tuple[str, str, PromptSound]]:
    store = PromptStore(settings)
    for prompt in prompts_of(shipped_catalogue(), PromptVersions(settings.home / "prompts").all()):
        if prompt.name.startswith("digits/"):
            continue
        path = sound_path(prompt)
        record = store.record_of(path)
        if record is not None:
            sound = PromptSound(text=prompt.text, seconds=record.seconds, licensed=record.production_ready)
        else:
            sound = PromptSound(text=prompt.text, seconds=_seconds(store.file(path, "ulaw")))
        yield prompt.id, prompt.language, sound


def _uploaded(settings: PromptSettings) -> Iterator[tuple[str, str, PromptSound]]:
    """Sounds that nobody has described: files that were put there by hand."""
    for language in Language:
        for file in sorted((settings.sounds / language / "hotline").glob("*.ulaw")):
            yield file.stem, language, PromptSound(seconds=_seconds(file))


def _seconds(file: Path) -> float | None:
    try:
        size = file.stat().st_size
    except OSError:
        return None
    return size / _BYTES_A_SECOND if size else None
