"""Who there is in a large city: units with their people, the hotline's staff, the catalogue, enterprises. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm.enterprises.models import sort_name
from crm.enterprises.names import search_forms
from crm.enterprises.search_index import enterprise_tokens
from hotline.accounts.models import ROOT_ORGANISATION
from hotline.accounts.roles import Role

NOW = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
"""The city's present: a Tuesday, 9:30 in the morning. The service that is measured has a clock that starts here."""
YEARS = timedelta(days=5 * 365)
Row = tuple[str, dict[str, Any]]
"""The name of a table, and a row by column."""

CHARACTERS = (
    "安宝昌诚春达德东丰福富港光广海汉和恒弘宏华辉汇惠佳嘉建江金京景钧凯康兰乐利联龙隆茂"
    "明铭南宁鹏普启庆荣瑞润森盛时顺泰天通同万旺伟祥鑫信兴旭雅阳益永友裕源远云泽振正中众"
)
TRADES = (
    "餐饮 建材 物流 煤业 科技 商贸 化工 农牧 酒店 书店 机械 新能源 葡萄酒业 装饰 教育 医药 广告 劳务 运输 环保"
).split()
_FORMS = (
    ("有限公司", "enterprise"),
    ("有限责任公司", "private_enterprise"),
    ("商行", "individual_business"),
    ("经营部", "individual_business"),
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_BUREAUX = "市场监督管理局 税务局 人力资源和社会保障局 自然资源局 生态环境局 住房和城乡建设局".split()
_OFFICES = ("海勃湾分局", "乌达分局", "海南分局", "执法支队")


class Stamps:
    """UUIDv7 by the moment they stand for, each greater than the one before."""

    def __init__(self) -> None:
        self._count = count()

    def at(self, moment: datetime) -> str:
        milliseconds = int(moment.timestamp() * 1000)
        return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7000-8000-{next(self._count):012x}"


@dataclass(frozen=True, slots=True)
class KnownCaller:
    enterprise_id: str
    contact_id: str
    number: str


@dataclass
class LargeCityPeople:
    """`rows()` is to be used up before the rest is read."""

    enterprises: int
    chance: random.Random = field(default_factory=lambda: random.Random(12345))
    callers: list[KnownCaller] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)
    """(item, unit)."""
    users: dict[str, str] = field(default_factory=dict)
    """Users' ids by name: agent-0, dispatcher-0, handler-<unit>."""

    def __post_init__(self) -> None:
        self.stamps = Stamps()
        self._before = NOW - YEARS - timedelta(days=30)

    def rows(self) -> Iterator[Row]:
        """All of them; a row comes after those that it refers to."""
        yield from self._units()
        yield from self._staff()
        yield from self._catalogue()
        yield from self._enterprises()

    def number(self) -> str:
        return f"+8613{self.chance.randrange(10**9):09}"

    def _new(self) -> str:
        return self.stamps.at(self._before)

    def _units(self) -> Iterator[Row]:
        for bureau in _BUREAUX:
            top = self._new()
            for name, unit, parent in [
                (bureau, top, None),
                *((bureau + office, self._new(), top) for office in _OFFICES),
            ]:
                self.units.append(unit)
                organisation = self._new()
                yield (
                    "organisation",
                    {"id": organisation, "name": name, "kind": "unit", "parent_id": ROOT_ORGANISATION},
                )
                yield (
                    "unit",
                    {"id": unit, "name": name, "parent_id": parent, "organisation_id": organisation},
                )
                number = len(self.units) - 1
                yield self._person(f"handler-{number}", [Role.UNIT_HANDLER], organisation)
                yield self._person(f"head-{number}", [Role.UNIT_HEAD], organisation)

    def _staff(self) -> Iterator[Row]:
        for role, how_many in (
            (Role.AGENT, 40),
            (Role.DISPATCHER, 6),
            (Role.CALLBACK, 6),
            (Role.SUPERVISOR, 3),
            (Role.QA, 2),
            (Role.SYSTEM_ADMIN, 1),
        ):
            for number in range(how_many):
                yield self._person(f"{role.value}-{number}", [role], ROOT_ORGANISATION)

    def _person(self, username: str, roles: list[Role], organisation: str) -> Row:
        self.users[username] = id = self._new()
        name = self.chance.choice(SURNAMES) + self.chance.choice(CHARACTERS)
        values = {"id": id, "username": username, "name": name, "password_hash": "", "roles": [*roles]}
        return "user_account", {**values, "organisation_id": organisation, "created_at": self._before}

    def _catalogue(self) -> Iterator[Row]:
        for at, unit in enumerate(self.units):
            item = self._new()
            self.items.append((item, unit))
            yield "catalogue_item", {"id": item, "code": f"{at:06}", "name": f"事项{at}", "unit_id": unit}

    def _enterprises(self) -> Iterator[Row]:
        chance = self.chance
        for at in range(self.enterprises):
            id, made = self._new(), self._before
            form, kind = chance.choice(_FORMS)
            brand = "".join(chance.choices(CHARACTERS, k=chance.choice((2, 2, 3))))
            name = f"{chance.choice(('乌海市', '内蒙古', ''))}{brand}{chance.choice(TRADES)}{form}"
            code = f"91150300{at:08}MX" if chance.random() < 0.8 else None
            forms = search_forms(name)
            yield (
                "enterprise",
                {
                    **{"id": id, "name": name, **forms, "credit_code": code},
                    **{"sort_name": sort_name(forms["pinyin"])},
                    **{"organisation_code": code[8:16] if code else None, "kind": kind},
                    **{"industry": chance.choice(TRADES), "created_at": made, "updated_at": made},
                },
            )
            tokens = enterprise_tokens(name, forms["name_normal"], forms["initials"], forms["pinyin"], code)
            yield "enterprise_search", {"subject_id": id, "words": " ".join(sorted(tokens))}
            for _ in range(chance.choice((1, 1, 1, 2))):
                yield from self._contact(id)

    def _contact(self, enterprise: str) -> Iterator[Row]:
        contact = self._new()
        name = self.chance.choice(SURNAMES) + self.chance.choice(CHARACTERS)
        yield "contact", {"id": contact, "enterprise_id": enterprise, "name": name, "role": "经理"}
        for purpose in ("caller", "callback")[: self.chance.choice((1, 1, 2))]:
            number = self.number()
            yield "contact_number", {"id": self._new(), "contact_id": contact, "number": number, "purpose": purpose}
        self.callers.append(KnownCaller(enterprise, contact, number))
