"""What was reported in a large city in five years: cases with all that belongs to them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bench.large_city_paths import ACTIVE, CLOSED_STATES, OPEN_STATES, STEPS_TO, lead_assignment
from bench.large_city_people import CHARACTERS, NOW, SURNAMES, TRADES, YEARS, LargeCityPeople, Row
from crm.cases.numbering import case_number
from crm.cases.search_index import case_tokens
from crm.similar.words import stored_words

LATELY = 0.025
"""The share of the cases, the newest, among which the open ones are."""
MOST_WORDINGS = 20_000
_TEXTS = Path(__file__).with_name("suggestion_texts.yaml")
_PLACES = ("海勃湾", "乌达", "海南区", "千里山工业园", "乌海湾", "滨河新区", "桌子山", "低碳产业园")
_TYPES = ("consult", "help", "complaint", "suggestion", "report", "praise")
_TYPE_WEIGHTS = (40, 35, 15, 4, 5, 1)


@dataclass(frozen=True, slots=True)
class Wording:
    title: str
    content: str
    place: str
    tokens: tuple[str, ...]
    stored: tuple[str, ...]


class LargeCityCases:
    """Draws from the chances of the people, who must all be there."""

    def __init__(self, cases: int, people: LargeCityPeople) -> None:
        self.cases = cases
        self._people = people
        self._stamps, self._chance = people.stamps, people.chance

    def rows(self) -> Iterator[Row]:
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
        states = OPEN_STATES if self._chance.random() < (0.76 if lately else 0.001) else CLOSED_STATES
        return self._chance.choices(list(states), list(states.values()))[0]

    @cached_property
    def _texts(self) -> list[str]:
        texts: dict[str, list[str]] = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))
        return [text for some in texts.values() for text in some]

    @cached_property
    def _wordings(self) -> list[Wording]:
        """So many that few are used twice by one enterprise; to find the words of each again takes too long."""
        return [self._wording() for _ in range(min(self.cases, MOST_WORDINGS))]

    def _wording(self) -> Wording:
        chance = self._chance
        text = chance.choice(self._texts).format(
            firm="".join(chance.choices(CHARACTERS, k=2)) + chance.choice(TRADES),
            who=chance.choice(SURNAMES) + chance.choice(("先生", "女士")),
            when=chance.choice(("上个月", "半个月前", "国庆以后", "三月份")),
            place=chance.choice(_PLACES),
            trade=chance.choice(TRADES),
        )
        street = "".join(chance.choices(CHARACTERS, k=2))
        content = f"{text}地点在{street}路{chance.randrange(400)}号，涉及{chance.randrange(10**6)}元。"
        title, place = text.partition("，")[0][:40], f"{chance.choice(_PLACES)}{street}路"
        tokens = tuple(sorted(case_tokens("", title, content) - case_tokens("")))
        return Wording(title, content, place, tokens, tuple(sorted(stored_words(title, content, place))))

    def _case(self, made: datetime, state: str, number: str) -> Iterator[Row]:
        chance = self._chance
        id = self._stamps.at(made)
        wording = chance.choice(self._wordings)
        values = self._values(id, made, state, number, wording)
        yield "service_case", values
        words = [*sorted(case_tokens(number)), *wording.tokens]
        yield "case_search", {"subject_id": id, "words": " ".join(words)}
        if state in OPEN_STATES and state != "draft" and not values["confidential"]:
            for word in wording.stored:
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

    def _values(self, id: str, made: datetime, state: str, number: str, wording: Wording) -> dict[str, Any]:
        """The case's own row."""
        chance = self._chance
        known = chance.random() < 0.8
        # Some enterprises call all the time, most hardly ever.
        caller = self._people.callers[int(len(self._people.callers) * chance.random() ** 2)] if known else None
        item, unit = self._people.items[int(len(self._people.items) * chance.random() ** 1.5)]
        led = lead_assignment(state) is not None
        replied = led and state in ("replied", "callback", "rework", "closed", "archived")
        is_open = state in OPEN_STATES
        due = NOW + timedelta(minutes=chance.randrange(-1500, 7000)) if is_open and state != "draft" else None
        ended = None if is_open else min(made + timedelta(days=1 + 6 * chance.random()), NOW)
        sent = made + timedelta(hours=2) if led else None
        pooled = state in ("pending_review", "pending_dispatch", "return_requested", "replied", "callback")
        staff = "callback" if state == "callback" else "dispatcher"
        claimed = self._people.users[f"{staff}-{chance.randrange(6)}"] if pooled and chance.random() < 0.3 else None
        return {
            "id": id,
            "number": number,
            "state": state,
            "version": len(STEPS_TO[state]) + 1,
            "type": chance.choices(_TYPES, _TYPE_WEIGHTS)[0],
            "title": wording.title,
            "content": wording.content,
            "place": wording.place,
            "life_cycle_stage": chance.choice(("establish", "operate", "operate", "change", "deregister")),
            "urgency": chance.choices(("normal", "urgent", "life_safety"), (95, 4, 1))[0],
            "channel": "internet" if chance.random() < 0.1 else "phone",
            "confidential": chance.random() < 0.01,
            "anonymous": chance.random() < 0.02,
            "enterprise_id": caller.enterprise_id if caller else None,
            "contact_id": caller.contact_id if caller else None,
            "callback_number": caller.number if caller else self._people.number(),
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
            "created_by": self._people.users[f"agent-{chance.randrange(40)}"],
            "created_at": made,
            "updated_at": ended or min(made + timedelta(hours=5), NOW),
        }

    def _assignments(self, case: dict[str, Any], assignment: str, state: str) -> Iterator[Row]:
        lead = {
            **{"id": assignment, "case_id": case["id"], "unit_id": case["lead_unit_id"], "role": "lead"},
            **{"state": state, "assigned_by": self._people.users["dispatcher-0"], "assigned_at": case["dispatched_at"]},
            **{"due_at": case["next_due_at"], "signed_at": case["signed_at"]},
        }
        yield "case_assignment", lead
        if self._chance.random() < 0.08:
            assisting = state if state == "replied" else self._chance.choice(("dispatched", "signed"))
            unit = self._chance.choice(self._people.units)
            yield (
                "case_assignment",
                {**lead, "id": self._stamps.at(case["created_at"]), "unit_id": unit, "role": "assist"}
                | {"state": assisting},
            )

    def _steps(self, case: dict[str, Any], assignment: str | None) -> Iterator[Row]:
        for version, (action, source, target) in enumerate(STEPS_TO[case["state"]], start=2):
            at = min(case["created_at"] + timedelta(hours=version - 2), NOW)
            by = case["created_by"] if version == 2 else self._people.users["dispatcher-1"]
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
        at, chance = case["replied_at"], self._chance
        yield (
            "case_reply",
            {
                **{"id": self._stamps.at(case["created_at"]), "case_id": case["id"], "assignment_id": assignment},
                **{
                    "round": 1,
                    "kind": "final",
                    "public_answer": "已办结，可到窗口领取。",
                    "by": self._people.users["handler-0"],
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
                    **{"by": self._people.users[f"callback-{chance.randrange(6)}"]},
                    "at": at if case["closed_at"] else NOW - timedelta(hours=chance.randrange(30)),
                },
            )

    def _supervised(self, case: dict[str, Any]) -> Iterator[Row]:
        """A supervision task of one case in five hundred, and one in two hundred in the ledger."""
        id, made, over = case["id"], case["created_at"], case["closed_at"]
        supervisor = self._people.users["supervisor-0"]
        if case["lead_unit_id"] is not None and self._chance.random() < 0.003:
            yield (
                "supervision_task",
                {
                    **{"id": self._stamps.at(made), "case_id": id, "unit_id": case["lead_unit_id"], "key": f"by:{id}"},
                    **{"state": "done" if over else "issued", "cause": "ordered", "demand": "请尽快办理并反馈。"},
                    **{"due_at": over or NOW + timedelta(days=1), "issued_by": supervisor, "issued_at": made},
                },
            )
        if case["state"] in ("closed", "archived") and self._chance.random() < 0.007:
            struck = over if self._chance.random() < 0.8 else None
            yield (
                "unsolved_ledger",
                {
                    **{"id": self._stamps.at(made), "case_id": id, "kind": "unsolved", "reason": "需要改造管网。"},
                    **{"entered_by": supervisor, "entered_at": over, "struck_off_at": struck},
                },
            )
