"""Whether Asterisk has what it plays and what it falls back on: prompts, music on hold, the safe flow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from callflow.compile import compile_safe_flow, mark_of
from callflow.document import Flow
from hotline.kernel.errors import UnavailableError
from ivr.dialplan import Context
from ivr.prompts.catalogue import shipped_catalogue
from ivr.sounds import SUFFIXES, holds_sound
from ivr.switchboard import Switchboard

_DATA = "ASTDATADIR"
NOT_ASKED = "not asked: no connection to Asterisk"


class AsteriskFiles:
    """The folders are looked at where Asterisk says that it has them; it must be on this machine."""

    def __init__(self, switchboard: Switchboard, sounds: Path, live: Callable[[], Flow]) -> None:
        """`live` gives the flow that the safe flow is made from."""
        self._switchboard = switchboard
        self._sounds = sounds
        self._live = live
        self._marked: tuple[Flow, str] | None = None

    async def check_prompts(self) -> str:
        """Raises UnavailableError where one of the catalogue is missing in our folder, or in Asterisk's."""
        await self._check_folder(self._sounds)
        data = await self._data()
        if data is None:
            return ""
        await self._check_folder(data / "sounds")
        return str(data / "sounds")

    async def check_music(self) -> str:
        """Raises UnavailableError where the folder of musiconhold.conf has no sound."""
        data = await self._data()
        folder = self._sounds / "moh" if data is None else data / "moh"
        if not await asyncio.to_thread(_has_sound, folder):
            raise UnavailableError(f"There is no music in {folder}; callers who wait hear nothing.")
        return str(folder)

    async def check_safe_flow(self) -> str:
        """Raises UnavailableError where the dialplan lacks what `hotline flow safe` prints, or holds another one."""
        if not self._switchboard.ready:
            return NOT_ASKED
        if not await dialplan_has(self._switchboard, "s"):
            raise UnavailableError(
                "The dialplan has no safe flow; without the service, callers hear no menu and go straight to a queue."
            )
        flow = self._live()
        if self._marked is None or self._marked[0] is not flow:
            self._marked = flow, mark_of(await asyncio.to_thread(compile_safe_flow, flow))
        if not await dialplan_has(self._switchboard, self._marked[1]):
            raise UnavailableError(
                f"Asterisk's safe flow is not that of {flow.id}, version {flow.version}; "
                "without the service, callers hear an earlier one."
            )
        return f"{flow.id} {flow.version}"

    async def _check_folder(self, folder: Path) -> None:
        if missing := await asyncio.to_thread(missing_prompts, folder):
            raise UnavailableError(f"{len(missing)} prompts are missing in {folder}, {missing[0]} first.")

    async def _data(self) -> Path | None:
        """Asterisk's data folder; None while it cannot be asked."""
        value = await self._switchboard.get_variable("", _DATA) if self._switchboard.ready else ""
        return Path(value) if value else None


async def dialplan_has(switchboard: Switchboard, extension: str) -> bool:
    """Whether the safe flow that Asterisk holds has this extension. Raises PhoneError."""
    return await switchboard.get_variable("", f"DIALPLAN_EXISTS({Context.SAFE_FLOW},{extension},1)") == "1"


def missing_prompts(sounds: Path) -> list[str]:
    """What of the catalogue has no sound under this folder, as "zh/hotline/welcome"."""
    names = [f"{prompt.language}/{prompt.name}" for prompt in shipped_catalogue()]
    return [name for name in names if not any(holds_sound(f"{sounds}/{name}.{suffix}") for suffix in SUFFIXES)]


def _has_sound(folder: Path) -> bool:
    try:
        return any(holds_sound(str(file)) for file in folder.iterdir() if file.suffix[1:] in SUFFIXES)
    except OSError:
        return False
