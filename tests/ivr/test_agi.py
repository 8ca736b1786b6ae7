from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agi import AgiResult, Keys, Verb, agi_command, parse_arguments, parse_keys, parse_result
from ivr.errors import UnsafeValueError


def asterisk_words(line: str) -> list[str]:
    """How Asterisk's parse_args (res_agi.c) splits a command."""
    words: list[str] = []
    word, quoted, escaped, white = "", False, False, True
    for character in line:
        if escaped:
            word, escaped, white = word + character, False, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
            white = False if quoted else white
        elif character in " \t" and not quoted:
            if not white:
                words.append(word)
            word, white = "", True
        else:
            word, white = word + character, False
    return words if white else [*words, word]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60))
def test_asterisk_reads_back_the_argument_that_was_given(value: str) -> None:
    line = agi_command(Verb.SET_VARIABLE, "HOTLINE_X", value)
    assert asterisk_words(line) == ["SET", "VARIABLE", "HOTLINE_X", value]


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "\x00", "\u2028", "\ud800"])
def test_a_control_character_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        agi_command(Verb.SET_VARIABLE, "X", value)


def test_a_line_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(UnsafeValueError):
        agi_command(Verb.SET_VARIABLE, "X", "长" * 400)


@pytest.mark.parametrize("application", ["System", "AGI", "Originate", "goto"])
def test_exec_runs_nothing_outside_the_whitelist(application: str) -> None:
    with pytest.raises(UnsafeValueError):
        agi_command(Verb.EXEC, application, "x")


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("200 result=1", AgiResult(200, "1")),
        ("200 result=12 (timeout)\n", AgiResult(200, "12", "timeout")),
        ("200 result= (timeout)\n", AgiResult(200, "", "timeout")),
        ("200 result=\n", AgiResult(200, "")),
        ("200 result=49 endpos=7520\n", AgiResult(200, "49", "", 7520)),
        ("200 result=35 (dtmf) endpos=24000", AgiResult(200, "35", "dtmf", 24000)),
        ("200 result=-1 (hangup) endpos=8000", AgiResult(200, "-1", "hangup", 8000)),
        ("510 Invalid or unknown command\n", AgiResult(510, "")),
        ("520-Invalid command syntax.  Proper usage follows:\nx\n520 End", AgiResult(520, "")),
        ("nonsense", AgiResult(0, "")),
    ],
)
def test_results_of_a_real_asterisk_are_read(line: str, result: AgiResult) -> None:
    assert parse_result(line) == result


def test_a_digit_comes_as_its_character_code() -> None:
    assert [AgiResult(200, code).digit for code in ("49", "42", "35", "0", "-1")] == ["1", "*", "#", "", ""]


@pytest.mark.parametrize(
    ("line", "max_digits", "keys"),
    [
        ("200 result=3", 1, Keys("3", timed_out=False, failed=False)),
        ("200 result=", 1, Keys("#", timed_out=False, failed=False)),
        ("200 result=12", 4, Keys("12#", timed_out=False, failed=False)),
        ("200 result=12 (timeout)", 4, Keys("12", timed_out=True, failed=False)),
        ("200 result=-1", 1, Keys("", timed_out=False, failed=True)),
    ],
)
def test_get_data_distinguishes_the_closing_key_from_silence(line: str, max_digits: int, keys: Keys) -> None:
    assert parse_keys(parse_result(line), max_digits) == keys


def test_the_dialplans_argument_is_read() -> None:
    assert parse_arguments("entry=trunk/stage=return/agent=/waited=03") == {
        "entry": "trunk",
        "stage": "return",
        "agent": "",
        "waited": "03",
    }
