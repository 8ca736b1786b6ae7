"""Whatever the service answers or records, the pages have words for it, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from crm.cases.state import CaseAction
from crm.enterprises.credit_codes import CodeFault
from crm.knowledge.state import KnowledgeAction
from crm.knowledge_requests.state import KnowledgeRequestAction
from crm.supervision.state import SupervisionAction

ROOT = Path(__file__).parents[1]
PACKAGES = ("hotline", "crm", "cti", "ivr", "callflow")
TOKEN = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|\S""", re.DOTALL)

UNANSWERED = {
    # Of the command line, and of the start of the service.
    *("box.", "settings.", "database.", "http.address_taken", "hotline.error"),
    # Within calls, jobs and the link to Asterisk: logged, and shown on the page of the health.
    *("phone.unsafe_value", "phone.call_ended", "phone.call_left", "phone.flow_restarted", "phone.lease_held"),
    *("phone.login_refused", "attachment.scanner_away", "message.send_failed"),
}
"""Error ids, or beginnings of them, that no page is ever answered."""

RECORDERS = {"audit", "audit_repeated", "audit_change", "record", "command_line", "AuditRecord", "Dialled"} | {
    *("_audit", "_record", "_edited"),
}
"""Calls that are given an action of the audit log."""
COMPOSED = {
    "case.": [action.value for action in CaseAction],
    "supervision.": [action.value for action in SupervisionAction],
    "knowledge.": [action.value for action in KnowledgeAction],
    "knowledge_request.": [action.value for action in KnowledgeRequestAction],
}
"""Beginnings of actions that are put together, and what follows them."""

ROW_CODES = {
    "credit_code_": [fault.value for fault in CodeFault],
    "_repeated": ["code", "day"],
    "_missing": ["source", "published"],
    "_differs": ["source", "published"],
}
"""Beginnings and ends of codes of row problems that are put together, and the rest of them."""


def texts_of(path: Path) -> set[str]:
    """The names of the texts of a file that is one object, nested ones with dots."""
    tokens = [token for token in TOKEN.findall(path.read_text(encoding="utf-8")) if not token.startswith(("/*", "//"))]
    found: set[str] = set()
    groups: list[str] = []
    name = ""
    start = next(at for at in range(len(tokens)) if tokens[at : at + 2] == ["=", "{"]) + 1
    for before, token, after in zip(tokens[start - 1 :], tokens[start:], [*tokens[start + 1 :], ""], strict=False):
        if token == "{":
            groups.append(name)
        elif token == "}":
            groups.pop()
        elif after == ":" and before in ("{", ","):
            name = token.strip('"')
        elif token[0] in '"`':
            found.add(".".join([*groups[1:], name]))
        if not groups:
            break
    return found


@cache
def texts(language: str) -> frozenset[str]:
    return frozenset().union(*map(texts_of, (ROOT / "web/src/i18n").glob(f"*{language}.ts")))


@cache
def sources() -> list[ast.Module]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


def nodes() -> Iterator[ast.AST]:
    for module in sources():
        yield from ast.walk(module)


def error_ids() -> Iterator[str]:
    for node in nodes():
        match node:
            case ast.Assign(targets=[ast.Name(id="error_id")], value=ast.Constant(value=str(error_id))):
                yield error_id
            case ast.AnnAssign(target=ast.Name(id="error_id"), value=ast.Constant(value=str(error_id))):
                yield error_id


def actions() -> Iterator[str]:
    """Each action that a recorder is given, or that a variable of this name is."""
    for node in nodes():
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in RECORDERS:
                given: list[ast.expr] = [*node.args, *(word.value for word in node.keywords if word.arg == "action")]
            case ast.Assign(targets=[ast.Name(id="action")]):
                given = [node.value]
            case ast.keyword(arg="audit"):
                given = [node.value]
            case _:
                continue
        for expression in given:
            yield from dotted(expression)


def dotted(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        match node:
            case ast.Constant(value=str(text)) if re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
                yield text
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue()]) if prefix.endswith("."):
                yield from (prefix + rest for rest in COMPOSED[prefix])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_that_a_page_is_answered_has_a_text(language: str) -> None:
    known = texts(language)
    ids = {error_id for error_id in error_ids() if not error_id.startswith(tuple(UNANSWERED))}
    assert len(ids) > 100
    assert sorted(error_id for error_id in ids if f"problem.{error_id}" not in known) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_of_the_audit_log_has_a_text(language: str) -> None:
    known = texts(language)
    found = set(actions())
    assert len(found) > 100
    missing = [action for action in found if not said_as(action) & known]
    assert sorted(missing) == []


def refusals() -> Iterator[tuple[str, str]]:
    """The code of each refusal in crm, with the feature that refuses."""
    for path in sorted((ROOT / "crm").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="refuse"), args=[ast.Constant(value=str(reason)), *_]):
                    yield path.relative_to(ROOT / "crm").parts[0], reason
                case ast.Call(
                    func=ast.Name(id="Refusal"), keywords=[ast.keyword(value=ast.Constant(value=reason)), *_]
                ):
                    yield path.relative_to(ROOT / "crm").parts[0], str(reason)


def row_problems() -> Iterator[str]:
    """The code of each problem that an import may report of a row."""
    for node in nodes():
        match node:
            case ast.Call(func=ast.Name(id="RowProblem"), keywords=[ast.keyword(arg="code", value=code), *_]):
                yield from codes(code)
            case ast.Call(func=ast.Name(id="_refuse") | ast.Attribute(attr="_refuse"), args=[_, code, *_]):
                yield from codes(code)
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.JoinedStr() as code):
                yield from codes(code)


def codes(expression: ast.expr) -> Iterator[str]:
    match expression:
        case ast.JoinedStr(values=[ast.Constant(value=str(before)), ast.FormattedValue()]):
            yield from (before + rest for rest in ROW_CODES[before])
        case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value=str(after))]):
            yield from (rest + after for rest in ROW_CODES[after])
        case _:
            yield from (
                node.value
                for node in ast.walk(expression)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )


def said_as(action: str) -> set[str]:
    """As web/src/admin/audit.ts looks for it."""
    family, _, rest = action.partition(".")
    return {f"action.{family}_{rest}", *([f"casePage.action.{rest}"] if family == "case" else [])}


def test_no_exception_is_forgotten() -> None:
    ids = set(error_ids())
    assert [start for start in UNANSWERED if not any(error_id.startswith(start) for error_id in ids)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_of_a_move_has_a_text(language: str) -> None:
    known = texts(language)
    found = set(refusals())
    assert len(found) > 40
    missing = [(feature, code) for feature, code in found if not refused_as(feature, code) & known]
    assert sorted(missing) == []


def refused_as(feature: str, reason: str) -> set[str]:
    """As web/src/app/words.ts and web/src/cases/page/reasons.ts look for it."""
    if feature == "cases":
        return {f"casePage.reason.{reason}", f"problem.case.refused.{reason}"}
    return {f"problem.{feature}.refused.{reason}"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_of_an_imported_row_has_a_text(language: str) -> None:
    known = texts(language)
    found = set(row_problems())
    assert len(found) > 20
    assert sorted(code for code in found if f"import.problem.{code}" not in known) == []
