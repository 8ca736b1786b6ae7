from __future__ import annotations

import pytest

from tests.crm.conftest import trunk_of

OF_THE_COUNTRY = ("13904732101", "04732990112", "2990112", "+8613912345678", "008613912345678", "4008123456")
SHORT = ("110", "120", "10086", "114", "12333", "12315", "95588", "96096", "95105105")
ABROAD = ("0012125550123", "+12125550123", "+85221234567")
BY_ANOTHER_CARRIER = ("12593", "1259313912345678", "12520139", "17951", "1795100120255501", "179510012125550123")
COSTS_EXTRA = ("12590", "1259012", "12590123", "160", "168", "16812345", "+8616812345")
OF_NO_PLAN = ("139047321", "000", "12991001", "100861", "123456", "96123456", "1", "12", "")
OF_AN_EXCHANGE = ("600", "6001", "61234", "661234", "8001", "13001", "9001")


@pytest.mark.parametrize("number", [*OF_THE_COUNTRY, *SHORT])
def test_numbers_of_the_country_are_called(number: str) -> None:
    assert trunk_of().allows(number)


@pytest.mark.parametrize("number", [*ABROAD, *BY_ANOTHER_CARRIER, *COSTS_EXTRA, *OF_NO_PLAN, *OF_AN_EXCHANGE])
def test_what_is_abroad_costs_extra_or_is_unknown_is_not_called(number: str) -> None:
    assert not trunk_of().allows(number)


@pytest.mark.parametrize("number", [*BY_ANOTHER_CARRIER, *COSTS_EXTRA, *OF_NO_PLAN])
def test_no_setting_allows_what_costs_extra_or_is_unknown(number: str) -> None:
    assert not trunk_of("+", *"123456789").allows(number)


@pytest.mark.parametrize("area_code", ["0473", "010", "021", "0512"])
def test_the_hotline_itself_is_never_called(area_code: str) -> None:
    trunk = trunk_of("+", *"123456789", area_code=area_code)
    area = area_code.lstrip("0")
    assert not trunk.allows("12345")
    for before in ("0", "+86", "0086", "86", "+860", "00860", "860"):
        assert not trunk.allows(f"{before}{area}12345")


@pytest.mark.parametrize("number", ["1012345", "01012345", "+861012345", "861012345"])
def test_the_hotline_is_known_by_the_area_code_of_the_capital(number: str) -> None:
    assert not trunk_of(area_code="010").allows(number)


def test_a_subscriber_whose_number_ends_like_the_hotline_is_called() -> None:
    assert trunk_of(area_code="0512").allows("51212345")
    assert trunk_of().allows("8612345")


def test_a_city_may_call_less_or_more() -> None:
    assert not trunk_of("+86473").allows("01012345678")
    assert not trunk_of("+86473").allows("12333")
    assert trunk_of("+86473").allows("04732990112")
    assert trunk_of("+1").allows("0012125550123")


@pytest.mark.parametrize("number", OF_AN_EXCHANGE)
def test_short_numbers_of_an_exchange_are_called_where_the_setting_names_them(number: str) -> None:
    assert trunk_of("+86", number[:2]).allows(number)
    assert not trunk_of("+86", number[:2]).allows("7001")
