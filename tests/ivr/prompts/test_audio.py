import contextlib
import io
import shutil
import subprocess

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.prompts.audio import (
    MASTER_RATE,
    MAX_BYTES,
    Audio,
    alaw,
    encode,
    join,
    master,
    read_audio,
    to_int16,
    ulaw,
    write_atomically,
)
from ivr.prompts.errors import BadRecordingError
from tests.fakes.hearing import load_sound, tone_levels
from tests.ivr.prompts.sounds import as_file, silence, tone

WHOLE = {kind: as_file(tone(0.5, 8000), 8000, kind) for kind in ("WAV", "FLAC", "OGG", "MP3", "AIFF")}
EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


def encoded_by(tool, law, samples):
    if tool == "sox":
        command = ["sox", "-D", "-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"]
        command += ["-t", "ul" if law == "ulaw" else "al", "-"]
    else:
        codec, container = ("pcm_mulaw", "mulaw") if law == "ulaw" else ("pcm_alaw", "alaw")
        command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-"]
        command += ["-c:a", codec, "-f", container, "-"]
    data = samples.astype("<i2").tobytes()
    return np.frombuffer(
        subprocess.run(command, input=data, capture_output=True, check=True, timeout=30).stdout, np.uint8
    )


def decoded(law, codes):
    samples, _ = soundfile.read(
        io.BytesIO(codes.tobytes()), format="RAW", subtype=law.upper(), samplerate=8000, channels=1, dtype="int16"
    )
    return samples.astype(int)


@pytest.mark.parametrize("tool", ["sox", "ffmpeg"])
@pytest.mark.parametrize(("law", "ours"), [("ulaw", ulaw), ("alaw", alaw)])
def test_g711_agrees_with_other_encoders(tool, law, ours):
    """All 65,536 samples. Where a sample lies on the border of two steps, sox and ffmpeg differ from each other too."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    theirs, mine = encoded_by(tool, law, EVERY_SAMPLE), ours(EVERY_SAMPLE)
    assert np.mean(mine != theirs) < 0.02
    errors = [np.abs(decoded(law, codes) - EVERY_SAMPLE).sum() for codes in (mine, theirs)]
    assert errors[0] <= 1.01 * errors[1]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WAV", {"subtype": "PCM_16"}),
        ("WAV", {"subtype": "PCM_U8"}),
        ("WAV", {"subtype": "FLOAT"}),
        ("WAV", {"subtype": "ULAW"}),
        ("FLAC", {}),
        ("OGG", {"subtype": "VORBIS"}),
        ("MP3", {}),
        ("AIFF", {}),
    ],
)
@pytest.mark.parametrize("rate", [8000, 44100])
def test_any_usual_recording_is_read(kind, options, rate):
    audio = read_audio(as_file(tone(1.0, rate), rate, kind, **options))
    assert audio.rate == rate
    assert audio.seconds == pytest.approx(1.0, abs=0.1)
    assert tone_levels(audio.samples, rate, [440.0])[440.0] == pytest.approx(-10.5, abs=0.7)


def test_stereo_is_mixed_down():
    stereo = np.stack([tone(1.0), silence(1.0)], axis=1)
    assert read_audio(as_file(stereo)).samples.ndim == 1


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b"\0" * (MAX_BYTES + 1), "bytes; at most"),
        (b"this is a letter, not a sound" * 50, "cannot be decoded"),
        (as_file(tone())[:20], "cannot be decoded"),
        (as_file(tone(3.0, 8000), 8000), "longer than 2 seconds"),
        (as_file(tone(1.0, 1000), 1000), "sample rate of 1000 Hz"),
        (as_file(np.full(24000, np.nan, np.float32), subtype="FLOAT"), "NaN"),
        (as_file(np.zeros((2400, 9), np.float32)), "9 channels"),
    ],
)
def test_an_unusable_recording_is_refused_in_words(data, complaint):
    with pytest.raises(BadRecordingError, match=complaint):
        read_audio(data, max_seconds=2.0)


@given(st.sampled_from(["WAV", "FLAC", "OGG", "MP3", "AIFF"]), st.data())
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_file_does_more_than_refuse_it(kind, data):
    file = bytearray(WHOLE[kind])
    for place in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=20)):
        file[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(file)))
    with contextlib.suppress(BadRecordingError):
        master(read_audio(bytes(file[:cut])))


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (silence(2.0), "Nothing can be heard"),
        (np.full(48000, 0.4, np.float32), "Nothing can be heard"),
        (tone(2.0, level=0.0005), "Nothing can be heard"),
        (tone(0.05), "shorter than"),
        (np.concatenate([silence(1), tone(0.03), silence(1)]), "Less than"),
    ],
)
def test_silence_is_no_prompt(samples, complaint):
    with pytest.raises(BadRecordingError, match=complaint):
        master(Audio(samples, MASTER_RATE))


@pytest.mark.parametrize("level", [0.01, 0.3, 1.0])
def test_loud_and_soft_recordings_come_out_alike(level):
    result = master(Audio(tone(2.0, 48000, level), 48000))
    assert result.rate == MASTER_RATE
    assert tone_levels(result.samples[2400:-4800], MASTER_RATE, [440.0])[440.0] == pytest.approx(-17, abs=0.5)


def test_peaks_never_clip():
    clicks = tone(2.0, level=0.02)
    clicks[::2400] = 0.9
    assert np.abs(master(Audio(clicks, MASTER_RATE)).samples).max() <= 10 ** (-1.9 / 20)


def test_silence_round_the_words_goes_and_the_words_stay():
    samples = np.concatenate([silence(1.5), tone(1.0), silence(0.5), tone(0.5), silence(3.0)])
    result = master(Audio(samples, MASTER_RATE))
    assert result.seconds == pytest.approx(0.06 + 2.0 + 0.12, abs=0.05)
    assert np.abs(result.samples[:120]).max() < 0.003
    assert np.abs(result.samples[-120:]).max() < 0.003


def test_words_that_start_at_once_get_a_soft_lead():
    result = master(Audio(tone(1.0), MASTER_RATE))
    assert not result.samples[: int(0.05 * MASTER_RATE)].any()
    assert result.seconds == pytest.approx(1.18, abs=0.02)


def test_number_words_sit_close_together():
    loose, tight = (master(Audio(tone(0.5), MASTER_RATE), tight=t).seconds for t in (False, True))
    assert loose - tight == pytest.approx(0.11, abs=0.01)


def test_parts_are_joined_with_a_pause():
    part = master(Audio(tone(1.0), MASTER_RATE))
    assert join([part, part], pause=0.5).seconds == pytest.approx(2 * part.seconds + 0.5, abs=0.001)


def test_every_format_holds_the_same_sound(tmp_path):
    audio = master(Audio(tone(1.0), MASTER_RATE))
    for suffix, data in encode(audio).items():
        write_atomically(tmp_path / f"x.{suffix}", data)
        samples, rate = load_sound(tmp_path / f"x.{suffix}")
        assert len(samples) / rate == pytest.approx(audio.seconds, abs=0.002)
        assert tone_levels(samples[rate // 5 : -rate // 5], rate, [440.0])[440.0] == pytest.approx(-17, abs=0.7)


def test_nothing_above_the_telephone_band_folds_back():
    audio = Audio(tone(1.0, frequency=6500.0), MASTER_RATE)
    samples = decoded("ulaw", np.frombuffer(encode(audio)["ulaw"], np.uint8))[800:-800]
    assert np.abs(samples).max() < 33


def test_full_scale_never_wraps():
    assert list(to_int16(np.array([1.5, -1.5, 1.0, -1.0], np.float32))) == [32767, -32768, 32767, -32767]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
    target = tmp_path / "a.ulaw"
    write_atomically(target, b"old")
    with pytest.raises(TypeError):
        write_atomically(target, "no bytes")  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.ulaw"]


def test_sounds_are_readable_by_asterisk(tmp_path):
    write_atomically(tmp_path / "a.ulaw", b"x")
    assert (tmp_path / "a.ulaw").stat().st_mode & 0o777 == 0o644
