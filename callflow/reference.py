"""The pages of docs/actions, written from the actions themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from callflow.action import AnyAction
from callflow.words import flow_words

INDEX = "README.md"
_MADE = "<!-- Written by `hotline flow actions docs/actions`; changes here are lost. -->\n"
_FORMATS = {"duration": "time", "date": "date"}


def reference_pages(actions: Mapping[str, AnyAction]) -> dict[str, str]:
    """The text of each page by its file name, the index among them."""
    pages = {f"{name}.md": _page(action) for name, action in sorted(actions.items())}
    return {INDEX: _index(actions), **pages}


def describe(action: AnyAction) -> str:
    """What the action does for a caller: the text in its module."""
    return inspect.cleandoc(action.run.__doc__ or "")


def outcomes_of(action: AnyAction) -> list[str]:
    """The outcomes of a node with the example's options."""
    return sorted(action.outcomes(action.options.model_validate(action.example)))


def _index(actions: Mapping[str, AnyAction]) -> str:
    words = flow_words()
    rows = [
        f"| [{name}]({name}.md) | {words.action(name, 'zh')} | {_cell(describe(action).splitlines()[0])} |"
        for name, action in sorted(actions.items())
    ]
    return "\n".join(
        [
            _MADE,
            "# Actions of a call flow",
            "",
            "A node of a flow names one of these, its options, and a branch for each outcome. Times are written as",
            "ISO 8601: `PT5S` is five seconds. `hotline flow check FILE` says what is wrong with a flow.",
            "",
            "| action | 名称 | what it does |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _page(action: AnyAction) -> str:
    words = flow_words()
    title = f"# {action.name}: {words.action(action.name, 'zh')}, {words.action(action.name, 'en')}"
    return "\n".join(
        [
            _MADE,
            title,
            "",
            describe(action),
            "",
            *_options(action),
            "## Outcomes",
            "",
            *_outcomes(action),
            "",
            "## While the service is away",
            "",
            action.degrades or "The same.",
            "",
            "## Example",
            "",
            "```yaml",
            _example(action),
            "```",
            "",
        ]
    )


def _options(action: AnyAction) -> Iterator[str]:
    schema = action.options.model_json_schema()
    if not schema.get("properties"):
        return
    yield from ("## Options", "", "| option | kind | left out | meaning |", "|---|---|---|---|")
    needed = schema.get("required", [])
    shared = schema.get("$defs", {})
    for name, field in schema["properties"].items():
        default = "must be given" if name in needed else f"`{_plain(field.get('default'))}`"
        yield f"| `{name}` | {_kind(field, shared)} | {default} | {_cell(field.get('description', ''))} |"
    yield ""
    for name, part in shared.items():
        yield from (f"`{name}`: {_cell(part.get('description', ''))}", "")
        for key, field in part.get("properties", {}).items():
            yield f"- `{key}`: {_kind(field, shared)}. {_cell(field.get('description', ''))}".rstrip()
        yield ""


def _kind(field: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    match field:
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return " or ".join(f"`{value}`" for value in values)
        case {"$ref": ref}:
            return f"`{ref.rpartition('/')[2]}`"
        case {"oneOf": parts} | {"anyOf": parts}:
            kinds = [_kind(part, shared) for part in parts if part.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
        case {"type": "array", "items": items}:
            return f"list of {_kind(items, shared)}"
        case {"type": "object", "additionalProperties": values} if isinstance(values, dict):
            return f"by name: {_kind(values, shared)}"
        case {"type": "string", "format": format}:
            return _FORMATS.get(format, "text")
        case {"type": "integer"}:
            low, high = field.get("minimum"), field.get("maximum")
            return f"{low} to {high}" if low is not None and high is not None else "whole number"
        case {"type": "boolean"}:
            return "true or false"
        case _:
            return "text"


def _plain(value: Any) -> str:
    return (
        yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()
    )


def _outcomes(action: AnyAction) -> Iterator[str]:
    words, outcomes = flow_words(), outcomes_of(action)
    if not outcomes:
        yield "None: the call ends here."
        return
    yield from ("| outcome | 名称 | name |", "|---|---|---|")
    for outcome in outcomes:
        zh, en = words.outcome(action.name, outcome, "zh"), words.outcome(action.name, outcome, "en")
        yield f"| `{outcome}` | {zh} | {en} |"


def _example(action: AnyAction) -> str:
    node: dict[str, Any] = {"action": action.name}
    if action.example:
        node["options"] = dict(action.example)
    if outcomes := outcomes_of(action):
        node["branches"] = dict.fromkeys(outcomes, "next")
    text: str = yaml.safe_dump({"here": node}, allow_unicode=True, sort_keys=False, default_flow_style=None)
    return text.strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
