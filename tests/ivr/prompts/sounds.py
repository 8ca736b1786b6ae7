"""Sound to test with, and a voice that needs no model."""

import io

import numpy as np
import soundfile

from hotline.app.settings import Settings
from ivr.prompts.audio import Audio
from ivr.prompts.errors import SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.settings import SpeechSettings


def tone(seconds=1.0, rate=24000, level=0.3, frequency=440.0):
    time = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def silence(seconds, rate=24000):
    return np.zeros(int(seconds * rate), np.float32)


def as_file(samples, rate=24000, kind="WAV", **options):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, **options)
    return buffer.getvalue()


def instance(folder, *, cache=None, provider="none"):
    return Settings(home=folder / "home", cache=cache or folder / "cache", speech=SpeechSettings(provider=provider))


class FakeVoice:
    """Speaks every text as a tone; `mute` texts come out silent, `away` refuses, `meanwhile` runs while it speaks."""

    def __init__(self, name="fake-1", *, production_ready=True):
        self.name = name
        self.production_ready = production_ready
        self.away = False
        self.mute = ()
        self.asked = []
        self.meanwhile = None
        self.closed = 0

    def voice(self, language):
        return Voice(self.name, "free", self.production_ready)

    async def synthesise(self, text, language, voice):
        self.asked.append(text)
        if self.meanwhile is not None:
            work, self.meanwhile = self.meanwhile, None
            await work()
        if self.away:
            raise SpeechUnavailableError("The fake voice is away.")
        if text in self.mute:
            return Audio(silence(1.0), 24000)
        return Audio(tone(0.2 + 0.01 * len(text), rate=22050), 22050)

    async def close(self):
        self.closed += 1
