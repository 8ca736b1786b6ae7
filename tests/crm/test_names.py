from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from crm.enterprises.names import CreditCodeInvalidError, code_prefix, initials, normal_name, require_credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.tuples(
    st.sampled_from(["91", "92", "93"]), st.just("150300"), st.text(ALPHABET, min_size=9, max_size=9)
).map("".join)


def code(body: str) -> str:
    return str(body + uscc.calc_check_digit(body))


@given(BODIES, st.booleans())
def test_a_code_with_its_check_digit_is_taken_in_capitals(body: str, lower: bool) -> None:
    written = code(body).lower() if lower else f" {code(body)} "
    assert require_credit_code(written) == code(body)


@given(BODIES, st.integers(8, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    right = code(body)
    wrong = right[:place] + other + right[place + 1 :]
    if wrong != right:
        with pytest.raises(CreditCodeInvalidError):
            require_credit_code(wrong)


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        assert len(require_credit_code(text)) == 18
    except CreditCodeInvalidError:
        pass


@pytest.mark.parametrize(
    ("name", "expected"),
    [("乌海市（ＡＢＣ）科技 有限公司", "乌海市abc科技有限公司"), ("  ", ""), ("“海勃湾”·酒店", "海勃湾酒店")],
)
def test_names_are_compared_without_width_case_and_punctuation(name: str, expected: str) -> None:
    assert normal_name(name) == expected


def test_initials_know_phrases_and_other_readings() -> None:
    assert " cqcc" in initials("重庆长城")
    assert {"dx", "sx"} <= {reading[:2] for reading in initials("单县").split()}
    assert " a1kj" in initials("A1 科技")


@given(st.text(max_size=200))
def test_initials_of_any_name_are_short_enough_to_store(name: str) -> None:
    assert len(initials(name)) <= 16 * (len(normal_name(name)) + 1) + 2
    assert len(normal_name(name)) <= 2 * max(len(name), 1) * 18


@pytest.mark.parametrize(("text", "prefix"), [("9115", "9115"), ("9115 03", "911503"), ("9", None), ("乌海", None)])
def test_the_beginning_of_a_code(text: str, prefix: str | None) -> None:
    assert code_prefix(text) == prefix
