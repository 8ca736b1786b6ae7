"""What lint and simulation know of an installation with nothing but what is shipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from callflow.lint.reader import queues_in
from callflow.lint.world import PromptSound, World
from hotline.calendars.seed import installed_calendars
from ivr.prompts.catalogue import shipped_catalogue

ROOT = Path(__file__).parents[2]


def shipped_world(seconds: float | None = None) -> World:
    prompts: dict[str, dict[str, PromptSound]] = {}
    for prompt in shipped_catalogue():
        prompts.setdefault(prompt.id, {})[prompt.language] = PromptSound(text=prompt.text, seconds=seconds)
    queues = queues_in(ROOT / "asterisk-config/queues.conf")
    return World(today=date(2026, 6, 1), prompts=prompts, queues=queues, calendars=installed_calendars(2026))
