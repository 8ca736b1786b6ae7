"""Runs a blocking voice in threads, each with an engine of its own, off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Protocol

from ivr.prompts.audio import Audio
from ivr.prompts.errors import SpeechRefusedError, SpeechUnavailableError
from ivr.prompts.speech import MAX_WORDS


class Engine(Protocol):
    """A loaded voice; used by one thread only."""

    def speak(self, text: str) -> Audio: ...


class VoiceWorkers:
    """`count` threads; each loads its engine at its first sentence and keeps it until `close()`.

    Native inference cannot be interrupted: past `deadline` the caller gets SpeechUnavailableError, and the
    thread is free again when the sentence is done. A text is at most MAX_WORDS characters, so that is soon.
    """

    def __init__(self, name: str, load: Callable[[], Engine], *, count: int, deadline: timedelta) -> None:
        self._name = name
        self._load = load
        self._deadline = deadline
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix=f"voice-{name}")

    async def speak(self, text: str) -> Audio:
        """Raises SpeechUnavailableError, SpeechRefusedError."""
        if not text.strip() or len(text) > MAX_WORDS:
            raise SpeechRefusedError(f"A text of {len(text)} characters cannot be spoken; give 1 to {MAX_WORDS}.")
        loop = asyncio.get_running_loop()
        try:
            future = loop.run_in_executor(self._pool, self._speak, text)
        except RuntimeError as error:
            raise SpeechUnavailableError(f"The {self._name} voice is closed.") from error
        try:
            return await asyncio.wait_for(future, self._deadline.total_seconds())
        except TimeoutError as error:
            raise SpeechUnavailableError(
                f"The {self._name} voice needed more than {self._deadline.total_seconds():.0f} seconds for a sentence."
            ) from error

    def _speak(self, text: str) -> Audio:
        engine: Engine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = self._load()
        return engine.speak(text)

    async def close(self) -> None:
        """Drop what waits and let running sentences finish; safe to call twice."""
        self._pool.shutdown(wait=False, cancel_futures=True)
