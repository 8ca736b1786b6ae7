"""Random flow documents for property tests: right ones, and those with something broken."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import strategies as st

from callflow.registry import all_actions

NAMES = st.sampled_from([f"n{number}" for number in range(8)])
Content = dict[str, Any]


@st.composite
def documents(draw: st.DrawFn) -> Content:
    """A document that `parse_flow` takes; what it does to its callers is anybody's guess."""
    actions = all_actions()
    ids = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    target = st.sampled_from(ids)
    nodes = {}
    for id in ids:
        action = actions[draw(st.sampled_from(sorted(actions)))]
        options = copy.deepcopy(dict(action.example))
        outcomes = sorted(action.outcomes(action.options.model_validate(options)))
        nodes[id] = {
            "action": action.name,
            "options": options,
            "branches": {outcome: draw(target) for outcome in outcomes},
        }
    keys = draw(st.dictionaries(st.sampled_from("0123456789*#"), target, max_size=2))
    return {"id": "random", "entry": draw(target), "person": draw(target), "keys": keys, "nodes": nodes}


def onward(chance: random.Random) -> Content:
    """A document whose nodes lead to later ones alone, so that each call ends soon; its last one hangs up."""
    actions = {name: one for name, one in all_actions().items() if name != "hangup"}
    # Menus are what a caller's keys decide at.
    names = [*sorted(actions), *["menu"] * len(actions)]
    ids = [f"n{number}" for number in range(chance.randint(3, 8))]
    nodes: Content = {"end": {"action": "hangup", "options": {"prompts": ["goodbye"]}}}
    for at, id in enumerate(ids):
        action = actions[chance.choice(names)]
        options = copy.deepcopy(dict(action.example))
        if "patience" in action.options.model_fields:
            options["patience"] = "PT1S"
        if action.name == "menu":
            options |= {
                "errors": chance.randint(1, 3),
                "silences": chance.randint(1, 2),
                "error_prompts": ["menu-invalid"],
            }
        outcomes = sorted(action.outcomes(action.options.model_validate(options)))
        branches = {outcome: chance.choice([*ids[at + 1 :], "end"]) for outcome in outcomes}
        nodes[id] = {"action": action.name, "options": options, "branches": branches}
    keys = {key: chance.choice(ids[1:]) for key in "0*" if chance.random() < 0.5}
    return {"id": "random", "entry": ids[0], "person": ids[-1], "keys": keys, "nodes": nodes}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def broken(draw: st.DrawFn) -> Content:
    """A document with up to three places replaced, removed or added."""
    content = draw(documents())
    for _ in range(draw(st.integers(1, 3))):
        place: Any = content
        while True:
            names: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not names:
                break
            name = draw(st.sampled_from(names))
            if isinstance(place[name], dict | list) and place[name] and draw(st.booleans()):
                place = place[name]
                continue
            match draw(st.sampled_from(["replace", "remove", "add", "name"])):
                case "replace":
                    place[name] = draw(ANYTHING)
                case "remove":
                    del place[name]
                case "name":
                    place[name] = draw(NAMES)
                case _ if isinstance(place, dict):
                    place[draw(st.text(max_size=8))] = draw(ANYTHING)
            break
    return content
