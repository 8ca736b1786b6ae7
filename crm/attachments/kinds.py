"""What a file is, by its content: the types that are taken, and how each is recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from crm.attachments.errors import BrokenFileError, UnknownTypeError
from crm.attachments.office import office_type

_HEAD = 4096


@dataclass(frozen=True, slots=True)
class FileType:
    media_type: str
    suffixes: tuple[str, ...]
    """What names of such files end in; the first is given to a name that ends in none of them."""
    image: bool = False


JPEG = FileType("image/jpeg", (".jpg", ".jpeg", ".jfif"), image=True)
PNG = FileType("image/png", (".png",), image=True)
WEBP = FileType("image/webp", (".webp",), image=True)
HEIC = FileType("image/heic", (".heic", ".heif"))
PDF = FileType("application/pdf", (".pdf",))
TEXT = FileType("text/plain", (".txt", ".csv", ".log", ".md"))
MP3 = FileType("audio/mpeg", (".mp3",))
WAV = FileType("audio/wav", (".wav",))
M4A = FileType("audio/mp4", (".m4a",))
AMR = FileType("audio/amr", (".amr",))
MP4 = FileType("video/mp4", (".mp4", ".m4v", ".m4a", ".3gp"))

_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), MP4),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6"), MP4),
}
_MARKUP = re.compile(rb"^\s*(<[!?a-z/]|#!|%!|@echo|\{\\rtf)", re.IGNORECASE)
"""Begins of HTML, SVG, XML, scripts and others that a program may take for more than a text."""
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def file_type(path: Path) -> FileType:
    """The type of a whole file. Reads and unpacks within limits; run it in a thread.

    Raises UnknownTypeError for a type that is not taken, BrokenFileError for one that is not what it begins like.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            raise BrokenFileError("The file is empty.")
        found = _by_head(head)
        if found is None and head.startswith(b"PK\x03\x04"):
            media_type, suffix = office_type(file)
            found = FileType(media_type, (suffix,))
        if found is None and _is_text(file):
            found = TEXT
        if found is None:
            raise UnknownTypeError("Send a picture, PDF, Office document, plain text, sound or MP4 film.")
        if found.image:
            _require_picture(file)
    return found


def stored_name(name: str, kind: FileType) -> str:
    """`name` with an ending of its type, so that no program takes the file for something else."""
    return name if name.lower().endswith(kind.suffixes) else f"{name}{kind.suffixes[0]}"


def _by_head(head: bytes) -> FileType | None:
    match head:
        case _ if head.startswith(b"\xff\xd8\xff"):
            return JPEG
        case _ if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return PNG
        case _ if head.startswith(b"RIFF"):
            return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
        case _ if head.startswith(b"%PDF-"):
            return PDF
        case _ if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
            return AMR
        case _ if head[4:8] == b"ftyp":
            return _BRANDS.get(head[8:12])
        case _ if head.startswith(b"ID3") or _is_mp3_frame(head):
            return MP3
    return None


def _is_mp3_frame(head: bytes) -> bool:
    """A frame header of MPEG layer III: sync, layer, and neither bit rate nor sampling rate reserved."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[2] & 0xF0 not in (0x00, 0xF0) and head[2] & 0x0C != 0x0C


def _is_text(file: BinaryIO) -> bool:
    file.seek(0)
    content = file.read()
    if not content or _CONTROL.search(content) or _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")):
        return False
    return _decodes(content, "utf-8") or _decodes(content, "gb18030")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _require_picture(file: BinaryIO) -> None:
    """Its header can be read; nothing of the pixels is."""
    file.seek(0)
    try:
        Image.open(file, formats=("JPEG", "PNG", "WEBP")).close()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BrokenFileError("It begins like a picture, but it is none or is damaged.") from None
