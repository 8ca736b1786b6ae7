from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_the_conformance_table_names_exists() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text()
    named = set(re.findall(r"`((?:tests|crm|cti|callflow|hotline)/[\w./-]+\.py)`", text))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_clause_has_a_row() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text()
    rows = {int(number) for number in re.findall(r"^\| (\d+)", text, re.MULTILINE)}
    assert rows == set(range(1, 12))
