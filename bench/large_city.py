"""The rows of a large city's hotline after five years, made from a seed: the same each time. Pure.

Proportions as in practice: one case in fifty is open, nearly all of those are of the last weeks; a third were answered
at once; enterprises and units differ in how often they call and are called upon; three steps a case.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from bench.large_city_paths import ACTIVE, CLOSED_STATES, OPEN_STATES, STEPS_TO, lead_assignment
from crm.cases.numbering import case_number
from crm.cases.search_index import case_tokens
from crm.enterprises.names import search_forms
from crm.enterprises.search_index import enterprise_tokens
from crm.similar.words import stored_words
from hotline.accounts.models import ROOT_ORGANISATION
from hotline.accounts.roles import Role

VERSION = 2
"""Grows with each change of the rows: databases of another are not used."""
NOW = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
"""The city's present: a Tuesday, 9:30 in the morning. The service that is measured has a clock that starts here."""
YEARS = timedelta(days=5 * 365)
LATELY = 0.025
"""The share of the cases, the newest, among which the open ones are."""
TELLINGS = 20_000
Row = tuple[str, dict[str, Any]]
"""The name of a table, and a row by column."""

_TEXTS = Path(__file__).with_name("suggestion_texts.yaml")
_CHARACTERS = (
    "安宝昌诚春达德东丰福富港光广海汉和恒弘宏华辉汇惠佳嘉建江金京景钧凯康兰乐利联龙隆茂"
    "明铭南宁鹏普启庆荣瑞润森盛时顺泰天通同万旺伟祥鑫信兴旭雅阳益永友裕源远云泽振正中众"
)
_TRADES = (
    "餐饮 建材 物流 煤业 科技 商贸 化工 农牧 酒店 书店 机械 新能源 葡萄酒业 装饰 教育 医药 广告 劳务 运输 环保"
).split()
_FORMS = (
    ("有限公司", "enterprise"),
    ("有限责任公司", "private_enterprise"),
    ("商行", "individual_business"),
    ("经营部", "individual_business"),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_PLACES = ("海勃湾", "乌达", "海南区", "千里山工业园", "乌海湾", "滨河新区", "桌子山", "低碳产业园")
_BUREAUX = "市场监督管理局 税务局 人力资源和社会保障局 自然资源局 生态环境局 住房和城乡建设局".split()
_OFFICES = ("海勃湾分局", "乌达分局", "海南分局", "执法支队")
_TYPES = ("consult", "help", "complaint", "suggestion", "report", "praise")
_TYPE_WEIGHTS = (40, 35, 15, 4, 5, 1)


class Stamps:
    """UUIDv7 by the moment they stand for, each greater than the one before."""

    def __init__(self) -> None:
        self._count = count()

    def at(self, moment: datetime) -> str:
        milliseconds = int(moment.timestamp() * 1000)
        return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7000-8000-{next(self._count):012x}"


@dataclass(frozen=True, slots=True)
class CallersWords:
    title: str
    content: str
    place: str
    tokens: tuple[str, ...]
    stored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownCaller:
    enterprise_id: str
    contact_id: str
    number: str


@dataclass
class LargeCity:
    """`cases` cases and a fifth as many enterprises. Its iterators are to be used up in the order they stand here."""

    cases: int
    chance: random.Random = field(default_factory=lambda: random.Random(12345))
    callers: list[KnownCaller] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)
    """(item, unit)."""
    people: dict[str, str] = field(default_factory=dict)
    """Users' ids by name: agent-0, dispatcher-0, handler-<unit>."""

    def __post_init__(self) -> None:
        self._stamps = Stamps()
        self._before = NOW - YEARS - timedelta(days=30)

    def rows(self) -> Iterator[Row]:
        """All of them; a row comes after those that it refers to."""
        yield from self._units()
        yield from self._staff()
        yield from self._catalogue()
        yield from self._enterprises()
        yield from self._cases()

    @cached_property
    def _texts(self) -> list[str]:
        texts: dict[str, list[str]] = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))
        return [text for some in texts.values() for text in some]

    def _new(self) -> str:
        return self._stamps.at(self._before)

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
        self.people[username] = id = self._new()
        name = self.chance.choice(_SURNAMES) + self.chance.choice(_CHARACTERS)
        values = {"id": id, "username": username, "name": name, "password_hash": "", "roles": [*roles]}
        return "user_account", {**values, "organisation_id": organisation, "created_at": self._before}

    def _catalogue(self) -> Iterator[Row]:
        for at, unit in enumerate(self.units):
            item = self._new()
            self.items.append((item, unit))
            yield "catalogue_item", {"id": item, "code": f"{at:06}", "name": f"事项{at}", "unit_id": unit}

    # --- enterprises ------------------------------------------------------------------------------------

    def _enterprises(self) -> Iterator[Row]:
        chance = self.chance
        for at in range(self.cases // 5):
            id, made = self._new(), self._before
            form, kind = chance.choice(_FORMS)
            brand = "".join(chance.choices(_CHARACTERS, k=chance.choice((2, 2, 3))))
            name = f"{chance.choice(('乌海市', '内蒙古', ''))}{brand}{chance.choice(_TRADES)}{form}"
            code = f"91150300{at:08}MX" if chance.random() < 0.8 else None
            forms = search_forms(name)
            yield (
                "enterprise",
                {
                    **{"id": id, "name": name, **forms, "credit_code": code},
                    **{"organisation_code": code[8:16] if code else None, "kind": kind},
                    **{"industry": chance.choice(_TRADES), "created_at": made, "updated_at": made},
                },
            )
            tokens = enterprise_tokens(name, forms["name_normal"], forms["initials"], forms["pinyin"], code)
            yield "enterprise_search", {"subject_id": id, "words": " ".join(sorted(tokens))}
            for _ in range(chance.choice((1, 1, 1, 2))):
                yield from self._contact(id)

    def _contact(self, enterprise: str) -> Iterator[Row]:
        contact = self._new()
        name = self.chance.choice(_SURNAMES) + self.chance.choice(_CHARACTERS)
        yield "contact", {"id": contact, "enterprise_id": enterprise, "name": name, "role": "经理"}
        for purpose in ("caller", "callback")[: self.chance.choice((1, 1, 2))]:
            number = self._number()
            yield "contact_number", {"id": self._new(), "contact_id": contact, "number": number, "purpose": purpose}
        self.callers.append(KnownCaller(enterprise, contact, number))

    def _number(self) -> str:
        return f"+8613{self.chance.randrange(10**9):09}"

    # --- cases ------------------------------------------------------------------------------------------

    def _cases(self) -> Iterator[Row]:
        day, today = None, 0
        for at in range(self.cases):
            # Evenly over the years, with nobody calling in the last two minutes.
            made = NOW - timedelta(minutes=2) - YEARS * (1 - (at + 1) / self.cases)
            made = made.replace(microsecond=0)
            local = (made + timedelta(hours=8)).date()
            day, today = (local, today + 1) if local == day else (local, 1)
            yield from self._case(made, self._state(at), case_number(local, today))
        if day is not None:
            yield "case_counter", {"day": day, "last": today}

    def _state(self, at: int) -> str:
        lately = at >= self.cases * (1 - LATELY)
        states = OPEN_STATES if self.chance.random() < (0.76 if lately else 0.001) else CLOSED_STATES
        return self.chance.choices(list(states), list(states.values()))[0]

    @cached_property
    def _told(self) -> list[CallersWords]:
        """So many that few are told twice by one enterprise; to find the words of each anew takes too long."""
        return [self._telling() for _ in range(min(self.cases, TELLINGS))]

    def _telling(self) -> CallersWords:
        chance = self.chance
        text = chance.choice(self._texts).format(
            firm="".join(chance.choices(_CHARACTERS, k=2)) + chance.choice(_TRADES),
            who=chance.choice(_SURNAMES) + chance.choice(("先生", "女士")),
            when=chance.choice(("上个月", "半个月前", "国庆以后", "三月份")),
            place=chance.choice(_PLACES),
            trade=chance.choice(_TRADES),
        )
        street = "".join(chance.choices(_CHARACTERS, k=2))
        content = f"{text}地点在{street}路{chance.randrange(400)}号，涉及{chance.randrange(10**6)}元。"
        title, place = text.partition("，")[0][:40], f"{chance.choice(_PLACES)}{street}路"
        tokens = tuple(case_tokens("", title, content) - case_tokens(""))
        return CallersWords(title, content, place, tokens, tuple(stored_words(title, content, place)))

    def _case(self, made: datetime, state: str, number: str) -> Iterator[Row]:
        chance = self.chance
        id = self._stamps.at(made)
        told = chance.choice(self._told)
        values = self._values(id, made, state, number, told)
        yield "service_case", values
        words = [*case_tokens(number), *told.tokens]
        yield "case_search", {"subject_id": id, "words": " ".join(words)}
        if state in OPEN_STATES and state != "draft" and not values["confidential"]:
            for word in told.stored:
                yield "case_word", {"word": word, "case_id": id}
        assignment = None
        if (lead := lead_assignment(state)) is not None:
            assignment = self._stamps.at(made)
            yield from self._assignments(values, assignment, lead)
        yield from self._steps(values, assignment)
        yield from self._deadlines(values)
        if values["replied_at"] is not None and assignment is not None:
            yield from self._answer(values, assignment)
        yield from self._supervised(values)
        if chance.random() < 0.9:
            yield "case_call", {"case_id": id, "call_id": self._stamps.at(made), "linked_at": made}

    def _values(self, id: str, made: datetime, state: str, number: str, told: CallersWords) -> dict[str, Any]:
        """The case's own row."""
        chance = self.chance
        known = chance.random() < 0.8
        # Some enterprises call all the time, most hardly ever.
        caller = self.callers[int(len(self.callers) * chance.random() ** 2)] if known else None
        item, unit = self.items[int(len(self.items) * chance.random() ** 1.5)]
        led = lead_assignment(state) is not None
        replied = led and state in ("replied", "callback", "rework", "closed", "archived")
        is_open = state in OPEN_STATES
        due = NOW + timedelta(minutes=chance.randrange(-1500, 7000)) if is_open and state != "draft" else None
        ended = None if is_open else min(made + timedelta(days=1 + 6 * chance.random()), NOW)
        sent = made + timedelta(hours=2) if led else None
        pooled = state in ("pending_review", "pending_dispatch", "return_requested", "replied", "callback")
        staff = "callback" if state == "callback" else "dispatcher"
        claimed = self.people[f"{staff}-{chance.randrange(6)}"] if pooled and chance.random() < 0.3 else None
        return {
            "id": id,
            "number": number,
            "state": state,
            "version": len(STEPS_TO[state]) + 1,
            "type": chance.choices(_TYPES, _TYPE_WEIGHTS)[0],
            "title": told.title,
            "content": told.content,
            "place": told.place,
            "life_cycle_stage": chance.choice(("establish", "operate", "operate", "change", "deregister")),
            "urgency": chance.choices(("normal", "urgent", "life_safety"), (95, 4, 1))[0],
            "channel": "internet" if chance.random() < 0.1 else "phone",
            "confidential": chance.random() < 0.01,
            "anonymous": chance.random() < 0.02,
            "enterprise_id": caller.enterprise_id if caller else None,
            "contact_id": caller.contact_id if caller else None,
            "callback_number": caller.number if caller else self._number(),
            "item_id": item,
            "lead_unit_id": unit if led else None,
            "claimed_by": claimed,
            "claimed_at": made if claimed else None,
            "urges": int(led and chance.random() < 0.05),
            "returns": int(led and chance.random() < 0.03),
            "reworks": int(replied and chance.random() < 0.04),
            "hard": led and chance.random() < 0.01,
            "mass": chance.random() < 0.005,
            "next_due_at": due,
            "next_due_kind": ("close" if led else "dispatch") if due else None,
            "submitted_at": made,
            "dispatched_at": sent,
            "signed_at": sent if state != "dispatched" else None,
            "replied_at": (ended or made + timedelta(days=1)) if replied else None,
            "closed_at": ended,
            "created_by": self.people[f"agent-{chance.randrange(40)}"],
            "created_at": made,
            "updated_at": ended or min(made + timedelta(hours=5), NOW),
        }

    def _assignments(self, case: dict[str, Any], assignment: str, state: str) -> Iterator[Row]:
        lead = {
            **{"id": assignment, "case_id": case["id"], "unit_id": case["lead_unit_id"], "role": "lead"},
            **{"state": state, "assigned_by": self.people["dispatcher-0"], "assigned_at": case["dispatched_at"]},
            **{"due_at": case["next_due_at"], "signed_at": case["signed_at"]},
        }
        yield "case_assignment", lead
        if self.chance.random() < 0.08:
            assisting = state if state == "replied" else self.chance.choice(("dispatched", "signed"))
            unit = self.chance.choice(self.units)
            yield (
                "case_assignment",
                {**lead, "id": self._stamps.at(case["created_at"]), "unit_id": unit, "role": "assist"}
                | {"state": assisting},
            )

    def _steps(self, case: dict[str, Any], assignment: str | None) -> Iterator[Row]:
        for version, (action, source, target) in enumerate(STEPS_TO[case["state"]], start=2):
            at = min(case["created_at"] + timedelta(hours=version - 2), NOW)
            by = case["created_by"] if version == 2 else self.people["dispatcher-1"]
            yield (
                "case_step",
                {
                    **{"id": self._stamps.at(case["created_at"]), "case_id": case["id"], "version": version},
                    **{"at": at, "by": by, "action": action, "source": source, "target": target},
                    **{"detail": {"days": 5, "reason": "管网需要改造"} if action == "request_extension" else {}},
                    **{"assignment_id": assignment if source not in ("draft", "pending_review") else None},
                },
            )

    def _deadlines(self, case: dict[str, Any]) -> Iterator[Row]:
        if case["dispatched_at"] is None:
            kinds = [("dispatch", "running")] if case["next_due_at"] else []
        else:
            over = "running" if case["state"] in ACTIVE else "met"
            kinds = [("dispatch", "met"), ("sign", "met"), ("close", over)]
        for kind, state in kinds:
            begun = case["created_at"]
            due = case["next_due_at"] if state == "running" and case["next_due_at"] else begun + timedelta(days=5)
            yield (
                "case_deadline",
                {
                    **{"id": self._stamps.at(begun), "case_id": case["id"], "kind": kind, "state": state},
                    **{"started_at": begun, "due_at": due, "met_at": None if state == "running" else begun},
                    **{"amount": "5d", "hours": "office", "rule": "close", "source": "中山"},
                    **{"expired_at": due if state == "running" and due <= NOW else None, "reminded_hours": 24},
                },
            )
            if state == "running" and due > NOW:
                key = f"limits.watch:{case['id']}"
                yield (
                    "job",
                    {"id": self._stamps.at(begun), "kind": "limits.watch", "key": key, "run_at": due}
                    | {"payload": {"case_id": case["id"]}, "created_at": begun},
                )

    def _answer(self, case: dict[str, Any], assignment: str) -> Iterator[Row]:
        at, chance = case["replied_at"], self.chance
        yield (
            "case_reply",
            {
                **{"id": self._stamps.at(case["created_at"]), "case_id": case["id"], "assignment_id": assignment},
                **{
                    "round": 1,
                    "kind": "final",
                    "public_answer": "已办结，可到窗口领取。",
                    "by": self.people["handler-0"],
                },
                **{"at": at, "internal_handling": "已督促窗口当日办结。", "detail": {"facts": True, "solved": True}},
            },
        )
        tried = case["state"] in ("closed", "archived", "rework") or chance.random() < 0.4
        if tried:
            reached = case["state"] != "callback"
            yield (
                "case_callback",
                {
                    **{"id": self._stamps.at(case["created_at"]), "case_id": case["id"], "round": 1},
                    **{"reached": reached, "detail": {"solved": "yes"} if reached else {"failure": "no_answer"}},
                    **{"by": self.people[f"callback-{chance.randrange(6)}"]},
                    "at": at if case["closed_at"] else NOW - timedelta(hours=chance.randrange(30)),
                },
            )

    def _supervised(self, case: dict[str, Any]) -> Iterator[Row]:
        """A supervision task of one case in five hundred, and one in two hundred in the ledger."""
        id, made, over = case["id"], case["created_at"], case["closed_at"]
        supervisor = self.people["supervisor-0"]
        if case["lead_unit_id"] is not None and self.chance.random() < 0.003:
            yield (
                "supervision_task",
                {
                    **{"id": self._stamps.at(made), "case_id": id, "unit_id": case["lead_unit_id"], "key": f"by:{id}"},
                    **{"state": "done" if over else "issued", "cause": "ordered", "demand": "请尽快办理并反馈。"},
                    **{"due_at": over or NOW + timedelta(days=1), "issued_by": supervisor, "issued_at": made},
                },
            )
        if case["state"] in ("closed", "archived") and self.chance.random() < 0.007:
            struck = over if self.chance.random() < 0.8 else None
            yield (
                "unsolved_ledger",
                {
                    **{"id": self._stamps.at(made), "case_id": id, "kind": "unsolved", "reason": "需要改造管网。"},
                    **{"entered_by": supervisor, "entered_at": over, "struck_off_at": struck},
                },
            )
