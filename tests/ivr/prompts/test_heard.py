"""The demo voices, listened to: built as `make up` does, played back as a telephone would, and written down."""

import asyncio
import re
import subprocess
import sys

import numpy as np
import pytest

from hotline.app.settings import Settings
from ivr.prompts.catalogue import shipped_catalogue
from ivr.prompts.library import PromptLibrary
from tests.fakes.hearing import can_transcribe, load_sound, sounds_like, transcribe
from tests.ivr.prompts.sounds import instance

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

# Too short for Whisper to make out alone; heard in a sentence below.
FRAGMENTS = {
    *(
        "agent-number-before",
        "agent-number-after",
        "queue-position-before",
        "queue-position-after",
    ),
    *("queue-more-before", "queue-more-after"),
    *("digit-yao", "date-day", "date-year", "money-yuan", "money-jiao", "money-fen", "progress-of"),
    *(f"month-{month}" for month in range(1, 13)),
}
SENTENCES = [i for i in shipped_catalogue().ids("zh") if not i.startswith("digits/") and i not in FRAGMENTS]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    if not can_transcribe():
        pytest.skip("the speech-to-text of the test extra is not installed")
    settings = instance(tmp_path_factory.mktemp("heard"), cache=Settings().cache, provider="demo")

    async def build():
        library = PromptLibrary(settings)
        try:
            return await library.ensure()
        finally:
            await library.close()

    report = asyncio.run(build())
    assert report.complete, dict(report.failed)
    return settings.sounds


def heard(sounds, *names, language="zh", gap=0.0):
    pieces = [load_sound(sounds / language / f"{name}.ulaw")[0] for name in names]
    pause = np.zeros(int(gap * 8000), np.float32)
    return transcribe((np.concatenate([part for piece in pieces for part in (piece, pause)]), 8000), language)


def said(prompt_id, language="zh"):
    return "".join(segment.words for segment in shipped_catalogue().get(prompt_id, language).spoken)


@pytest.mark.parametrize("prompt_id", SENTENCES)
def test_each_sentence_is_understood(sounds, prompt_id):
    text = heard(sounds, f"hotline/{prompt_id}")
    assert sounds_like(text, said(prompt_id)) >= 0.7, text


@pytest.mark.parametrize("prompt_id", ["welcome", "menu-main", "survey-ask", "connecting-person", "voicemail-record"])
def test_english_is_understood(sounds, prompt_id):
    text = heard(sounds, f"hotline/{prompt_id}", language="en")
    digits = {str(n): word for n, word in enumerate(["zero", "one", "two", "three", "four", "five"])}
    text = re.sub(r"[0-5]", lambda digit: f" {digits[digit.group()]} ", text)
    assert sounds_like(text, said(prompt_id, "en")) >= 0.75, text


def test_the_menu_and_its_keys_are_understood(sounds):
    text = heard(sounds, "hotline/menu-main")
    choices = ["企业服务，请按一", "个人及其他，请按二", "人工服务，请按零"]
    windows = [text[i : i + len(choice) + 2] for choice in choices for i in range(len(text))]
    for choice in choices:
        # Of eight syllables the recogniser mistakes two for their neighbours on some processors (xi for qi, ai for an).
        assert max(sounds_like(window, choice) for window in windows) >= 0.65, text
    assert "press" in text.lower()


def test_the_menu_is_short(sounds):
    seconds = {
        language: len(load_sound(sounds / language / "hotline/menu-main.ulaw")[0]) / 8000 for language in ("zh", "en")
    }
    assert max(seconds.values()) <= 15, seconds


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            ("hotline/queue-position-before", "digits/20", "digits/3", "hotline/queue-position-after"),
            "您当前排在第23位",
        ),
        (
            ("hotline/progress-next", "hotline/month-3", "digits/5", "hotline/date-day"),
            "我们最晚答复您的时间是三月五日",
        ),
        (
            ("hotline/progress-next", "hotline/month-12", "digits/20", "hotline/date-day"),
            "我们最晚答复您的时间是十二月二十日",
        ),
        (
            ("hotline/progress-of", "hotline/progress-with-unit"),
            "您的工单正在由承办单位办理",
        ),
        (
            ("hotline/queue-more-before", "digits/10", "hotline/queue-more-after"),
            "当前排队等候的超过10人，请您耐心等候",
        ),
        (
            (
                *("hotline/agent-number-before", "digits/1", "digits/0", "digits/0", "digits/2"),
                "hotline/agent-number-after",
            ),
            "您好，工号1002，话务员为您服务",
        ),
    ],
)
def test_numbers_are_understood_in_their_sentence(sounds, names, sentence):
    text = heard(sounds, *names)
    assert sounds_like(text, sentence) >= 0.7, text


def test_english_numbers_are_understood_in_their_sentence(sounds):
    names = ("hotline/queue-position-before", "digits/20", "digits/3", "hotline/queue-position-after")
    text = heard(sounds, *names, language="en")
    assert re.search(r"number (23|twenty[- ]three)", text, re.IGNORECASE), text


@pytest.mark.parametrize("prompt", list(shipped_catalogue()), ids=lambda prompt: f"{prompt.language}-{prompt.id}")
def test_no_word_is_cut_at_either_end(sounds, prompt):
    samples, rate = load_sound(sounds / prompt.language / f"{prompt.name}.sln16")
    edge = rate // 100
    quiet = [np.sqrt(np.mean(part**2)) for part in (samples[:edge], samples[-edge:])]
    assert max(quiet) < 0.004, quiet
    assert 0.03 < np.abs(samples).max() < 0.9


def test_the_mandarin_voice_needs_no_tensorflow(tmp_path):
    program = f"""
import sys
sys.modules["tensorflow"] = sys.modules["scipy"] = None
from pathlib import Path
from ivr.prompts.speech.demo_zh import load_mandarin
audio = load_mandarin(Path({str(tmp_path)!r})).speak("您好，企业服务，请按 一。")
assert 1.5 < audio.seconds < 4, audio.seconds
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True)
