"""/api/flows/actions: what a node can do, for the editor's forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from callflow.action import AnyAction
from callflow.reference import describe, outcomes_of
from callflow.registry import all_actions
from callflow.words import FlowWords, TwoWords, flow_words
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes

_EACH = "*"


class ActionOutcomeView(BaseModel):
    name: str
    words: TwoWords


class FlowActionView(BaseModel):
    """An action with its options as a JSON schema.

    A node has the `outcomes`, and those that its options name at `outcomes_from` (`keys`, `cases.*.outcome`).
    `safe`: the safe flow keeps it; `degrades` says what a caller gets there instead, "" where it is the same.
    """

    name: str
    words: TwoWords
    description: str
    options: dict[str, Any]
    option_words: dict[str, TwoWords]
    choice_words: dict[str, TwoWords]
    example: dict[str, Any]
    """Options of a new node."""
    outcomes: list[ActionOutcomeView]
    outcomes_from: str
    collects: bool
    safe: bool
    degrades: str


def action_routes() -> Routes:
    routes = Routes("/api/flows/actions", tag="flows")

    @routes.get("", permission=Permission.FLOW_READ)
    async def list_actions(ctx: RequestContext) -> list[FlowActionView]:
        """All actions, with what the editor needs for their forms."""
        return [action_view(action, flow_words()) for _, action in sorted(all_actions().items())]

    return routes


def action_view(action: AnyAction, words: FlowWords) -> FlowActionView:
    schema = action.options.model_json_schema()
    options, choices = set(_names(schema)), set(_choices(schema))
    return FlowActionView(
        name=action.name,
        words=_two(words.action(action.name, "zh"), words.action(action.name, "en")),
        description=describe(action),
        options=schema,
        option_words={name: word for name, word in words.options.items() if name in options},
        choice_words={name: word for name, word in words.choices.items() if name in choices},
        example=dict(action.example),
        outcomes=[
            ActionOutcomeView(
                name=name,
                words=_two(words.outcome(action.name, name, "zh"), words.outcome(action.name, name, "en")),
            )
            for name in fixed_outcomes(action)
        ],
        outcomes_from=action.outcomes_from,
        collects=action.collects,
        safe=action.safe is not None,
        degrades=action.degrades,
    )


def fixed_outcomes(action: AnyAction) -> list[str]:
    """Those that do not come from a node's options."""
    named = named_outcomes(action.example, action.outcomes_from)
    return [name for name in outcomes_of(action) if name not in named]


def named_outcomes(options: Mapping[str, Any], outcomes_from: str) -> set[str]:
    """What `options` names at `outcomes_from`. Pure."""
    found: list[Any] = [options] if outcomes_from else []
    for part in outcomes_from.split("."):
        if part == _EACH:
            found = [each for values in found if isinstance(values, list | tuple) for each in values]
        else:
            found = [value[part] for value in found if isinstance(value, Mapping) and part in value]
    values = [each for value in found for each in (value if isinstance(value, list | tuple) else [value])]
    return {value for value in values if isinstance(value, str)}


def _two(zh: str, en: str) -> TwoWords:
    return TwoWords(zh=zh, en=en)


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, Mapping):
        yield schema
    for part in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _parts(part)


def _names(schema: Mapping[str, Any]) -> Iterator[str]:
    for part in _parts(schema):
        if isinstance(properties := part.get("properties"), Mapping):
            yield from properties


def _choices(schema: Mapping[str, Any]) -> Iterator[str]:
    for part in _parts(schema):
        if isinstance(values := part.get("enum"), list):
            yield from (value for value in values if isinstance(value, str))


__all__ = ["FlowActionView", "action_routes", "action_view", "fixed_outcomes", "named_outcomes"]
