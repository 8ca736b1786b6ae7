"""Which tests show which clause of docs/conformance.md, by their marker `clause`.

`python -m tests.conformance` writes the list of them into the document.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "conformance.md"
BEGIN, END = "<!-- made by `python -m tests.conformance` -->\n", "<!-- end -->\n"
TRACED = (4, 5, 6, 7, 9, 10, 11)
"""Clauses whose rows may say that they are done only if a test has their marker."""


def clauses(source: str) -> Iterator[tuple[int, str]]:
    """Clause and test, for each marker of a module; one in `pytestmark` counts for every test of it. Pure."""
    tree = ast.parse(source)
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    tests = [node for node in tests if node.name.startswith("test_")]
    everywhere = [
        number
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for number in _numbers(node.value)
    ]
    for test in tests:
        own = [number for decorator in test.decorator_list for number in _numbers(decorator)]
        for number in dict.fromkeys([*everywhere, *own]):
            yield number, test.name


def _numbers(node: ast.expr) -> list[int]:
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.clause"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
    ]


def shown_by() -> dict[int, dict[str, list[str]]]:
    """Clause → file → tests."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number, test in clauses(path.read_text(encoding="utf-8")):
            found[number][path.relative_to(ROOT).as_posix()].append(test)
    return found


def listing() -> str:
    """The list as the document has it."""
    lines = [BEGIN, "\n"]
    for number, files in sorted(shown_by().items()):
        lines.append(f"**Clause {number}**\n\n")
        for path, tests in files.items():
            words = "; ".join(test.removeprefix("test_").replace("_", " ") for test in tests)
            lines.append(f"- `{path}`: {words}\n")
        lines.append("\n")
    return "".join([*lines, END])


def with_listing(document: str) -> str:
    before, _, rest = document.partition(BEGIN)
    return before + listing() + rest.partition(END)[2]


def claimed_done(document: str) -> set[int]:
    """Clauses of which a row says "done", without or with more."""
    rows = re.findall(r"^\| (\d+)\w? \|.*\| ([^|]*) \|$", document, re.MULTILINE)
    return {int(number) for number, state in rows if state.startswith("done")}


if __name__ == "__main__":
    DOCUMENT.write_text(with_listing(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
