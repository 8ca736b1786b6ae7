from __future__ import annotations

import re
from pathlib import Path

from tests.conformance import DOCUMENT, TRACED, claimed_done, clauses, shown_by, with_listing

ROOT = Path(__file__).parents[2]


def test_the_document_lists_the_tests_of_each_clause() -> None:
    """Where this fails: `python -m tests.conformance`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_listing(text) == text


def test_each_traced_clause_has_a_test() -> None:
    assert set(TRACED) - shown_by().keys() == set()


def test_what_is_called_done_has_a_test() -> None:
    done = claimed_done(DOCUMENT.read_text(encoding="utf-8"))
    assert done
    assert (done & set(TRACED)) - shown_by().keys() == set()


def test_a_marker_counts_for_its_test_or_for_its_module() -> None:
    source = "pytestmark = [pytest.mark.real, pytest.mark.clause(7)]\n@pytest.mark.clause(9, 10)\ndef test_a(): ...\n"
    assert list(clauses(source)) == [(7, "test_a"), (9, "test_a"), (10, "test_a")]
    assert claimed_done("| 6d | x | y | z | done; not yet |\n| 7 | x | y | z | not yet |\n") == {6}


def test_what_the_conformance_table_names_exists() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text()
    named = set(re.findall(r"`((?:tests|crm|cti|callflow|hotline)/[\w./-]+\.py)`", text))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_clause_has_a_row() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text()
    rows = {int(number) for number in re.findall(r"^\| (\d+)", text, re.MULTILINE)}
    assert rows == set(range(1, 12))
