"""How long the lint of a large flow takes: menus that lead to each other and back, 1,000 nodes.

    python -m bench.flow_lint

Processor time, the best of several rounds; the text is read anew each time, as a page or `hotline flow check` does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

import yaml

from callflow.lint import PromptSound, World, lint
from hotline.calendars.seed import installed_calendars
from ivr.prompts.catalogue import shipped_catalogue

NODES, ROUNDS = 1000, 5


def large_flow(nodes: int) -> str:
    """Menus of three keys: the next two, and back to the first; after every ninth a queue of its own."""
    return yaml.safe_dump(
        {"id": "large", "entry": "n0", "person": "person", "keys": {"0": "person"}, "nodes": dict(_nodes(nodes))},
        sort_keys=False,
    )


def _nodes(count: int) -> Iterator[tuple[str, dict[str, object]]]:
    for number in range(count - 2):
        onward = [f"n{min(step, count - 3)}" for step in (number * 2 + 1, number * 2 + 2)]
        if number % 10 == 9:
            yield f"n{number}", _queue("enterprise", "bye")
        elif number % 10 == 4:
            yield f"n{number}", {"action": "play", "options": {"prompts": ["welcome"]}, "branches": {"done": onward[0]}}
        else:
            branches = {"1": onward[0], "2": onward[1], "9": "n0", "silence": "person", "errors": "person"}
            options = {"prompts": ["menu-main"], "keys": ["1", "2", "9"], "error_prompts": ["menu-invalid"]}
            yield f"n{number}", {"action": "menu", "options": options, "branches": {**branches, "no_menu": "person"}}
    yield "person", _queue("public", "bye")
    yield "bye", {"action": "hangup", "options": {"prompts": ["goodbye"]}}


def _queue(queue: str, onward: str) -> dict[str, object]:
    outcomes = ("answered", "timed_out", "full", "no_agents", "withdrawn", "unavailable")
    return {"action": "queue", "options": {"queue": queue}, "branches": dict.fromkeys(outcomes, onward)}


def world() -> World:
    prompts: dict[str, dict[str, PromptSound]] = {}
    for prompt in shipped_catalogue():
        prompts.setdefault(prompt.id, {})[prompt.language] = PromptSound(text=prompt.text, seconds=5.0)
    return World(
        today=date(2026, 6, 1),
        prompts=prompts,
        queues=frozenset({"public", "enterprise"}),
        calendars=installed_calendars(2026),
    )


def seconds(nodes: int = NODES) -> float:
    """Of processor time for one lint."""
    text, known = large_flow(nodes), world()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        lint(text, known)
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    for nodes in (100, NODES, 4 * NODES):
        print(f"{nodes:6,} nodes   {seconds(nodes):6.3f} s")


if __name__ == "__main__":
    main()
