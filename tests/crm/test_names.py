from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from crm.enterprises.credit_codes import (
    CodeFault,
    CreditCode,
    CreditCodeInvalidError,
    code_prefix,
    organisation_digit,
    require_credit_code,
)
from crm.enterprises.names import full_pinyin, initials, normal_name

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FRONTS = ["91", "92", "93", "A1", "Y1", "N1", "N2", "N3", "N9", "11", "51", "81"]
BODIES = st.tuples(st.sampled_from(FRONTS), st.just("150300"), st.text(ALPHABET, min_size=8, max_size=8)).map("".join)


def code(body: str) -> str:
    """The code that begins with these sixteen characters; a 17th is put right."""
    body = body[:16] + organisation_digit(body[8:16])
    return str(body + uscc.calc_check_digit(body))


def fault(text: str, *, confirmed: bool = False) -> CodeFault | None:
    try:
        require_credit_code(text, confirmed=confirmed)
    except CreditCodeInvalidError as error:
        return error.fault
    return None


@given(BODIES, st.booleans())
def test_a_code_with_its_check_digits_is_taken_in_capitals(body: str, lower: bool) -> None:
    written = code(body).lower() if lower else f" {code(body)} "
    assert require_credit_code(written, confirmed=lower) == CreditCode(code(body), confirmed=False)


@given(BODIES, st.integers(8, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    right = code(body)
    wrong = right[:place] + other + right[place + 1 :]
    if wrong != right:
        assert fault(wrong) in {CodeFault.ORGANISATION_DIGIT, CodeFault.CHECK_DIGIT, CodeFault.IDENTITY_NUMBER}


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_code_or_refused(text: str, confirmed: bool) -> None:
    try:
        assert len(require_credit_code(text, confirmed=confirmed).code) in (15, 18)
    except CreditCodeInvalidError:
        pass


@pytest.mark.parametrize(
    "known",
    [
        "N2150302MF0000013J",
        "91110000600037341L",
        "91150302MA0H011K5A",
        code("A1110000600037341"),
        code("Y1110000600037341"),
    ],
)
def test_real_codes_of_every_department(known: str) -> None:
    assert require_credit_code(known) == CreditCode(known, confirmed=False)


@pytest.mark.parametrize(
    ("text", "expected", "confirmable"),
    [
        ("91350203M0001QKT19", CodeFault.CHECK_DIGIT, True),
        ("150302000012345", CodeFault.REGISTRATION_NUMBER, True),
        ("440301103097413", CodeFault.REGISTRATION_NUMBER, True),
        ("150302190001010051", CodeFault.IDENTITY_NUMBER, False),
        ("11010519491231002X", CodeFault.IDENTITY_NUMBER, False),
        ("150302790101123", CodeFault.IDENTITY_NUMBER, False),
        ("91150302MA0H011K5", CodeFault.SHAPE, False),
        ("91150302MA0H011K5Z", CodeFault.SHAPE, False),
        ("B1150302MA0H011K5A", CodeFault.SHAPE, False),
        ("9115030٢MA0H011K5A", CodeFault.SHAPE, False),
    ],
)
def test_what_is_no_valid_code_and_what_the_licence_may_show_all_the_same(
    text: str, expected: CodeFault, confirmable: bool
) -> None:
    assert fault(text) is expected
    assert fault(text, confirmed=True) is (None if confirmable else expected)
    if confirmable:
        assert require_credit_code(text, confirmed=True) == CreditCode(text, confirmed=True)


@pytest.mark.parametrize(
    "pasted",
    [
        "\u200b91150302MA0H011K5A",
        "\ufeff91150302MA0H011K5A\u200e",
        "\u202a91150302MA0H011K5A\u202c",
        "9115 0302-MA0H\u200b 011K5A\u3000",
        "９１１５０３０２ＭＡ０Ｈ０１１Ｋ５Ａ",  # noqa: RUF001  # as Chinese keyboards have them
        "９１１５０３０２ｍａ０ｈ０１１ｋ５ａ",  # noqa: RUF001
    ],
)
def test_what_copying_adds_is_cleaned_away(pasted: str) -> None:
    assert require_credit_code(pasted).code == "91150302MA0H011K5A"
    assert code_prefix(pasted) == "91150302MA0H011K5A"
    assert normal_name(pasted) == "91150302ma0h011k5a"


def test_pinyin_knows_phrases_and_other_readings() -> None:
    assert " chongqingchangcheng" in full_pinyin("重庆长城")
    assert {"dan", "sha"} <= {reading[:3] for reading in full_pinyin("单县").split()}
    assert " a1keji" in full_pinyin("A1 科技")
    assert " lv" in full_pinyin("绿洲")


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
