import asyncio
import shutil

import pytest

from ivr.prompts.catalogue import parse_catalogue
from ivr.prompts.errors import BadRecordingError, PromptError, UnknownPromptError
from ivr.prompts.library import PromptLibrary, ensure
from tests.fakes.hearing import load_sound
from tests.ivr.prompts.sounds import FakeVoice, as_file, instance, silence, tone

WORDS = """
prompts:
  hello: {zh: 您好。, en: Hello.}
  bye: {zh: 再见。, en: Goodbye.}
numbers: {zh: {"1": 一}}
"""
SPOKEN = ["您好。", "Hello.", "再见。", "Goodbye.", "一"]


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """A cache that holds the music already, which takes half a second to compute."""
    settings = instance(tmp_path_factory.mktemp("computed"))
    asyncio.run(PromptLibrary(settings, speech=FakeVoice(), catalogue=parse_catalogue("prompts: {}")).ensure())
    return settings.cache


@pytest.fixture
def settings(tmp_path, computed):
    settings = instance(tmp_path)
    shutil.copytree(computed, settings.cache)
    return settings


@pytest.fixture
def voice():
    return FakeVoice()


@pytest.fixture
def library(settings, voice):
    return PromptLibrary(settings, speech=voice, catalogue=parse_catalogue(WORDS))


def seconds_of(settings, path):
    samples, rate = load_sound(settings.sounds / f"{path}.sln16")
    return len(samples) / rate


async def test_every_prompt_is_made_in_every_format(library, settings, voice):
    report = await library.ensure()
    assert report.complete
    assert sorted(voice.asked) == sorted(SPOKEN)
    for path in ("zh/hotline/hello", "en/hotline/bye", "zh/digits/1", "zh/beep", "moh/hold"):
        for suffix in ("sln16", "ulaw", "alaw"):
            assert (settings.sounds / f"{path}.{suffix}").stat().st_size > 1000


async def test_what_is_there_is_not_made_again(library, voice):
    await library.ensure()
    voice.asked.clear()
    report = await library.ensure()
    assert (report.synthesised, report.copied, voice.asked) == (0, 0, [])


async def test_only_changed_words_are_spoken_again(library, settings, voice):
    await library.ensure()
    voice.asked.clear()
    changed = parse_catalogue(WORDS.replace("您好。", "您好您好。"))
    await PromptLibrary(settings, speech=voice, catalogue=changed).ensure()
    assert voice.asked == ["您好您好。"]


async def test_another_voice_speaks_all_of_it_again(library, settings):
    await library.ensure()
    other = FakeVoice("fake-2")
    await PromptLibrary(settings, speech=other, catalogue=parse_catalogue(WORDS)).ensure()
    assert len(other.asked) == len(SPOKEN)


async def test_a_second_instance_copies_from_the_cache(library, settings, tmp_path):
    await library.ensure()
    second, mute = instance(tmp_path / "second", cache=settings.cache), FakeVoice()
    report = await PromptLibrary(second, speech=mute, catalogue=parse_catalogue(WORDS)).ensure()
    assert report.complete
    assert mute.asked == []
    assert seconds_of(second, "zh/hotline/hello") == seconds_of(settings, "zh/hotline/hello")


async def test_a_damaged_cache_entry_is_made_again(library, settings, tmp_path, voice):
    await library.ensure()
    for file in settings.cache.glob("prompts/*/*.alaw"):
        file.write_bytes(file.read_bytes()[:100])
    second = instance(tmp_path / "second", cache=settings.cache)
    voice.asked.clear()
    assert (await PromptLibrary(second, speech=voice, catalogue=parse_catalogue(WORDS)).ensure()).complete
    assert len(voice.asked) == len(SPOKEN)


async def test_a_truncated_sound_is_mended(library, settings):
    await library.ensure()
    file = settings.sounds / "zh/hotline/hello.ulaw"
    whole = file.read_bytes()
    file.write_bytes(whole[:10])
    assert library.missing(["hello", "bye"], "zh") == ("hello",)
    report = await library.ensure()
    assert (report.copied, file.read_bytes()) == (1, whole)


async def test_a_removed_sound_is_mended(library, settings):
    await library.ensure()
    (settings.sounds / "zh/digits/1.alaw").unlink()
    assert (await library.ensure()).copied == 1


async def test_a_voice_that_is_away_is_asked_once_and_reported(library, voice):
    voice.away = True
    report = await library.ensure()
    assert not report.complete
    assert set(report.missing) == {
        *("zh/hotline/hello", "en/hotline/hello", "zh/hotline/bye", "en/hotline/bye", "zh/digits/1")
    }
    assert set(report.failed.values()) == {"The fake voice is away."}
    assert len(voice.asked) <= 4  # those under way at once


async def test_a_failing_voice_never_takes_away_a_sound(library, settings, voice):
    await library.ensure()
    before = (settings.sounds / "zh/hotline/hello.sln16").read_bytes()
    away = FakeVoice("fake-2")
    away.away = True
    report = await PromptLibrary(settings, speech=away, catalogue=parse_catalogue(WORDS)).ensure()
    assert report.complete
    assert "zh/hotline/hello" in report.failed
    assert (settings.sounds / "zh/hotline/hello.sln16").read_bytes() == before


async def test_one_mute_prompt_does_not_stop_the_others(library, voice):
    voice.mute = ("您好。",)
    report = await library.ensure()
    assert report.missing == ("zh/hotline/hello",)
    assert "Nothing can be heard" in report.failed["zh/hotline/hello"]


async def test_without_a_provider_what_is_there_stays_in_use(library, settings):
    await library.ensure()
    report = await PromptLibrary(settings, catalogue=parse_catalogue(WORDS)).ensure()
    assert report.complete
    assert "hotline prompt upload" in report.failed["zh/hotline/hello"]


async def test_a_recording_wins_over_the_voice(library, settings, voice):
    await library.upload("hello", "zh", as_file(tone(1.5, 44100), 44100))
    voice.asked.clear()
    assert (await library.ensure()).complete
    assert "您好。" not in voice.asked
    assert seconds_of(settings, "zh/hotline/hello") == pytest.approx(1.68, abs=0.05)
    assert library.status()[0].source == "recording"


async def test_a_recording_uploaded_while_the_voice_speaks_wins_too(library, settings, voice):
    voice.meanwhile = lambda: library.upload("hello", "zh", as_file(tone(1.5)))
    assert (await library.ensure()).complete
    assert seconds_of(settings, "zh/hotline/hello") == pytest.approx(1.68, abs=0.05)


async def test_a_new_recording_replaces_the_old_at_once(library, settings):
    for length in (1.0, 2.0):
        await library.upload("hello", "zh", as_file(tone(length)))
        assert seconds_of(settings, "zh/hotline/hello") == pytest.approx(length + 0.18, abs=0.05)


async def test_a_forgotten_recording_gives_way_to_the_voice(library, settings, voice):
    await library.upload("hello", "zh", as_file(tone(3.0)))
    assert await library.forget_recording("hello", "zh")
    assert "您好。" in voice.asked
    assert seconds_of(settings, "zh/hotline/hello") < 1
    assert not await library.forget_recording("hello", "zh")


@pytest.mark.parametrize("data", [b"", b"RIFF rubbish", as_file(silence(2.0))])
async def test_a_bad_recording_changes_nothing(library, settings, data):
    await library.ensure()
    before = (settings.sounds / "zh/hotline/hello.sln16").read_bytes()
    with pytest.raises(BadRecordingError):
        await library.upload("hello", "zh", data)
    assert (settings.sounds / "zh/hotline/hello.sln16").read_bytes() == before
    assert library.status()[0].source == "speech"


async def test_a_damaged_recording_leaves_the_sound_in_use(library, settings):
    await library.ensure()
    await library.upload("hello", "zh", as_file(tone(1.0)))
    masters = (settings.home / "prompts/zh/hotline/hello.versions").glob("*.flac")
    next(masters).write_bytes(b"gone bad")
    (settings.sounds / "zh/hotline/hello.alaw").unlink()
    report = await library.ensure()
    assert report.complete
    assert "cannot be decoded" in report.failed["zh/hotline/hello"]


@pytest.mark.parametrize(("prompt_id", "language"), [("helo", "zh"), ("hello", "fr"), ("../../etc/x", "zh")])
async def test_an_upload_needs_a_prompt_there_is(library, prompt_id, language):
    with pytest.raises(UnknownPromptError):
        await library.upload(prompt_id, language, as_file(tone()))
    with pytest.raises(UnknownPromptError):
        await library.upload("../x", language, as_file(tone()), new=True)


async def test_an_organisation_may_add_a_prompt_of_its_own(library):
    await library.upload("flood-notice", "zh", as_file(tone()), new=True)
    assert library.missing(["flood-notice", "other-notice"], "zh") == ("other-notice",)


async def test_missing_names_what_a_call_could_not_play(library):
    assert library.missing(["hello", "digits/1", "beep"], "zh") == ("hello", "digits/1", "beep")
    await library.ensure()
    assert library.missing(["hello", "digits/1", "beep", "nothing"], "zh") == ("nothing",)


async def test_a_file_put_there_by_hand_is_playable(library, settings):
    target = settings.sounds / "zh/hotline/hello.wav"
    target.parent.mkdir(parents=True)
    target.write_bytes(as_file(tone(1.0, 8000), 8000))
    assert library.missing(["hello"], "zh") == ()
    assert library.status()[0].source == "file"


async def test_demo_voices_are_named_for_lint(settings):
    library = PromptLibrary(settings, speech=FakeVoice(production_ready=False), catalogue=parse_catalogue(WORDS))
    await library.ensure()
    await library.upload("hello", "zh", as_file(tone()))
    unfit = library.unfit_for_production()
    assert "zh/hotline/bye" in unfit
    assert "zh/hotline/hello" not in unfit


async def test_progress_counts_to_the_end(library):
    steps = []
    await library.ensure(lambda done, total, path: steps.append((done, total)))
    assert steps == [(n, 8) for n in range(1, 9)]


async def test_two_builds_at_once_do_no_harm(settings):
    libraries = [PromptLibrary(settings, speech=FakeVoice(), catalogue=parse_catalogue(WORDS)) for _ in range(2)]
    reports = await asyncio.gather(*(library.ensure() for library in libraries))
    assert all(report.complete and not report.failed for report in reports)


async def test_an_unwritable_folder_is_reported_not_raised(library, settings):
    settings.sounds.mkdir(parents=True)
    (settings.sounds / "zh").write_text("a file where a folder should be")
    report = await library.ensure()
    assert "zh/hotline/hello" in report.failed
    assert "en/hotline/hello" not in report.failed


async def test_export_names_a_playable_file(library, settings):
    with pytest.raises(UnknownPromptError, match="prompt build"):
        library.export("hello", "zh")
    await library.ensure()
    assert library.export("hello", "zh") == str(settings.sounds / "zh/hotline/hello.sln16")


async def test_an_unknown_provider_is_named(tmp_path):
    with pytest.raises(PromptError, match="'siri'"):
        await ensure(instance(tmp_path, provider="siri"))


async def test_closing_twice_is_safe(library, voice):
    await library.close()
    await library.close()
    assert voice.closed == 2
