"""One document in its forms: JSON as it is stored, YAML as people read it. No meaning is lost either way. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import yaml

from callflow.document import FlowDocument
from callflow.source import DocumentPath, FlowInvalidError, FlowProblem, FlowText, read_source
from hotline.kernel.words import lines, visible

LONGEST = 2_000_000
"""Characters of a document; a thousand nodes are a tenth of it."""
_DEEPEST = 20
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""libyaml's writes the same text several times faster, where PyYAML was built with it."""
_ORDER = tuple(FlowDocument.model_fields)


def to_content(text: str) -> dict[str, Any]:
    """A document typed as YAML or JSON, as plain JSON values.

    Raises `FlowInvalidError` for what is no mapping, or far too long.
    """
    if len(text) > LONGEST:
        raise FlowInvalidError([FlowProblem("file", 0, f"longer than {LONGEST} characters; no flow needs as much")])
    content = read_source(text).content
    if not isinstance(content, dict):
        raise FlowInvalidError([FlowProblem("file", 1, "a flow is a mapping: `id: …`, `entry: …`, `nodes: …`")])
    return plain_values(content)


def plain_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same in JSON's values, known parts first, without characters that nobody sees.

    Raises `FlowInvalidError` for what JSON cannot say, and for control characters.
    """
    content = _cleaned(content, ())
    ordered = {name: content[name] for name in _ORDER if name in content}
    ordered |= {name: value for name, value in content.items() if name not in ordered}
    return of_json(to_json(ordered))


def _cleaned(value: Any, path: DocumentPath) -> Any:
    if len(path) > _DEEPEST:
        raise FlowInvalidError([FlowProblem(".".join(map(str, path)), 0, "nested too deep")])
    if isinstance(value, str):
        try:
            return lines(value)
        except ValueError as error:
            raise FlowInvalidError([FlowProblem(".".join(map(str, path)), 0, str(error))]) from None
    if isinstance(value, Mapping):
        return {visible(str(name)): _cleaned(each, (*path, str(name))) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, (*path, at)) for at, each in enumerate(value)]
    return value


def to_json(content: Mapping[str, Any]) -> str:
    """One line of JSON that keeps the order."""
    try:
        return orjson.dumps(content, default=str).decode()
    except TypeError as error:
        raise FlowInvalidError([FlowProblem("file", 0, f"a value cannot be kept: {error}")]) from None


def of_json(text: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(text)
    return content


def to_yaml(content: Mapping[str, Any]) -> str:
    """As a file that people edit and keep in git."""
    head = {name: value for name, value in content.items() if name not in ("nodes", "layout")}
    parts = [_dump(head)]
    if isinstance(nodes := content.get("nodes"), Mapping):
        parts.append("nodes:\n")
        parts += ["  " + line + "\n" for id, node in nodes.items() for line in _dump({id: node}).splitlines()]
    elif "nodes" in content:
        parts.append(_dump({"nodes": nodes}))
    if "layout" in content:
        parts.append(_dump({"layout": content["layout"]}))
    return "".join(parts)


def _dump(value: Mapping[str, Any]) -> str:
    # None: inner collections that hold only values stand in one line, as the shipped flow is written.
    text: str = yaml.dump(
        dict(value), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return text


def digest_of(content: Mapping[str, Any]) -> str:
    """The same for two documents that mean the same to a caller and to an editor, however they are laid out."""
    meaning = {name: value for name, value in content.items() if name != "layout"}
    return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()


def without_lines(content: Mapping[str, Any]) -> FlowText:
    """For `check_flow`, where there is no text to point into."""
    return FlowText(content, {})


__all__ = ["LONGEST", "digest_of", "of_json", "plain_values", "to_content", "to_json", "to_yaml", "without_lines"]
