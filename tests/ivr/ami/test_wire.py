from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.ami.wire import (
    MAX_HEADER,
    MAX_HEADERS,
    FrameReader,
    encode_action,
    event_name,
    parse_headers,
    quote_caller,
    quote_variable,
    unescape_c,
)
from ivr.errors import UnsafeValueError

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
RECORDED = (Path(__file__).parent / "recorded_call.ami").read_bytes()


def read_all(chunks: list[bytes], *, limit: int = 256 * 1024) -> tuple[list[bytes], FrameReader]:
    reader = FrameReader(limit=limit)
    return [frame for chunk in chunks for frame in reader.feed(chunk)], reader


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in zip(edges, edges[1:], strict=False)]


# --- frames ---------------------------------------------------------------------------------------------


@given(places=st.lists(st.integers(min_value=0), max_size=60))
@settings(deadline=None)
def test_a_recorded_call_reads_the_same_however_the_stream_is_cut(places: list[int]) -> None:
    whole, _ = read_all([RECORDED])
    parts, _ = read_all(cut(RECORDED, places))
    assert parts == whole
    assert len(whole) == 290


def test_a_recorded_call_reads_the_same_byte_by_byte() -> None:
    head = RECORDED[:20_000]
    assert read_all([head[i : i + 1] for i in range(len(head))])[0] == read_all([head])[0]


@given(
    pieces=st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"a", b"Event: X", b": ", b"b" * 9, b"\xe6"])),
    places=st.lists(st.integers(min_value=0), max_size=20),
)
@example(pieces=[b"a", b"\r\n\r\n", b"\r\n", b"a", b"\r\n\r\n"], places=[6])
@example(pieces=[b"b" * 9, b"b" * 9, b"\r\n\r\n", b"a", b"\r\n\r\n"], places=[12, 13, 19, 20, 21])
def test_garbage_reads_the_same_however_it_is_cut_and_stays_within_the_limit(
    pieces: list[bytes], places: list[int]
) -> None:
    stream = BANNER + b"".join(pieces)
    whole, one = read_all([stream], limit=12)
    parts, many = read_all(cut(stream, places), limit=12)
    assert parts == whole
    assert max(map(len, whole), default=0) <= 12
    assert many.dropped == one.dropped


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_garbage_never_raises(first: bytes, second: bytes) -> None:
    for frame in read_all([first, second, b"\r\n\r\n"])[0]:
        event_name(frame)
        parse_headers(frame)


def test_a_huge_line_is_dropped_and_its_memory_is_bounded() -> None:
    reader = FrameReader(limit=1000)
    reader.feed(BANNER)
    for _ in range(1000):
        assert reader.feed(b"x" * 1000) == []
        assert len(reader._buffer) <= 1003
    assert reader.feed(b"\r\n\r\nEvent: Next\r\n\r\n") == [b"Event: Next"]
    assert reader.dropped == 1


def test_a_greeting_that_never_ends_is_bounded() -> None:
    reader = FrameReader()
    for _ in range(100):
        reader.feed(b"x" * 1000)
    assert len(reader.banner or "") == 1024


def test_the_greeting_is_kept_and_is_no_frame() -> None:
    frames, reader = read_all([BANNER[:10], BANNER[10:] + b"Event: A\r\n\r\n"])
    assert reader.banner == "Asterisk Call Manager/11.0.0"
    assert frames == [b"Event: A"]


# --- headers --------------------------------------------------------------------------------------------


def test_headers_keep_colons_and_blanks_of_values() -> None:
    headers = parse_headers(b"Event: X\r\nEmpty: \r\nNone:\r\nTime: 20:08:36 \r\nno colon")
    assert headers == {"Event": "X", "Empty": "", "None": "", "Time": "20:08:36 "}


def test_a_repeated_header_holds_all_its_values() -> None:
    assert parse_headers(b"Response: Success\r\nOutput: one\r\nOutput: \r\nOutput: three")["Output"] == "one\n\nthree"


def test_a_chinese_character_split_between_reads_is_whole() -> None:
    stream = BANNER + "Event: X\r\nName: 李雷😀\r\n\r\n".encode()
    for place in range(len(stream)):
        frames, _ = read_all([stream[:place], stream[place:]])
        assert parse_headers(frames[0])["Name"] == "李雷😀"


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    assert parse_headers(b"Name: \xe6\x9d")["Name"] == "�"


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (b"Event: Hangup\r\nCause: 16", b"Hangup"),
        (b"Event: Alone", b"Alone"),
        (b"Response: Success", None),
        (b"", None),
    ],
)
def test_event_name(frame: bytes, name: bytes | None) -> None:
    assert event_name(frame) == name


# --- what we send ---------------------------------------------------------------------------------------


@given(st.text(), st.text())
@settings(deadline=None)
def test_no_value_that_passes_can_add_a_line_or_exceed_asterisks(name: str, value: str) -> None:
    try:
        encode_action({name: value})
    except UnsafeValueError:
        return
    line = f"{name}: {value}".encode()
    assert not {b"\r", b"\n", b"\0"} & {line[i : i + 1] for i in range(len(line))}
    assert len(line) <= MAX_HEADER
    assert ":" not in name


@pytest.mark.parametrize(
    "value",
    ["x\r\nAction: Originate", "x\ny", "x\ry", "x\0y", "x" * 1001, "汉" * 334, "\ud83d", ["fine", "not\nfine"]],
    ids=["injection", "lf", "cr", "nul", "long", "long utf-8", "surrogate", "in a list"],
)
def test_unsafe_values_are_refused(value: object) -> None:
    with pytest.raises(UnsafeValueError) as caught:
        encode_action({"Variable": value})
    assert "Originate" not in caught.value.detail


def test_unsafe_header_names_are_refused() -> None:
    for name in ("", "A: b\r\nC", "Vari able", "1"):
        with pytest.raises(UnsafeValueError):
            encode_action({name: "x"})


def test_more_headers_than_asterisk_reads_are_refused() -> None:
    encode_action({"Variable": ["x"] * MAX_HEADERS})
    with pytest.raises(UnsafeValueError):
        encode_action({"Variable": ["x"] * MAX_HEADERS, "One": "more"})


# --- quoting --------------------------------------------------------------------------------------------


def test_unescape_c() -> None:
    assert unescape_c(r"李 \"雷\" \\ \'x\' \? a\nb\tc") == "李 \"雷\" \\ 'x' ? a\nb\tc"
    assert unescape_c("trailing \\") == "trailing \\"


def test_quoting() -> None:
    assert quote_caller('a "b" \\', "138") == r'"a \"b\" \\" <138>'
    assert quote_variable("A", r'x,y"z\w(p)[q]') == r"A=x\,y\"z\\w\(p\)\[q\]"
