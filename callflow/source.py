"""A flow file's text: YAML (JSON is YAML) into plain values, with the line of every part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from hotline.kernel.problems import FieldError, MalformedInputError

_MOST_LISTED = 50

DocumentPath = tuple[str | int, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, which reads a flow of 1,000 nodes in a tenth of the time."""


@dataclass(frozen=True, slots=True)
class FlowProblem:
    """`where` is the path in the document, `line` its line (0 where unknown)."""

    where: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.line else self.where
        return f"{place}: {self.what}"


class FlowInvalidError(MalformedInputError):
    """`problems` says everything that is wrong, not only the first thing."""

    error_id = "flow.invalid"
    title = "The call flow cannot be used"

    def __init__(self, problems: Iterable[FlowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__([FieldError(where=each.where, what=each.what) for each in self.problems[:_MOST_LISTED]])
        self.detail = "\n".join(str(problem) for problem in self.problems)
        self.args = (self.detail,)


@dataclass(frozen=True, slots=True)
class FlowText:
    """The values as read, with the line of each."""

    content: Any
    lines: Mapping[DocumentPath, int]

    def problem(self, path: DocumentPath, what: str) -> FlowProblem:
        """A problem at the line of `path`, or of its nearest parent."""
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0)
        return FlowProblem(".".join(str(part) for part in path) or "file", line, what)


def read_source(text: str) -> FlowText:
    """Raises `FlowInvalidError` for what is no YAML, names a thing twice, or refers to itself."""
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise FlowInvalidError([FlowProblem("file", line, f"*{event.anchor}: write the part out again")])
        tree = yaml.compose(text, Loader=_Loader)
        reader = _Reader()
        content = reader.plain(tree, ()) if tree is not None else None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        what = f"this is not YAML: {getattr(error, 'problem', None) or error}"
        raise FlowInvalidError([FlowProblem("file", line, what)]) from error
    except UnicodeError:
        raise FlowInvalidError([FlowProblem("file", 0, "this is not Unicode text")]) from None
    except RecursionError:
        raise FlowInvalidError([FlowProblem("file", 0, "nested too deep")]) from None
    if reader.problems:
        raise FlowInvalidError(reader.problems)
    return FlowText(content, reader.lines)


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[DocumentPath, int] = {}
        self.problems: list[FlowProblem] = []
        self._scalars = SafeConstructor()

    def plain(self, node: yaml.Node, path: DocumentPath) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self._scalar(node, path)
        found: dict[str, Any] = {}
        for key, value in node.value:
            # Names are text, however they look: a menu's key 1 needs no quotes.
            name = str(key.value)
            line = key.start_mark.line + 1
            if name in found:
                where = ".".join(str(part) for part in (*path, name))
                self.problems.append(FlowProblem(where, line, f"{name!r} is given twice"))
            self.lines[*path, name] = line
            found[name] = self.plain(value, (*path, name))
        return found

    def _scalar(self, node: yaml.Node, path: DocumentPath) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (ValueError, LookupError, AttributeError):
            # The library looks at the form of a value alone: 2026-02-30 has that of a date.
            where = ".".join(str(part) for part in path) or "file"
            kind = node.tag.rpartition(":")[2]
            what = f"{str(node.value)[:60]!r} is no {kind}; where it is text, put it in quotes"
            self.problems.append(FlowProblem(where, node.start_mark.line + 1, what))
            return None
