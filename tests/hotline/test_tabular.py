from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from hotline.kernel.tabular import (
    TableEncoding,
    TableLimits,
    TableRow,
    TableUncertainError,
    TableUnreadableError,
    inspect_table,
    read_table,
)

CHINESE = "企业名称,联系电话\n乌海市海勃湾酒店有限公司,0473-2991001\n草原银行,13912345678\n"


def cells(data: bytes, **options: Any) -> list[tuple[str, ...]]:
    return [row.cells for row in read_table(data, **options)]


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


# --- encodings and delimiters -----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_each_encoding_is_told_apart(encoding: str) -> None:
    data = CHINESE.encode(encoding)
    guess = inspect_table(data)
    assert [candidate.encoding for candidate in guess.candidates] == [encoding]
    assert cells(data)[1] == ("乌海市海勃湾酒店有限公司", "0473-2991001")


def test_a_doubt_is_asked_about_with_a_preview_of_each() -> None:
    # These bytes are Latin letters in UTF-8, and Chinese in GB18030.
    data = "名,b\né,è\n".replace("名", "n").encode()
    with pytest.raises(TableUncertainError) as raised:
        cells(data)
    shown = {candidate.encoding: candidate.preview for candidate in raised.value.candidates}
    assert shown[TableEncoding.UTF_8] == (("n", "b"), ("é", "è"))
    assert set(shown) == {TableEncoding.UTF_8, TableEncoding.GB18030}
    assert not inspect_table(data).certain
    assert cells(data, encoding=TableEncoding.UTF_8) == [("n", "b"), ("é", "è")]


def test_traditional_characters_of_big5_are_asked_about() -> None:
    data = "公司,電話\n臺灣檢測學會,021\n開發銀行,022\n".encode("big5")
    assert TableEncoding.BIG5 in [candidate.encoding for candidate in inspect_table(data).candidates]


def test_damaged_utf_8_names_the_line() -> None:
    data = (CHINESE * 3).encode() + b"\xff\xfe,1\n"
    with pytest.raises(TableUnreadableError, match="Line 10 holds bytes that are not utf-8"):
        cells(data)


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(TableUnreadableError, match="Line 1"):
        cells(bytes(range(0x80, 0x100)) * 4)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = ["名称", "电话"], ["甲、乙; 丙", "1391"], ["丁", "1392"]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert cells(text.encode("utf-8-sig"))[1] == ("甲、乙; 丙", "1391")


def test_the_line_that_names_the_delimiter_is_no_row() -> None:
    assert [row.number for row in read_table(b"sep=;\r\na;b\r\n")] == [2]


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    rows = list(read_table('a,b\n\n"two\nlines",2\n,,\nlast,3\n'.encode("utf-8-sig")))
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("a", "b")),
        (3, ("two\nlines", "2")),
        (5, ("last", "3")),
    ]


# --- numbers ----------------------------------------------------------------------------------------------


def test_a_telephone_number_that_became_a_float_is_whole_again() -> None:
    for data in (b"n\n13800138000.0\n", workbook(["n"], [13800138000.0]), workbook(["n"], ["13800138000.0"])):
        assert cells(data)[1] == ("13800138000",)
    assert cells(b"v\n1.0\n")[1] == ("1.0",)


@pytest.mark.parametrize(
    "data",
    [
        workbook(["a", "code"], ["x", 911503000000000000]),
        workbook(["a", "code"], ["x", 9.11503001234567e17]),
        b"a,code\nx,9.11503E+17\n",
        b"a,code\nx,911503001234567000\n",
    ],
)
def test_a_number_that_excel_has_rounded_is_a_fault_of_its_cell(data: bytes) -> None:
    header, row = read_table(data)
    assert header.faults == ()
    assert [fault.column for fault in row.faults] == [1]
    assert "Format the column as text" in row.faults[0].problem
    assert "911503" not in row.faults[0].problem


def test_eighteen_digits_in_a_cell_of_text_are_whole() -> None:
    assert list(read_table(workbook(["911503001234567000"]))) == [TableRow(1, ("911503001234567000",))]
    assert list(read_table(b"x,\t911503001234567000\n"))[0].faults == ()


def test_typed_cells_become_what_a_person_reads() -> None:
    data = workbook([1, 1.5, True, date(2026, 10, 1), datetime(2026, 10, 1, 9, 30), None, " 甲 "])
    assert cells(data) == [("1", "1.5", "TRUE", "2026-10-01", "2026-10-01 09:30:00", "", "甲")]


def test_a_formula_is_its_text() -> None:
    assert cells(workbook(['=HYPERLINK("http://x","y")', "=1+1"])) == [('=HYPERLINK("http://x","y")', "=1+1")]
    assert cells(b"'=1+1,a\n") == [("=1+1", "a")]


def test_nul_is_a_fault_of_the_cell() -> None:
    row = next(read_table(b"a\0b,c\n"))
    assert row.cells == ("ab", "c")
    assert [fault.column for fault in row.faults] == [0]


def test_the_first_visible_sheet_with_rows_is_read() -> None:
    book = Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("empty")
    book.create_sheet("full").append(["shown"])
    assert cells(saved(book)) == [("shown",)]


# --- hostile files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "password"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (workbook(["a"])[:-40], "damaged"),
        (b"x" * 11, None),
    ],
)
def test_what_is_no_table(data: bytes, words: str | None) -> None:
    if words is None:
        assert cells(data) == [("x" * 11,)]
        return
    with pytest.raises(TableUnreadableError, match=words):
        cells(data)


def test_an_archive_that_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(TableUnreadableError, match="no .xlsx workbook"):
        cells(out.getvalue())


def test_a_zip_bomb_is_refused_by_what_it_states() -> None:
    bomb = with_part(workbook(["a"]), "xl/media/zeros.bin", bytes(50 * 1024**2))
    assert len(bomb) < 100_000
    with pytest.raises(TableUnreadableError, match="unpacks to far more"):
        cells(bomb)


def test_many_parts_are_refused() -> None:
    data = workbook(["a"])
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(1001):
            archive.writestr(f"xl/{number}.bin", "")
    with pytest.raises(TableUnreadableError, match="unpacks to far more"):
        cells(out.getvalue())


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(with_part(workbook(["a"]), "xl/media/zeros.bin", bytes(5 * 1024**2)))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")
    with pytest.raises(TableUnreadableError, match=r"damaged|unpacks"):
        cells(bytes(data))


def test_declarations_in_xml_are_refused() -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + sheet("<row><c><v>1</v></c></row>")
    with pytest.raises(TableUnreadableError, match="damaged"):
        cells(with_part(workbook(["a"]), SHEET, lol))


def test_a_row_without_end_is_refused_before_it_is_held() -> None:
    row = "<row>" + "".join(f"<c><v>{number}</v></c>" for number in range(600_000)) + "</row>"
    with pytest.raises(TableUnreadableError, match="unpacks to far more"):
        cells(with_part(workbook(["a"]), SHEET, sheet(row)))


def test_a_sheet_that_states_a_monstrous_size_costs_nothing() -> None:
    rows = sheet('<row r="1"><c r="A1"><v>1</v></c></row>').replace(
        b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    assert cells(with_part(workbook(["a"]), SHEET, rows)) == [("1",)]


def test_a_row_far_away_is_beyond_the_limit() -> None:
    rows = sheet('<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>')
    with pytest.raises(TableUnreadableError):
        cells(with_part(workbook(["a"]), SHEET, rows))


@pytest.mark.parametrize("cell", ['<c r="ZZZZZ1"><v>1</v></c>', '<c t="s"><v>99999</v></c>', "<c><v>1e5x</v></c>"])
def test_a_broken_cell_names_its_row(cell: str) -> None:
    with pytest.raises(TableUnreadableError, match="Row 1"):
        cells(with_part(workbook(["a"]), SHEET, sheet(f"<row>{cell}</row>")))


def test_limits_name_the_place() -> None:
    limits = TableLimits(rows=3, columns=3, cell_length=5, file_bytes=1000)
    with pytest.raises(TableUnreadableError, match="more than 3 rows"):
        list(read_table(b"a\nb\nc\nd\n", limits=limits))
    with pytest.raises(TableUnreadableError, match="Row 2 has 4 columns"):
        list(read_table(b"a,b,c\na,b,c,d\n", limits=limits))
    with pytest.raises(TableUnreadableError, match="Row 2, column 2"):
        list(read_table(b"a,b\na,bbbbbb\n", limits=limits))
    with pytest.raises(TableUnreadableError, match="larger than"):
        list(read_table(b"a" * 1001, limits=limits))


def test_ten_megabytes_in_one_cell_are_refused_with_the_place() -> None:
    with pytest.raises(TableUnreadableError, match="Row 2"):
        cells(b'a,b\n1,"' + b"x" * 10 * 1024**2 + b'"\n')


def test_ten_megabytes_of_rows_are_read() -> None:
    data = ("乌海市海勃湾酒店有限公司,13912345678,住宿\n" * 150_000).encode("gb18030")
    assert len(data) > 6 * 1024**2
    assert sum(1 for _ in read_table(data)) == 150_000


def read_or_refused(data: bytes) -> None:
    """Any other exception fails the test."""
    with contextlib.suppress(TableUnreadableError):
        list(read_table(data))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe"):
        read_or_refused(start + data)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_damage_to_a_workbook_breaks_the_reader(place: int, value: int) -> None:
    data = bytearray(GOOD)
    data[place % len(data)] = value
    read_or_refused(bytes(data))


GOOD = workbook(["名称", "电话"], ["甲", 13912345678])
