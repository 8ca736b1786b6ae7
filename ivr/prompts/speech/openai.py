"""A speech server with OpenAI's interface: POST <url>/v1/audio/speech, answered with a WAV."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp

from hotline.kernel.clock import Clock, SystemClock
from ivr.prompts.audio import MAX_BYTES, Audio, read_audio
from ivr.prompts.errors import BadRecordingError, SpeechRefusedError, SpeechUnavailableError
from ivr.prompts.speech import MAX_WORDS, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often a server is asked: each try has `deadline`; the pause doubles after each failure."""

    deadline: timedelta = timedelta(seconds=30)
    tries: int = 3
    pause: timedelta = timedelta(seconds=1)
    at_once: int = 4


class OpenAiSpeech:
    """Asks the server again when it is away, overloaded (429) or failing (5xx); never when it refuses (4xx)."""

    def __init__(
        self,
        *,
        url: str,
        api_key: str,
        model: str,
        voice: str,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        clock: Clock | None = None,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise SpeechUnavailableError("speech.url must be the http(s) address of the speech server.")
        base = url.rstrip("/").removesuffix("/audio/speech").removesuffix("/v1")
        self._url = f"{base}/v1/audio/speech"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._voice = voice or "alloy"
        self._patience = patience
        self._clock = clock or SystemClock()
        self._slots = asyncio.Semaphore(patience.at_once)
        self._session: aiohttp.ClientSession | None = None

    def voice(self, language: str) -> Voice:
        return Voice(
            name=f"openai-{self._model}-{self._voice}",
            licence="As agreed with the operator of the speech server.",
            production_ready=True,
        )

    async def synthesise(self, text: str, language: str, voice: Voice) -> Audio:
        if not text.strip() or len(text) > MAX_WORDS:
            raise SpeechRefusedError(f"A text of {len(text)} characters cannot be spoken; give 1 to {MAX_WORDS}.")
        pause = self._patience.pause
        async with self._slots:
            for left in reversed(range(self._patience.tries)):
                try:
                    return await self._ask(text)
                except SpeechUnavailableError:
                    if not left:
                        raise
                await self._clock.sleep(pause)
                pause *= 2
        raise AssertionError("unreachable")

    async def _ask(self, text: str) -> Audio:
        request = {"model": self._model, "voice": self._voice, "input": text, "response_format": "wav"}
        try:
            async with (
                asyncio.timeout(self._patience.deadline.total_seconds()),
                self._open_session().post(self._url, json=request) as response,
            ):
                if response.status == 429 or response.status >= 500:
                    raise SpeechUnavailableError(f"The speech server answered {response.status} {response.reason}.")
                if response.status in (401, 403):
                    raise SpeechRefusedError(f"The speech server answered {response.status}: check speech.api_key.")
                if response.status != 200:
                    raise SpeechRefusedError(
                        f"The speech server answered {response.status} {response.reason}; "
                        "check speech.url, speech.model and speech.voice."
                    )
                data = await _bounded(response)
        except TimeoutError as error:
            raise SpeechUnavailableError(
                f"The speech server gave no sound within {self._patience.deadline.total_seconds():.0f} seconds."
            ) from error
        except aiohttp.ClientError as error:
            raise SpeechUnavailableError(f"The speech server cannot be reached: {type(error).__name__}.") from error
        try:
            return await asyncio.to_thread(read_audio, data)
        except BadRecordingError as error:
            raise SpeechRefusedError("What the speech server sent is no usable sound.") from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=None))
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for piece in response.content.iter_chunked(65536):
        data += piece
        if len(data) > MAX_BYTES:
            raise SpeechRefusedError(f"The speech server sent more than {MAX_BYTES:,} bytes.")
    return bytes(data)
