"""Random people do random things to a case, and a small model of our own says what must never come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from crm.cases import repository
from crm.cases.models import Assignment, Case, CaseStep
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT, REPLY, CaseCity
from tests.fakes.clock import FakeClock

ABOVE = {
    "bureau": ("bureau",),
    "office": ("office", "bureau"),
    "other_office": ("other_office", "bureau"),
    "station": ("station", "office", "bureau"),
    "other": ("other",),
}
"""Each unit of the city with those above it."""
HOME = {**{unit: unit for unit in ABOVE}, "bureau_head": "bureau", "other_head": "other"}
"""People of units by the unit they work for."""
WRITER = frozenset({"agent1", "supervisor"})
REVIEWER = frozenset({"dispatcher", "dispatcher2", "supervisor"})
CALLBACK = frozenset({"callback", "supervisor"})
STAFF = WRITER | REVIEWER | CALLBACK | {"agent2"}
PEOPLE = (*sorted(STAFF), "qa", *HOME)
BY: dict[str, frozenset[str]] = {
    **dict.fromkeys(("close_direct", "transfer_emergency", "submit", "give_info"), WRITER),
    **dict.fromkeys(("ask_info", "approve", "dispatch", "accept_return", "refuse_return"), REVIEWER),
    **dict.fromkeys(("grant_extension", "schedule_callback", "reopen", "archive", "terminate", "withdraw"), REVIEWER),
    **dict.fromkeys(("suspend", "resume", "mark_hard", "add_to_cluster", "unlink_duplicate"), REVIEWER),
    "close_as_repeat": WRITER,
    "record_callback": CALLBACK,
    **dict.fromkeys(("urge", "note_repeat"), STAFF),
    "claim": REVIEWER | CALLBACK,
    "release": REVIEWER | CALLBACK,
}
"""Who of the hotline does what; who of the units, and where it depends on the state, is in `may`."""
LEAD = ("sign", "request_return", "request_extension", "reply_interim", "reply", "resume_work")
ASSIGNED = ("sign_assignment", "return_assignment", "reply_assignment")
POOLS = ("pending_review", "pending_dispatch", "return_requested", "extension_requested", "replied", "callback")
AT_UNIT = ("dispatched", "return_requested", "in_progress", "extension_requested", "rework")
FINAL = ("archived", "closed_direct", "not_accepted", "emergency_transferred", "terminated")
OVER = ("returned", "ended")
FOLLOWING = ("pending_review", "pending_dispatch")
MASTERS = ("none", "draft", "confidential", "terminated", "submitted", "submitted", "dispatched", "dispatched")
"""How far the other case has come that a walk may link its own to."""
LINKING = ("link_duplicate", "add_to_cluster", "unlink_duplicate", "note_repeat", "close_as_repeat")
ON_A_FOLLOWER = ("unlink_duplicate", "note_repeat", "recuse", "withdraw", "terminate")
"""All that is done to a case while it waits for another's answer."""


@dataclass(frozen=True)
class SeenCase:
    """A case as its rows have it."""

    case: dict[str, Any]
    assignments: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    recused: frozenset[str]

    @property
    def state(self) -> str:
        return str(self.case["state"])

    def running(self, *roles: str) -> list[dict[str, Any]]:
        return [one for one in self.assignments if one["state"] not in OVER and (not roles or one["role"] in roles)]

    def since(self, action: str) -> list[dict[str, Any]]:
        """The steps after the last one of `action`."""
        at = max((place for place, step in enumerate(self.steps) if step["action"] == action), default=-1)
        return self.steps[at + 1 :]


def _plain(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


async def look(city: CaseCity, case_id: str) -> SeenCase:
    async with city.workspace.database.snapshot() as db:
        row = await repository.case(db, case_id)
        assert row is not None
        people = city.workspace.people
        recused = [name for name in PEOPLE if await repository.is_recused(db, case_id, people[name].user_id)]
        return SeenCase(
            _plain(row),
            [_plain(one) for one in await repository.assignments(db, case_id)],
            [_plain(one) for one in await repository.steps(db, case_id)],
            frozenset(recused),
        )


class Walk:
    """One case on its random way."""

    def __init__(self, city: CaseCity, clock: FakeClock, random: Random) -> None:
        self.city = city
        self.clock = clock
        self.random = random
        self.unit = {id: key for key, id in city.units.items()}
        self.case_id = ""
        self.accepted: list[str] = []
        self.master = ""
        self.master_kind = "none"
        self.noted = False

    async def open(self) -> None:
        draw = self.random
        fields: dict[str, Any] = {**CONSULT, "urgency": draw.choice(["normal", "normal", "life_safety"])}
        if draw.random() < 0.5:
            accused = {"unit_complained_of_id": self.city.units[draw.choice(["office", "other", "station"])]}
            fields |= {"type": "complaint", **accused, "complaint_type": "效率", "demand": "尽快"}
        fields |= {name: draw.random() < 0.2 for name in ("confidential", "anonymous")}
        fields["needs_callback"] = draw.random() < 0.8
        workspace = self.city.workspace
        self.case_id = (await workspace.post("agent1", "/api/cases", fields))["id"]
        lead = {"lead_unit_id": self.city.units["bureau"]}
        course: list[tuple[str, str, dict[str, Any]]] = [
            ("agent1", "submit", {}),
            ("dispatcher", "approve", {"text_for_unit": "有人反映窗口不开票。"}),
            ("dispatcher", "dispatch", lead),
            ("bureau", "sign", {}),
            ("bureau", "reply", {**REPLY, "contact": _contact(self)}),
        ]
        for who, action, detail in course[: draw.randint(0, len(course))]:
            await workspace.move(who, self.case_id, action, **detail)
            self.accepted.append(f"{who} {action}")
        await self._open_master()

    async def _open_master(self) -> None:
        """The other case; at times agent1 has noted on it that its caller asked again."""
        kind = self.master_kind = self.random.choice(MASTERS)
        if kind == "none":
            return
        city, workspace = self.city, self.city.workspace
        if kind == "draft":
            self.master = (await workspace.post("agent1", "/api/cases", CONSULT))["id"]
            return
        if kind == "dispatched":
            self.master = await city.dispatched("office")
        else:
            self.master = await city.submitted(confidential=kind == "confidential")
        if self.random.random() < 0.5:
            await workspace.move("agent1", self.master, "note_repeat", caller_message="正在办理")
            self.noted = True
        if kind == "terminated":
            body = {"ground": "written_request", "request": "来函", "explanation": "已告知"}
            await workspace.move("dispatcher", self.master, "terminate", **body)

    async def step(self) -> None:
        draw = self.random
        if draw.random() < 0.15:
            self.clock.jump(draw.choice([-1, 1]) * timedelta(days=1))
        before = await look(self.city, self.case_id)
        who = self._somebody(before)
        action = await self._something(who, before)
        detail = self._told(action, before)
        body = {"request_id": uuid7(), "version": before.case["version"], **detail}
        status, answer = await self.city.workspace.try_move(who, self.case_id, action, **body)
        after = await look(self.city, self.case_id)
        assert status < 500, answer
        if status != 200:
            assert after == before, (who, action, answer)
            return
        self.accepted.append(f"{who} {action}")
        self.judge(who, action, detail, before, after)
        await self._again(who, action, body, after)

    def _somebody(self, before: SeenCase) -> str:
        """Whoever is likely to be next, or just anybody."""
        likely = {
            "draft": ["agent1"],
            "need_info": ["agent1"],
            "callback": ["callback"],
            **dict.fromkeys(("dispatched", "in_progress", "rework"), list(HOME)),
            "extension_requested": ["bureau_head", "other_head", "dispatcher"],
        }
        pool = likely.get(before.state, ["dispatcher"])
        return self.random.choice(pool if self.random.random() < 0.8 else PEOPLE)

    async def _something(self, who: str, before: SeenCase) -> str:
        status, view = await self.city.workspace.ask(who, "GET", f"/api/cases/{self.case_id}")
        assert (status == 200) == self.sees(who, before) or who not in HOME, (who, status, self.accepted)
        offered = [offer["action"] for offer in view["offers"] if offer["reason"] is None] if status == 200 else []
        if self.random.random() < 0.1:
            return self.random.choice(LINKING)
        ends = ("terminate", "withdraw", "not_accept", "transfer_emergency", "recuse")
        onward = [action for action in offered if action not in ends or self.random.random() < 0.1]
        choices: list[str] = onward if onward and self.random.random() < 0.8 else sorted(TOLD)
        return self.random.choice(choices)

    def _told(self, action: str, before: SeenCase) -> dict[str, Any]:
        return TOLD[action](self, before)

    async def _again(self, who: str, action: str, body: dict[str, Any], after: SeenCase) -> None:
        """The request once more is no second step, and what was decided on an old version is refused."""
        workspace = self.city.workspace
        if self.random.random() < 0.3:
            status, _ = await workspace.try_move(who, self.case_id, action, **body)
            assert status == 200 or not self.sees(who, after)
            status, answer = await workspace.try_move(who, self.case_id, action, **{**body, "request_id": uuid7()})
            assert status in (403, 409), answer
            assert await look(self.city, self.case_id) == after

    # --- the model --------------------------------------------------------------------------------------

    def sees(self, who: str, seen: SeenCase) -> bool:
        """Whether somebody of a unit may see the case."""
        if who not in HOME:
            return True
        home = HOME[who]
        accused = self.unit.get(seen.case["unit_complained_of_id"] or "")
        assigned = any(home in ABOVE[self.unit[one["unit_id"]]] for one in seen.running())
        return assigned and accused not in ABOVE[home] and who not in seen.recused

    def may(self, who: str, action: str, before: SeenCase) -> bool:
        leads = {self.unit[one["unit_id"]] for one in before.running("lead")}
        others = {self.unit[one["unit_id"]] for one in before.running("assist", "sub")}
        home = HOME.get(who, "")
        of_lead = any(home in ABOVE[unit] for unit in leads)
        of_others = any(home in ABOVE[unit] for unit in others)
        if action == "recuse":
            return True
        if action == "not_accept":
            return who in (WRITER if before.state == "draft" else REVIEWER)
        if action == "link_duplicate":
            return who in (WRITER if before.state == "draft" else REVIEWER)
        if action == "order_rework":
            return who in (CALLBACK if before.state == "callback" else REVIEWER)
        if action == "close":
            return who in (CALLBACK if before.state == "callback" else REVIEWER)
        if action == "endorse_extension":
            return of_lead and who.endswith("_head")
        if action == "refuse_extension":
            return who in REVIEWER or (of_lead and who.endswith("_head"))
        if action in LEAD:
            return of_lead
        if action in ("record_contact", "sub_dispatch"):
            return of_lead or of_others
        return of_others if action in ASSIGNED else who in BY[action]

    def judge(self, who: str, action: str, told: dict[str, Any], before: SeenCase, after: SeenCase) -> None:
        course = (*self.accepted, told)
        assert before.state not in FINAL, course
        assert self.may(who, action, before), course
        assert who not in before.recused, course
        assert after.case["version"] == before.case["version"] + 1
        assert [step["version"] for step in after.steps] == list(range(2, after.case["version"] + 1))
        state = "draft"
        for step in after.steps:
            assert step["source"] == state
            state = step["target"]
        assert state == after.state
        assert before.case["duplicate_of_id"] is None or before.state not in FOLLOWING or action in ON_A_FOLLOWER, (
            course
        )
        if check := JUDGED.get(action):
            assert check(self, told, before), course
        if before.state in POOLS and action in POOLED and (holder := before.case["claimed_by"]):
            stale = before.case["claimed_at"] + timedelta(minutes=30) <= self.clock.now()
            assert stale or holder == self.city.workspace.people[who].user_id, course
        assert self.owner(after), course
        assert after.case["next_due_at"] or self.clockless(after), course

    def owner(self, seen: SeenCase) -> str:
        """Who owes the next step of an open case; fails where nobody does."""
        if seen.state in FINAL:
            return "nobody"
        if seen.state in ("draft", "need_info"):
            return str(seen.case["created_by"])
        if seen.state in POOLS or seen.state == "closed":
            assert seen.state not in AT_UNIT or len(seen.running("lead")) == 1
            return "pool"
        assert seen.state in AT_UNIT
        (lead,) = seen.running("lead")
        assert lead["unit_id"] == seen.case["lead_unit_id"]
        return str(lead["unit_id"])

    def clockless(self, seen: SeenCase) -> bool:
        """Whether a reason is stated why no deadline of it runs."""
        follows = seen.case["duplicate_of_id"] is not None and seen.state in FOLLOWING
        return seen.state in (*FINAL, "closed", "draft") or seen.case["suspended_at"] is not None or follows

    def innocent(self, before: SeenCase, units: list[str]) -> bool:
        accused = self.unit.get(before.case["unit_complained_of_id"] or "")
        return all(accused not in ABOVE[self.unit[unit]] for unit in units)


POOLED = frozenset(
    {"ask_info", "approve", "not_accept", "dispatch", "accept_return", "refuse_return", "grant_extension"}
    | {"schedule_callback", "record_callback", "order_rework", "close", "terminate", "withdraw", "claim"}
    | {"link_duplicate", "add_to_cluster", "unlink_duplicate"}
)
Judge = Callable[[Walk, dict[str, Any], SeenCase], Any]


def _passed_down(walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    one = next(one for one in before.running() if one["id"] == told["assignment_id"])
    below = all(walk.unit[one["unit_id"]] in ABOVE[walk.unit[unit]][1:] for unit in told["unit_ids"])
    return one["state"] == "signed" and below and walk.innocent(before, told["unit_ids"])


def _granted(_walk: Walk, _told: dict[str, Any], before: SeenCase) -> bool:
    asked = [step for step in before.steps if step["action"] == "request_extension"][-1]
    endorsed = any(step["action"] == "endorse_extension" for step in before.since("request_extension"))
    return before.case["extensions"] == 0 and (endorsed or asked["detail"]["endorsed"])


def _closed(_walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    after_reply = before.since("reply")
    audited = any(step["action"] == "schedule_callback" for step in after_reply)
    if before.state == "replied":
        return told["fits_facts"] and not before.case["needs_callback"]
    tries = [step["detail"] for step in after_reply if step["action"] == "record_callback"]
    reached = [one for one in tries if "not_reached" not in one]
    if not before.case["needs_callback"]:
        return audited
    if not reached:
        return audited and len(tries) >= 3 and bool(told["disposition"])
    said = reached[-1]
    happy = said.get("result") in ("very_satisfied", "satisfied", "acceptable")
    unhappy = said.get("process") in ("dissatisfied", "very_dissatisfied") or said.get("solved") == "no"
    return audited and ((happy and not unhappy) or bool(told["disposition"]))


def _linked(walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    handled = told["master_id"] == walk.master and walk.master_kind in ("submitted", "dispatched")
    led = [walk.city.units["office"]] if walk.master_kind == "dispatched" else []
    return handled and not before.case["confidential"] and walk.innocent(before, led)


def _closed_as_repeat(walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    """Nobody but agent1 notes anything on the other case."""
    handled = told["master_id"] == walk.master and walk.master_kind in ("submitted", "dispatched")
    by_whom = walk.accepted[-1].split()[0]
    return handled and walk.noted and by_whom == "agent1" and not before.case["confidential"]


def _requested_extension(_walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    """Once, and never by more than the limit of its type."""
    most = {"consult": 2, "complaint": 5}[before.case["type"]]
    running = before.case["suspended_at"] is None
    return before.case["extensions"] == 0 and told["caller_informed"] and running and told["days"] <= most


def _replied(walk: Walk, told: dict[str, Any], before: SeenCase) -> bool:
    (lead,) = before.running("lead")
    waiting = [one for one in before.running() if one["parent_id"] == lead["id"] and one["state"] != "replied"]
    return before.case["suspended_at"] is None and (not waiting or bool(told["alone_reason"]))


JUDGED: dict[str, Judge] = {
    "close_direct": lambda walk, told, before: False,  # no call of this case had a specialist on it
    "approve": lambda walk, told, before: (
        told["text_for_unit"] or not (before.case["confidential"] or before.case["anonymous"])
    ),
    "dispatch": lambda walk, told, before: (
        walk.innocent(before, [told["lead_unit_id"], *told["assisting_unit_ids"]])
        and (told["designate"] or before.case["returns"] < 3)
    ),
    "request_return": lambda walk, told, before: (
        not before.case["designated"] and before.case["urgency"] != "life_safety"
    ),
    "request_extension": _requested_extension,
    "grant_extension": _granted,
    "sub_dispatch": _passed_down,
    "reply": _replied,
    "reply_interim": lambda walk, told, before: told["caller_informed"],
    "schedule_callback": lambda walk, told, before: told["fits_facts"] and before.case["needs_callback"],
    "close": _closed,
    "archive": lambda walk, told, before: before.state == "closed",
    "withdraw": lambda walk, told, before: told["confirmed_by_caller"] and not told["pressed_by_unit"],
    "suspend": lambda walk, told, before: before.case["suspended_at"] is None,
    "resume": lambda walk, told, before: before.case["suspended_at"] is not None,
    **dict.fromkeys(("link_duplicate", "add_to_cluster"), _linked),
    "unlink_duplicate": lambda walk, told, before: before.case["duplicate_of_id"] is not None,
    "close_as_repeat": _closed_as_repeat,
}
"""What must have been so when an action was done."""

Told = Callable[[Walk, SeenCase], dict[str, Any]]


def _contact(walk: Walk) -> dict[str, Any]:
    return {"way": "phone", "at": walk.clock.now().isoformat(), "by": "赵敏"}


def _units(walk: Walk, most: int) -> list[str]:
    return [walk.city.units[key] for key in walk.random.sample(sorted(ABOVE), walk.random.randint(1, most))]


def _one_of(walk: Walk, before: SeenCase) -> str:
    return str(walk.random.choice(before.running() or [{"id": uuid7()}])["id"])


def _mostly(walk: Walk) -> bool:
    return walk.random.random() < 0.85


def _dispatch(walk: Walk, _before: SeenCase) -> dict[str, Any]:
    lead, *assisting = _units(walk, 2)
    return {"lead_unit_id": lead, "assisting_unit_ids": assisting, "designate": walk.random.random() < 0.3}


def _callback(walk: Walk, _before: SeenCase) -> dict[str, Any]:
    if walk.random.random() < 0.4:
        return {"not_reached": walk.random.choice(["no_answer", "busy", "refused"])}
    said = walk.random.choice(["satisfied", "dissatisfied", "no_statement"])
    solved = walk.random.choice(["yes", "no", "no_statement"])
    return {"unit_contacted": True, "solved": solved, "result": said, "process": said, "agent": "satisfied"}


def _reply(walk: Walk, _before: SeenCase) -> dict[str, Any]:
    alone = walk.random.choice(["", "协办单位逾期未复"])
    words = {"public_answer": "已办结。", "internal_handling": "已核实。", "alone_reason": alone}
    return {"facts": True, "contact": _contact(walk), "solved": True, **words}


def _link(walk: Walk, before: SeenCase) -> dict[str, Any]:
    """To the other case, or to itself."""
    master = walk.master if walk.master and _mostly(walk) else before.case["id"]
    return {"master_id": master, "answered_with_master": walk.random.random() < 0.3}


def _reason(_walk: Walk, _before: SeenCase) -> dict[str, Any]:
    return {"reason": "情况属实"}


def _nothing(_walk: Walk, _before: SeenCase) -> dict[str, Any]:
    return {}


TOLD: dict[str, Told] = {
    **dict.fromkeys(("submit", "give_info", "sign", "endorse_extension", "resume_work"), _nothing),
    **dict.fromkeys(("archive", "claim", "release", "urge"), _nothing),
    **dict.fromkeys(("ask_info", "accept_return", "refuse_return", "refuse_extension", "order_rework"), _reason),
    **dict.fromkeys(("reopen", "suspend", "resume", "mark_hard", "grant_extension"), _reason),
    "close_direct": lambda walk, before: {"answer": "请带身份证", "three_way_call_id": uuid7(), "consent": True},
    "not_accept": lambda walk, before: {"reason": "b", "explanation": "已告知信访渠道"},
    "transfer_emergency": lambda walk, before: {"service": "119"},
    "approve": lambda walk, before: {"text_for_unit": walk.random.choice(["", "有人反映窗口不开票。"])},
    "dispatch": _dispatch,
    "request_return": lambda walk, before: {"ground": "objection", "reason": "不属本局", "legal_basis": "条例第八条"},
    "request_extension": lambda walk, before: {
        "days": walk.random.choice([1, 2, 2, 3, 5, 6]),
        "reason": "需会商",
        "caller_informed": _mostly(walk),
    },
    "record_contact": lambda walk, before: {"contact": _contact(walk), "assignment_id": _one_of(walk, before)},
    "reply_interim": lambda walk, before: {
        "public_answer": "正在办理。",
        "promised_at": (walk.clock.now() + timedelta(days=2)).isoformat(),
        "caller_informed": _mostly(walk),
    },
    "reply": _reply,
    "sub_dispatch": lambda walk, before: {"assignment_id": _one_of(walk, before), "unit_ids": _units(walk, 2)},
    "sign_assignment": lambda walk, before: {"assignment_id": _one_of(walk, before)},
    "return_assignment": lambda walk, before: {"assignment_id": _one_of(walk, before), "reason": "不在辖区"},
    "reply_assignment": lambda walk, before: {"assignment_id": _one_of(walk, before), "answer": "已核实。"},
    "schedule_callback": lambda walk, before: {"fits_facts": _mostly(walk)},
    "record_callback": _callback,
    "close": lambda walk, before: {
        "fits_facts": _mostly(walk),
        "disposition": walk.random.choice(["", "已由班长回访致歉"]),
    },
    "terminate": lambda walk, before: {"ground": "written_request", "request": "来函", "explanation": "已告知"},
    "withdraw": lambda walk, before: {
        "confirmed_by_caller": _mostly(walk),
        "confirmed_how": "热线回拨",
        "pressed_by_unit": not _mostly(walk),
    },
    **dict.fromkeys(("link_duplicate", "add_to_cluster"), _link),
    "unlink_duplicate": _reason,
    "note_repeat": lambda walk, before: {"caller_message": "正在办理，三日内答复"},
    "close_as_repeat": lambda walk, before: {"master_id": _link(walk, before)["master_id"]},
    "recuse": lambda walk, before: {
        "user_id": walk.city.workspace.people[walk.random.choice(list(HOME))].user_id,
        "reason": "亲属关系",
    },
}
"""What people say with each action: well formed always, right most of the time."""

__all__ = ["ABOVE", "HOME", "PEOPLE", "TOLD", "Assignment", "Case", "CaseStep", "SeenCase", "Walk", "look"]
