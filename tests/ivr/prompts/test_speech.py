import asyncio
import threading
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.prompts.audio import Audio
from ivr.prompts.errors import PromptError, SpeechRefusedError, SpeechUnavailableError
from ivr.prompts.speech import Voice
from ivr.prompts.speech.choose import NoSpeech, speech_from
from ivr.prompts.speech.openai import OpenAiSpeech, Patience
from ivr.prompts.speech.piper import PiperSpeech
from ivr.prompts.speech.worker import VoiceWorkers
from tests.ivr.prompts.sounds import as_file, instance, tone

HASTY = Patience(deadline=timedelta(seconds=5), tries=3, pause=timedelta(0))


class SpeechServer:
    """A small speech server; `answers` (status, body) are given in order, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.headers = []
        app = web.Application()
        app.router.add_post("/v1/audio/speech", self._speak)
        self._server = TestServer(app)

    async def __aenter__(self):
        await self._server.start_server()
        self.url = str(self._server.make_url(""))
        return self

    async def __aexit__(self, *_):
        await self._server.close()

    async def _speak(self, request):
        self.requests.append(await request.json())
        self.headers.append(request.headers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = SOUND
        return web.Response(status=answer[0], body=answer[1])


SOUND = (200, as_file(tone(0.5)))


async def ask(server, *, patience=HASTY, path="", text="您好。"):
    speech = OpenAiSpeech(url=server.url + path, api_key="s3cret", model="cosy", voice="lin", patience=patience)
    try:
        return await speech.synthesise(text, "zh", speech.voice("zh"))
    finally:
        await speech.close()
        await speech.close()


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/audio/speech"])
async def test_a_server_speaks(path):
    async with SpeechServer(SOUND) as server:
        audio = await ask(server, path=path)
    assert audio.seconds == pytest.approx(0.5)
    assert server.requests == [{"model": "cosy", "voice": "lin", "input": "您好。", "response_format": "wav"}]
    assert server.headers[0]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_server_is_asked_again(status):
    async with SpeechServer((status, b""), SOUND) as server:
        assert (await ask(server)).seconds == pytest.approx(0.5)
    assert len(server.requests) == 2


async def test_a_dead_server_is_given_up():
    async with SpeechServer((502, b"")) as server:
        with pytest.raises(SpeechUnavailableError, match="502"):
            await ask(server)
    assert len(server.requests) == HASTY.tries


@pytest.mark.parametrize(("status", "hint"), [(401, "api_key"), (404, "speech.url"), (400, "speech.model")])
async def test_a_refusal_is_not_repeated(status, hint):
    async with SpeechServer((status, b"")) as server:
        with pytest.raises(SpeechRefusedError, match=hint) as caught:
            await ask(server)
    assert len(server.requests) == 1
    assert "s3cret" not in str(caught.value)


async def test_what_is_no_sound_is_refused():
    async with SpeechServer((200, b"<html>welcome</html>")) as server:
        with pytest.raises(SpeechRefusedError, match="no usable sound"):
            await ask(server)


async def test_a_silent_server_has_a_deadline():
    released = asyncio.Event()
    async with SpeechServer(released) as server:
        with pytest.raises(SpeechUnavailableError, match="gave no sound"):
            await ask(server, patience=Patience(deadline=timedelta(seconds=0.05), tries=1))
        released.set()


async def test_an_endless_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr("ivr.prompts.speech.openai.MAX_BYTES", 10_000)
    async with SpeechServer((200, b"\0" * 20_000)) as server:
        with pytest.raises(SpeechRefusedError, match="more than"):
            await ask(server)


async def test_nobody_there(unused_tcp_port):
    speech = OpenAiSpeech(url=f"http://127.0.0.1:{unused_tcp_port}", api_key="", model="m", voice="", patience=HASTY)
    with pytest.raises(SpeechUnavailableError, match="cannot be reached"):
        await speech.synthesise("您好。", "zh", speech.voice("zh"))
    await speech.close()


@pytest.mark.parametrize("text", ["", "  ", "好" * 301])
async def test_a_text_out_of_bounds_is_not_sent(text):
    async with SpeechServer(SOUND) as server:
        with pytest.raises(SpeechRefusedError, match="characters"):
            await ask(server, text=text)
    assert server.requests == []


class FakeEngine:
    def __init__(self):
        self.threads = set()
        self.gate = threading.Event()
        self.gate.set()

    def speak(self, text):
        self.threads.add(threading.current_thread().name)
        self.gate.wait(10)
        return Audio(tone(0.1), 24000)


async def test_voices_speak_off_the_event_loop():
    engine = FakeEngine()
    workers = VoiceWorkers("test", lambda: engine, count=1, deadline=timedelta(seconds=5))
    assert (await workers.speak("hello")).seconds == pytest.approx(0.1)
    assert engine.threads == {"voice-test_0"}
    await workers.close()


async def test_a_stuck_voice_has_a_deadline():
    engine = FakeEngine()
    engine.gate.clear()
    workers = VoiceWorkers("test", lambda: engine, count=1, deadline=timedelta(seconds=0.05))
    with pytest.raises(SpeechUnavailableError, match="needed more than"):
        await workers.speak("hello")
    engine.gate.set()
    await workers.close()


async def test_a_closed_voice_says_so():
    workers = VoiceWorkers("test", FakeEngine, count=1, deadline=timedelta(seconds=5))
    await workers.close()
    await workers.close()
    with pytest.raises(SpeechUnavailableError, match="closed"):
        await workers.speak("hello")


async def test_a_missing_piper_folder_is_no_crash(tmp_path):
    settings = instance(tmp_path, provider="piper")
    speech = speech_from(
        settings.model_copy(update={"speech": settings.speech.model_copy(update={"voice": "/nowhere"})})
    )
    assert isinstance(speech, NoSpeech)
    with pytest.raises(SpeechUnavailableError, match="/nowhere"):
        speech.voice("zh")


async def test_a_piper_folder_names_its_languages(tmp_path):
    (tmp_path / "en_US-joe-medium.onnx").write_bytes(b"broken")
    speech = PiperSpeech(tmp_path)
    assert speech.voice("en").name == "piper-en_US-joe-medium-6"
    with pytest.raises(SpeechUnavailableError, match="zh_"):
        speech.voice("zh")
    with pytest.raises(SpeechUnavailableError):
        await speech.synthesise("hello", "en", speech.voice("en"))
    await speech.close()


async def test_openai_without_an_address_is_no_crash(tmp_path):
    with pytest.raises(SpeechUnavailableError, match="speech.url"):
        speech_from(instance(tmp_path, provider="openai")).voice("zh")


@pytest.mark.parametrize("provider", ["demo", "none"])
async def test_providers_by_name(tmp_path, provider):
    speech = speech_from(instance(tmp_path, provider=provider))
    if provider == "demo":
        assert not any(speech.voice(language).production_ready for language in ("zh", "en"))
        with pytest.raises(SpeechUnavailableError, match="'fr'"):
            speech.voice("fr")
    else:
        with pytest.raises(SpeechUnavailableError, match="speech.provider = none"):
            await speech.synthesise("好", "zh", Voice("", "", True))
    await speech.close()


def test_an_unknown_provider_is_named(tmp_path):
    with pytest.raises(PromptError, match="must be demo, openai, piper or none"):
        speech_from(instance(tmp_path, provider="siri"))
