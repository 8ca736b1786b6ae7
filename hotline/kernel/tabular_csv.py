"""CSV: which encoding, which delimiter, and the records. Pure and synchronous."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hotline.kernel.tabular_limits import TableLimits, TableUnreadableError

_CHUNK = 64 * 1024
_SAMPLE = 256 * 1024
_SAMPLE_RECORDS = 20
_DELIMITERS = ",;\t|，"  # noqa: RUF001  # the last as Chinese keyboards have it
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_TWO_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_COMMON = 0.98
"""Share of a text's Chinese characters that are in GB 2312; below it, the text may be something else."""
_PREVIEW = 4
_PREVIEW_CELL = 60
_PREVIEW_COLUMNS = 60


class TableEncoding(StrEnum):
    UTF_8 = "utf-8"
    UTF_8_BOM = "utf-8-sig"
    UTF_16 = "utf-16"
    GB18030 = "gb18030"
    BIG5 = "big5"


@dataclass(frozen=True, slots=True)
class EncodingCandidate:
    encoding: TableEncoding
    preview: tuple[tuple[str, ...], ...]
    """The first records, cut to what fits a page."""


def candidates(data: bytes) -> tuple[EncodingCandidate, ...]:
    """The encodings that `data` may be in, the likeliest first. Raises TableUnreadableError where none fits."""
    return tuple(EncodingCandidate(encoding, _preview(data, encoding)) for encoding in _encodings(data))


def rows(data: bytes, encoding: TableEncoding, limits: TableLimits) -> Iterator[tuple[int, Sequence[str]]]:
    """Each record with its number, counted as a spreadsheet counts rows."""
    sample = _decoded(data[:_SAMPLE], encoding, whole=len(data) <= _SAMPLE)
    delimiter, skip = _delimiter(sample)
    # errors="strict": what does not decode must never become a question mark in somebody's name.
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableUnreadableError(
                f"Row {number}: {_csv_problem(error)} Look for a quotation mark that is not closed before it."
            ) from None
        except UnicodeError:
            raise _undecodable(data, encoding) from None
        if number > skip:
            yield number, record


def _csv_problem(error: csv.Error) -> str:
    return "a cell is far too long." if "field larger" in str(error) else "it is not well-formed CSV."


def _encodings(data: bytes) -> list[TableEncoding]:
    if data.startswith(codecs.BOM_UTF8):
        _require(data, TableEncoding.UTF_8_BOM)
        return [TableEncoding.UTF_8_BOM]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _require(data, TableEncoding.UTF_16)
        return [TableEncoding.UTF_16]
    if _bad_byte(data, TableEncoding.UTF_8) is None:
        # Two Chinese characters of GB18030 can look like two of Latin or Greek in UTF-8; three bytes a character
        # are Chinese in UTF-8 indeed.
        doubtful = not _THREE_BYTES.search(data) and _TWO_BYTES.search(data)
        other = bool(doubtful) and _bad_byte(data, TableEncoding.GB18030) is None
        return [TableEncoding.GB18030, TableEncoding.UTF_8] if other else [TableEncoding.UTF_8]
    if _mostly_utf_8(data):
        raise _undecodable(data, TableEncoding.UTF_8)
    if _bad_byte(data, TableEncoding.GB18030) is not None:
        if _bad_byte(data, TableEncoding.BIG5) is None:
            return [TableEncoding.BIG5]
        raise _undecodable(data, TableEncoding.GB18030)
    if _share_common(data) < _COMMON and _bad_byte(data, TableEncoding.BIG5) is None:
        return [TableEncoding.GB18030, TableEncoding.BIG5]
    return [TableEncoding.GB18030]


def _bad_byte(data: bytes, encoding: TableEncoding) -> int | None:
    """Where `data` ceases to be of this encoding, or None. In pieces, so that other threads get their turn."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    for start in range(0, len(view), _CHUNK):
        try:
            decoder.decode(bytes(view[start : start + _CHUNK]), final=start + _CHUNK >= len(view))
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def _require(data: bytes, encoding: TableEncoding) -> None:
    if _bad_byte(data, encoding) is not None:
        raise _undecodable(data, encoding)


def _undecodable(data: bytes, encoding: TableEncoding) -> TableUnreadableError:
    line = data.count(b"\n", 0, _bad_byte(data, encoding) or 0) + 1
    return TableUnreadableError(
        f"Line {line} holds bytes that are not {encoding}; the file may be damaged or put together from two. Open it "
        "in the spreadsheet, look at that line, and save the file again as CSV UTF-8 or as .xlsx."
    )


def _mostly_utf_8(data: bytes) -> bool:
    """Whether `data` is UTF-8 with some damage: GB18030 text has hardly any three-byte sequence of that form."""
    sample = data[:_SAMPLE]
    high = sum(len(run) for run in re.findall(rb"[\x80-\xff]+", sample))
    return high >= 30 and 3 * len(_THREE_BYTES.findall(sample)) > 0.9 * high


def _share_common(data: bytes) -> float:
    """The share of GB 2312 among the characters beyond ASCII, read as GB18030."""
    text = _decoded(data[:_SAMPLE], TableEncoding.GB18030, whole=len(data) <= _SAMPLE)
    high = [character for character in text if ord(character) > 0x7F]
    if not high:
        return 1.0
    return sum(1 for character in high if _in_gb_2312(character)) / len(high)


def _in_gb_2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _decoded(data: bytes, encoding: TableEncoding, *, whole: bool) -> str:
    """`data` as text; where it is not `whole`, without the character that is cut at its end."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(data, final=whole)


def _delimiter(sample: str) -> tuple[str, int]:
    """The character between cells, and how many records before the table name it (Excel's `sep=;`)."""
    first = sample.split("\n", 1)[0].strip("\r\ufeff")
    if re.fullmatch(r"sep=[,;\t|]", first):
        return first[4], 1
    best, score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths or widths[0] < 2:
            continue
        found = (sum(1 for width in widths if width == widths[0]), widths[0])
        if found > score:
            best, score = delimiter, found
    return best, 0


def _widths(sample: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths: list[int] = []
    try:
        for record in reader:
            if any(record):
                widths.append(len(record))
            if len(widths) >= _SAMPLE_RECORDS:
                break
    except csv.Error:
        return widths
    return widths


def _preview(data: bytes, encoding: TableEncoding) -> tuple[tuple[str, ...], ...]:
    text = _decoded(data[: _CHUNK * 2], encoding, whole=False)
    delimiter, skip = _delimiter(text)
    shown: list[tuple[str, ...]] = []
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if number >= skip and any(record):
                shown.append(tuple(cell[:_PREVIEW_CELL] for cell in record[:_PREVIEW_COLUMNS]))
            if len(shown) >= _PREVIEW:
                break
    except csv.Error:
        return tuple(shown)
    return tuple(shown)
