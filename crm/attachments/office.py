"""Office documents (OOXML): distinguished from other archives, and unpacked once within limits to find a zip bomb."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import BinaryIO

from crm.attachments.errors import ArchiveBombError, BrokenFileError, UnknownTypeError

_PARTS = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
}
MOST_ENTRIES = 5000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 150
"""Unpacked to packed, of the whole; sheets of a table reach 20 to 40."""
_SMALL = 1024 * 1024
"""Below it, no ratio is suspicious."""
_MOST_DIRECTORY = 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_BLOCK = 256 * 1024
_ACTIVE = ("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".ps1", ".bat", ".cmd", ".scr", ".jar")


def office_type(file: BinaryIO) -> tuple[str, str]:
    """(media type, suffix) of the document. Raises UnknownTypeError, ArchiveBombError, BrokenFileError."""
    packed = _require_small_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            found = _kind_by_its_parts(archive)
            _unpack(archive, packed)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        # RuntimeError: an encrypted entry.
        raise BrokenFileError("The document is damaged or encrypted; save it again without a password.") from None
    return found


def _require_small_directory(file: BinaryIO) -> int:
    """The file's size. Checked before `zipfile` makes an object of each entry of the directory."""
    size = file.seek(0, 2)
    tail_at = max(0, size - 65_535 - _END.size)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise BrokenFileError("The document is not whole; send it again.")
    entries, directory = _END.unpack_from(tail, at)[4:6]
    if entries > MOST_ENTRIES or directory > _MOST_DIRECTORY:
        raise ArchiveBombError(f"The document has too many parts; at most {MOST_ENTRIES} are taken.")
    return size


def _kind_by_its_parts(archive: zipfile.ZipFile) -> tuple[str, str]:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    found = next((kind for part, kind in _PARTS.items() if part in names), None)
    if found is None or "[Content_Types].xml" not in names:
        raise UnknownTypeError("Archives are not taken; send the documents in it one by one.")
    for name in names:
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or name.lower().endswith(_ACTIVE):
            raise UnknownTypeError("Documents with macros or programs in them are not taken.")
    return found


def _unpack(archive: zipfile.ZipFile, packed: int) -> None:
    """Read every entry to its end: what the directory says of their sizes is the sender's word."""
    unpacked, most = 0, min(MOST_UNPACKED, max(_SMALL, packed * MOST_RATIO))
    for entry in archive.infolist():
        if unpacked + entry.file_size > most:
            raise ArchiveBombError("The document unpacks to far more than it should.")
        with archive.open(entry) as part:
            while block := part.read(_BLOCK):
                unpacked += len(block)
                if unpacked > most:
                    raise ArchiveBombError("The document unpacks to far more than it should.")
