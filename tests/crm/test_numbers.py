from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.enterprises.numbers import NumberInvalidError, NumberPlan, display
from hotline.accounts.masking import mask_number, mask_numbers_in

PLAN = NumberPlan("0473")
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LOCALS = st.from_regex(r"[2-8][0-9]{6}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("13912345678", "+8613912345678"),
        ("139 1234 5678", "+8613912345678"),
        ("１３９１２３４５６７８", "+8613912345678"),
        ("+86 139-1234-5678", "+8613912345678"),
        ("008613912345678", "+8613912345678"),
        ("08613912345678", "+8613912345678"),
        ("013912345678", "+8613912345678"),
        ("17912345678", "+8617912345678"),
        ("2991001", "+864732991001"),
        ("0473-2991001", "+864732991001"),
        ("（0473）2991001转8012", "+864732991001"),
        ("4732991001", "+864732991001"),
        ("010-65550123", "+861065550123"),
        ("4008001234", "+864008001234"),
        ("12345", "12345"),
        ("95588", "95588"),
        ("110", "110"),
        ("+14155552671", "+14155552671"),
    ],
)
def test_one_number_has_one_form_however_it_is_written(written: str, canonical: str) -> None:
    assert PLAN.canonical(written) == canonical


@pytest.mark.parametrize("written", ["", "anonymous", "1001", "+12345", "0" * 20, "1" * 25, "sip:139@x", "139\n1234"])
def test_what_is_no_number_is_none(written: str) -> None:
    assert PLAN.canonical(written) is None
    with pytest.raises(NumberInvalidError):
        PLAN.require(written)


@given(MOBILES, st.sampled_from(["", "0", "86", "+86", "0086", "086", "+86 "]))
def test_a_mobile_is_the_same_with_any_prefix(mobile: str, prefix: str) -> None:
    assert PLAN.canonical(prefix + mobile) == f"+86{mobile}"


@given(LOCALS, st.sampled_from(["", "0473", "0473-", "+86473", "0086473", "473"]))
def test_a_landline_of_the_city_is_the_same_with_any_prefix(local: str, prefix: str) -> None:
    plain = PLAN.canonical(local)
    assert PLAN.canonical(prefix + local) == plain


@given(st.text(max_size=40) | st.text("0123456789+-() 转", max_size=30))
def test_canonical_is_stable_for_any_text(text: str) -> None:
    number = PLAN.canonical(text)
    if number is not None:
        assert PLAN.canonical(number) == number
        assert PLAN.canonical(display(number)) == number
        assert number.removeprefix("+").isdigit()
        assert len(number) <= 20


@pytest.mark.parametrize(
    ("canonical", "shown"),
    [("+8613912345678", "13912345678"), ("+864732991001", "0473-2991001"), ("12345", "12345"), ("+14155552671",) * 2],
)
def test_a_number_is_shown_as_it_is_dialled(canonical: str, shown: str) -> None:
    assert display(canonical) == shown


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13912345678", "139****5678"),
        ("+8613912345678", "+86139****5678"),
        ("2991001", "***1001"),
        ("12345", "12345"),
        ("anonymous", "anonymous"),
        ("", ""),
    ],
)
def test_a_masked_number_is_recognised_but_not_rung(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@given(MOBILES | LOCALS.map("0473{}".format))
def test_masking_hides_at_least_three_digits(number: str) -> None:
    assert mask_number(number).count("*") >= 3
    assert mask_number(number)[-4:] == number[-4:]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("13912345678", "139****5678"),
        ("王先生 +86 139-1234-5678", "王先生 +86 139-****-5678"),
        ("1３912345678", "1３9****5678"),  # noqa: RUF001  # as Chinese keyboards have them
        ("李雷", "李雷"),
        ("12345 热线 2 组", "12345 热线 2 组"),
        ("", ""),
        ("13912345678 13700002222", "*********** *******2222"),
        ("李 139 1234 5678 137 0000 2222", "李 *** **** **** *** **** 2222"),
    ],
)
def test_a_number_in_a_name_is_masked(name: str, masked: str) -> None:
    assert mask_numbers_in(name) == masked
