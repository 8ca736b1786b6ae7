"""Hearing a call again."""

from __future__ import annotations

import asyncio
import json
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cti.calls.recordings.library import PEAKS, Recordings
from cti.calls.recordings.wav import HEADER, read_header
from cti.calls.schemas import Side
from hotline.kernel.errors import UnavailableError
from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def record(folder: Path, name: str, seconds: float = 2, level: float = 0.5) -> bytes:
    """A recording as Asterisk writes it; returns the file."""
    samples = (level * 32767 * np.sin(np.arange(int(8000 * seconds)) / 5)).astype("<i2")
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path.read_bytes()


@pytest.fixture
async def call(lite: House) -> CallStory:
    call = CallStory(uuid7(), MORNING)
    for side in ("-caller", "-agent"):
        record(lite.recordings, call.call_id + side)
    await lite.happens(*call.simple())
    return call


async def test_the_detail_describes_the_recording(lite: House, call: CallStory) -> None:
    detail = await lite.get("qa", f"/api/calls/{call.call_id}")
    assert detail["recording"] == {"seconds": 2.0, "sides": ["mix", "caller", "agent"]}
    assert detail["has_recording"] is True


async def test_a_whole_recording(lite: House, call: CallStory) -> None:
    whole = (lite.recordings / f"{call.call_id}-caller.wav").read_bytes()
    response, body = await lite.bytes("qa", f"/api/calls/{call.call_id}/recording", side="caller")
    assert (response.status, body) == (200, whole)
    assert response.headers["Content-Type"] == "audio/wav"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Cache-Control"] == "private, no-store"


async def test_both_sides_are_heard_together(lite: House, call: CallStory) -> None:
    """The shorter side is silent at its end, and what is too loud together is clipped, not wrapped around."""
    caller = np.frombuffer(record(lite.recordings, f"{call.call_id}-caller", 2, 0.8)[HEADER:], dtype="<i2")
    agent = np.frombuffer(record(lite.recordings, f"{call.call_id}-agent", 1, 0.8)[HEADER:], dtype="<i2")
    _, body = await lite.bytes("qa", f"/api/calls/{call.call_id}/recording")
    mix = np.frombuffer(body[HEADER:], dtype="<i2")
    together = caller.astype(int)
    together[: agent.size] += agent
    assert mix.tolist() == together.clip(-32768, 32767).tolist()
    assert mix.max() == 32767
    for begin, end in ((44, 47), (45, 99), (16001, 16060), (30000, 32044)):
        _, part = await lite.bytes(
            "qa", f"/api/calls/{call.call_id}/recording", headers={"Range": f"bytes={begin}-{end - 1}"}
        )
        assert part == body[begin:end]


async def test_one_side_alone_is_both(lite: House, call: CallStory) -> None:
    (lite.recordings / f"{call.call_id}-agent.wav").unlink()
    whole = (lite.recordings / f"{call.call_id}-caller.wav").read_bytes()
    _, body = await lite.bytes("qa", f"/api/calls/{call.call_id}/recording")
    assert body == whole
    detail = await lite.get("qa", f"/api/calls/{call.call_id}")
    assert detail["recording"] == {"seconds": 2.0, "sides": ["mix", "caller"]}


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-1", 0, 2), ("bytes=40-99", 40, 100), ("bytes=1000-", 1000, 32044), ("bytes=-500", 31544, 32044)],
)
async def test_a_part(lite: House, call: CallStory, asked: str, begin: int, end: int) -> None:
    whole = (lite.recordings / f"{call.call_id}-agent.wav").read_bytes()
    path = f"/api/calls/{call.call_id}/recording"
    response, body = await lite.bytes("qa", path, headers={"Range": asked}, side="agent")
    assert (response.status, body) == (206, whole[begin:end])
    assert response.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=50000-", "bytes=40000-50000"])
async def test_a_part_beyond_the_end(lite: House, call: CallStory, asked: str) -> None:
    path = f"/api/calls/{call.call_id}/recording"
    response, body = await lite.bytes("qa", path, headers={"Range": asked})
    assert (response.status, json.loads(body)["error_id"]) == (416, "http.range")


@pytest.mark.parametrize("headers", [{"Range": "lines=1-2"}, {"Range": "bytes=0-1", "If-Range": '"another"'}])
async def test_a_range_that_does_not_count(lite: House, call: CallStory, headers: dict[str, str]) -> None:
    response, body = await lite.bytes("qa", f"/api/calls/{call.call_id}/recording", headers=headers)
    assert (response.status, len(body)) == (200, 32044)


async def test_a_recording_whose_header_was_never_closed(lite: House, call: CallStory) -> None:
    """Asterisk crashed, or still records: the header says nothing of the length, what is served does."""
    path = lite.recordings / f"{call.call_id}-agent.wav"
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(4) + whole[8:40] + bytes(4) + whole[44:] + b"\x01")
    _, body = await lite.bytes("qa", f"/api/calls/{call.call_id}/recording", side="agent")
    assert body == whole


async def test_playing_is_audited_once_in_a_while(lite: House, call: CallStory) -> None:
    path = f"/api/calls/{call.call_id}/recording"
    for who in ("qa", "qa", "supervisor"):
        for asked in ("bytes=0-1", "bytes=2-"):
            await lite.bytes(who, path, headers={"Range": asked})
    assert [(r.username, r.action, r.target) for r in lite.audits.records] == [
        ("qa", "recording.play", call.call_id),
        ("supervisor", "recording.play", call.call_id),
    ]


async def test_nothing_is_played_that_could_not_be_audited(lite: House, call: CallStory) -> None:
    path = f"/api/calls/{call.call_id}/recording"
    lite.audits.trouble = UnavailableError("The database did not answer.")
    assert (await lite.bytes("qa", path))[0].status == 503
    assert (await lite.bytes("qa", path))[0].status == 200
    assert [r.action for r in lite.audits.records] == ["recording.play"]


async def test_parts_asked_for_at_once_wait_for_the_one_audit(lite: House, call: CallStory) -> None:
    path = f"/api/calls/{call.call_id}/recording"
    lite.audits.trouble = UnavailableError("The database did not answer.")
    asked = [lite.bytes("qa", path, headers={"Range": part}) for part in ("bytes=0-1", "bytes=2-99", "bytes=100-")]
    answers = await asyncio.gather(*asked)
    assert sorted(response.status for response, _ in answers) == [206, 206, 503]
    assert [r.action for r in lite.audits.records] == ["recording.play"]


async def test_who_may_not_listen(lite: House, call: CallStory) -> None:
    for part in ("recording", "peaks"):
        assert (await lite.ask("agent1", "GET", f"/api/calls/{call.call_id}/{part}"))[0] == 403


async def test_a_call_without_a_recording(lite: House) -> None:
    call = CallStory(uuid7(), MORNING)
    await lite.happens(*call.simple())
    for part in ("recording", "peaks"):
        status, problem = await lite.ask("qa", "GET", f"/api/calls/{call.call_id}/{part}")
        assert (status, problem["error_id"]) == (404, "recording.not_found")
    assert (await lite.get("qa", f"/api/calls/{call.call_id}"))["recording"] is None


async def test_a_message_is_heard_by_whoever_may_hear_a_recording(lite: House) -> None:
    call = CallStory(uuid7(), MORNING)
    message = record(lite.recordings, f"{call.call_id}-voicemail", seconds=3)
    await lite.happens(*call.simple())
    detail = await lite.get("qa", f"/api/calls/{call.call_id}")
    assert (detail["recording"], detail["voicemail"]) == (None, {"seconds": 3.0, "sides": ["voicemail"]})
    path = f"/api/calls/{call.call_id}"
    assert (await lite.bytes("qa", f"{path}/recording", side="voicemail"))[1] == message
    for part in ("recording", "peaks"):
        assert (await lite.ask("agent1", "GET", f"{path}/{part}?side=voicemail"))[0] == 403


async def test_a_message_is_another_thing_to_listen_to_than_the_talk(lite: House, call: CallStory) -> None:
    record(lite.recordings, f"{call.call_id}-voicemail")
    for side in ("mix", "caller", "voicemail", "voicemail"):
        await lite.bytes("qa", f"/api/calls/{call.call_id}/recording", side=side)
    assert [r.detail["side"] for r in lite.audits.records] == ["mix", "voicemail"]


# --- the waveform ---------------------------------------------------------------------------------------


async def test_peaks_show_where_it_is_loud(lite: House, call: CallStory) -> None:
    (lite.recordings / f"{call.call_id}-caller.wav").unlink()
    path = lite.recordings / f"{call.call_id}-agent.wav"
    loud, quiet = (record(lite.recordings, "x", 1, level)[HEADER:] for level in (0.5, 0.05))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(quiet + loud)
    peaks = await lite.get("qa", f"/api/calls/{call.call_id}/peaks")
    assert peaks["seconds"] == 2.0
    assert len(peaks["peaks"]) == PEAKS
    assert max(peaks["peaks"][: PEAKS // 2 - 2]) < 0.06
    assert min(peaks["peaks"][PEAKS // 2 + 2 :]) > 0.4


async def test_a_message_has_a_waveform_of_its_own(lite: House, call: CallStory) -> None:
    record(lite.recordings, f"{call.call_id}-voicemail", seconds=1, level=0.1)
    talk = await lite.get("qa", f"/api/calls/{call.call_id}/peaks")
    for _ in range(2):
        message = await lite.get("qa", f"/api/calls/{call.call_id}/peaks?side=voicemail")
        assert (message["seconds"], round(max(message["peaks"]), 1)) == (1.0, 0.1)
    assert (talk["seconds"], round(max(talk["peaks"]), 1)) == (2.0, 1.0)


def test_peaks_are_kept_until_the_recording_changes(tmp_path: Path) -> None:
    call_id, recordings = uuid7(), Recordings(tmp_path)
    record(tmp_path, f"{call_id}-agent")
    first = recordings.peaks(call_id)
    cache = tmp_path / f"{call_id}.peaks.json"
    kept = json.loads(cache.read_text())
    cache.write_text(json.dumps({**kept, "seconds": 99.0}))
    again = recordings.peaks(call_id)
    assert again is not None
    assert again.seconds == 99.0
    record(tmp_path, f"{call_id}-agent", seconds=3)
    changed = recordings.peaks(call_id)
    assert first is not None
    assert changed is not None
    assert (first.seconds, changed.seconds) == (2.0, 3.0)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"etag": 1}', "\xff"])
def test_a_broken_cache_is_rebuilt(tmp_path: Path, content: str) -> None:
    call_id, recordings = uuid7(), Recordings(tmp_path)
    record(tmp_path, f"{call_id}-agent")
    (tmp_path / f"{call_id}.peaks.json").write_text(content)
    peaks = recordings.peaks(call_id)
    assert peaks is not None
    assert len(peaks.peaks) == PEAKS


def test_a_folder_one_may_not_write_to_costs_the_cache_alone(tmp_path: Path) -> None:
    call_id, recordings = uuid7(), Recordings(tmp_path)
    record(tmp_path, f"{call_id}-agent")
    # A folder in the cache's place: root itself cannot put a file there.
    (tmp_path / f"{call_id}.peaks.json").mkdir()
    peaks = recordings.peaks(call_id)
    assert peaks is not None
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".peaks")] == []


def test_a_very_short_recording(tmp_path: Path) -> None:
    call_id = uuid7()
    record(tmp_path, f"{call_id}-agent", seconds=0.01)
    peaks = Recordings(tmp_path).peaks(call_id)
    assert peaks is not None
    assert len(peaks.peaks) == 80


# --- files that are none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call_id", ["", "..", "../secret", "/etc/passwd", "secret", "0195a5d0-0000-7000-8000-000000000001/../secret", "x\0"]
)
def test_nothing_but_a_call_id_names_a_file(tmp_path: Path, call_id: str) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    record(tmp_path, "secret")
    record(folder, "secret")
    recordings = Recordings(folder)
    assert recordings.find(call_id, Side.MIX) is None
    assert recordings.peaks(call_id) is None
    assert recordings.exists(call_id) is False
    assert recordings.voicemail_seconds(call_id) == 0


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100, b"RIFF\0\0\0\0WAVEfmt " + bytes(28)])
def test_what_is_no_recording(tmp_path: Path, content: bytes) -> None:
    call_id = uuid7()
    (tmp_path / f"{call_id}-caller.wav").write_bytes(content)
    assert Recordings(tmp_path).find(call_id, Side.MIX) is None


def test_a_header_survives_its_own_encoding() -> None:
    header = read_header(bytes.fromhex("52494646ffffffff57415645666d742010000000010001") + HEADER_REST, 1044)
    assert header is not None
    assert read_header(header.encode(), 1044) == header


HEADER_REST = bytes.fromhex("00401f0000803e00000200100064617461ffffffff")
