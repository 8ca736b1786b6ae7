import numpy as np
import pytest

from ivr.prompts.audio import MASTER_RATE
from ivr.prompts.music import beep, hold_music


@pytest.fixture(scope="module")
def music():
    return hold_music()


def level(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12)


def test_it_is_long_and_quiet(music):
    assert music.seconds > 30
    assert level(music.samples) == pytest.approx(-27, abs=0.5)
    assert np.abs(music.samples).max() < 0.5


def test_it_never_falls_silent(music):
    seconds = music.samples[: int(music.seconds) * MASTER_RATE].reshape(-1, MASTER_RATE)
    assert min(level(second) for second in seconds) > -36


def test_it_loops_without_a_click(music):
    jump = abs(float(music.samples[0] - music.samples[-1]))
    assert jump <= np.abs(np.diff(music.samples)).max()


def test_it_leaves_the_band_above_two_and_a_half_kilohertz_free(music):
    spectrum = np.abs(np.fft.rfft(music.samples)) ** 2
    frequencies = np.fft.rfftfreq(len(music.samples), 1 / MASTER_RATE)
    assert 10 * np.log10(spectrum[frequencies > 2500].sum() / spectrum.sum()) < -50


def test_it_is_the_same_each_time(music):
    assert np.array_equal(music.samples, hold_music().samples)


def test_the_beep_is_a_short_tone():
    assert beep().seconds == pytest.approx(0.25)
    assert level(beep().samples) == pytest.approx(-16, abs=1)
