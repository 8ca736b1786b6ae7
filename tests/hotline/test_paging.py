from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.kernel.http import decode_cursor, encode_cursor
from hotline.kernel.paging import InvalidCursorError

AWARE = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.just(UTC))


@given(at=AWARE, text=st.text().filter(lambda text: "\0" not in text), number=st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_gives_back_its_key(at: datetime, text: str, number: int) -> None:
    cursor = encode_cursor(at, text, number)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#% ")
    assert decode_cursor(cursor, datetime, str, int) == (at, text, number)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(text, datetime, str)


@pytest.mark.parametrize(
    "key",
    [(), ("x",), ("2026-03-02", "x"), ("2026-03-02T09:00:00", "x"), (datetime(2026, 3, 2, tzinfo=UTC), 7)],
)
def test_a_key_of_another_list_is_refused(key: tuple[object, ...]) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(encode_cursor(*key), datetime, str)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(InvalidCursorError):
        decode_cursor(encode_cursor(early), datetime)
