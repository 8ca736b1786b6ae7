"""What the service's log repeats of Asterisk's is no caller's."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.onebox.last_words import last_words, masked

NAME = "WARNING[12] res_pjsip.c: CallerID Name '{}' for number '13904730001' has invalid UTF-8 characters"


@pytest.mark.parametrize("name", ["王五建材", "Wang Wu", "Wang", "O'Hara & Sons", 'a "b" c', "���彨��", "x' y 'z", ""])
def test_a_callers_name_and_number_are_masked(name: str) -> None:
    line = masked(NAME.format(name))
    assert "1390473" not in line
    for word in ("王", "Wang", "Hara", "Sons", "b", "彨", "x", "z"):
        assert word not in line.partition("CallerID Name")[2].partition("for number")[0]
    assert line.startswith("WARNING[12] res_pjsip.c: CallerID Name")
    assert line.endswith("has invalid UTF-8 characters")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Request 'INVITE' from '\"Wang Wu\" <sip:139@10.0.0.1>' failed for '10.0.0.1:5060'", "'10.0.0.1:5060'"),
        ("Unable to open '/var/log/x.wav': no space", "'/var/log/x.wav'"),
        ("Error loading module 'chan_pjsip.so': missing symbol", "'chan_pjsip.so'"),
        ("transport: bind to 127.0.0.1:5060 failed: Address already in use", "Address already in use"),
    ],
)
def test_what_an_operator_needs_stays(line: str, kept: str) -> None:
    assert kept in masked(line)
    assert "Wang" not in masked(line)
    assert "139" not in masked(line)


def test_a_sip_address_is_masked() -> None:
    assert masked("From <sip:Wang.Wu@x>, <tel:+86139>") == "From <sip:…@x>, <tel:…>"


def test_the_last_lines_of_each_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("".join(f"line {n}\n" for n in range(9)))
    assert last_words([tmp_path / "a", tmp_path / "none"]) == "Its last words: line 5 | line 6 | line 7 | line 8"
    assert last_words([]) == "Its last words: none"
