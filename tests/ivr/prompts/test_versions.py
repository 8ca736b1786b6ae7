from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from ivr.prompts.audio import Audio, encode, to_flac
from ivr.prompts.catalogue import Language, Segment, parse_catalogue
from ivr.prompts.errors import PromptConflictError
from ivr.prompts.loudness import LoudnessVerdict, loudness, to_wav
from ivr.prompts.versions import PromptVersion, PromptVersions, VersionKind, prompts_of
from tests.ivr.prompts.sounds import silence, tone

PATH = "zh/hotline/hello"
WORDS = PromptVersion(
    kind=VersionKind.SPEECH,
    text="您好1",
    spoken=(Segment(Language.ZH, "您好一"),),
    by="王芳",
    at=datetime(2026, 12, 1, tzinfo=UTC),
)


def test_a_version_is_read_as_it_was_kept(tmp_path):
    versions = PromptVersions(tmp_path)
    added = versions.add(PATH, WORDS, expected=0)
    assert added.number == 1
    assert PromptVersions(tmp_path).history(PATH) == (added,)
    assert PromptVersions(tmp_path).all() == {PATH: added}


def test_of_many_at_once_one_is_kept(tmp_path):
    def add(_):
        try:
            return PromptVersions(tmp_path).add(PATH, WORDS, expected=0).number
        except PromptConflictError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(8))) == [*[0] * 7, 1]
    assert [file.name for file in (tmp_path / "zh/hotline/hello.versions").iterdir()] == ["0001.json"]


def test_a_recording_from_before_there_were_versions_is_the_first(tmp_path):
    old = tmp_path / f"{PATH}.flac"
    old.parent.mkdir(parents=True)
    old.write_bytes(to_flac(Audio(tone(1.0), 24000)))
    versions = PromptVersions(tmp_path)
    (before,) = versions.history(PATH)
    assert (before.number, before.kind) == (1, VersionKind.RECORDING)
    assert versions.recording(PATH, before).seconds == pytest.approx(1.0)
    assert versions.add(PATH, WORDS).number == 2
    assert [one.number for one in versions.history(PATH)] == [1, 2]


def test_a_damaged_version_is_passed_over(tmp_path):
    versions = PromptVersions(tmp_path)
    versions.add(PATH, WORDS)
    versions.add(PATH, WORDS)
    (tmp_path / "zh/hotline/hello.versions/0002.json").write_text("{")
    assert [one.number for one in versions.history(PATH)] == [1]


def test_own_prompts_come_after_those_of_the_catalogue(tmp_path):
    versions = PromptVersions(tmp_path)
    versions.add(PATH, WORDS)
    versions.add("zh/hotline/own", WORDS)
    versions.add("zh/hotline/gone", PromptVersion(kind=VersionKind.CATALOGUE))
    found = list(prompts_of(parse_catalogue("prompts: {hello: {zh: 您好。, en: Hello.}}"), versions.all()))
    assert [(one.id, one.language, one.text) for one in found] == [
        ("hello", "zh", "您好1"),
        ("hello", "en", "Hello."),
        ("own", "zh", "您好1"),
    ]


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        (0.1414, LoudnessVerdict.OK),
        (0.04, LoudnessVerdict.QUIET),
        (0.5, LoudnessVerdict.LOUD),
        (1.5, LoudnessVerdict.CLIPPED),
    ],
)
def test_loudness_on_the_line(level, verdict):
    found = loudness(encode(Audio(tone(1.0, level=level), 24000))["alaw"])
    assert found is not None
    assert found.verdict is verdict


def test_pauses_do_not_make_a_prompt_quiet():
    import numpy as np

    speech = tone(1.0, level=0.1414)
    paused = np.concatenate([speech, silence(3.0), speech])
    found = loudness(encode(Audio(paused, 24000))["alaw"])
    assert found is not None
    assert found.level == pytest.approx(-20, abs=0.3)


def test_silence_has_no_loudness():
    assert loudness(b"") is None
    assert to_wav(b"")[:4] == b"RIFF"
