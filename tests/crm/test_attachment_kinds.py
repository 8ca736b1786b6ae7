from __future__ import annotations

from pathlib import Path

import pytest

from crm.attachments.errors import ArchiveBombError, AttachmentStateError, BrokenFileError, UnknownTypeError
from crm.attachments.kinds import file_type, stored_name
from crm.attachments.routes import content_disposition
from crm.attachments.state import TRANSITIONS, AttachmentAction, AttachmentState, advance_attachment
from crm.attachments.thumbnails import SIDE, thumbnail_of
from hotline.kernel.errors import HotlineError
from tests.crm import hostile_files as files

TAKEN = {
    "image/jpeg": files.picture("JPEG"),
    "image/png": files.picture("PNG"),
    "image/webp": files.picture("WEBP"),
    "image/heic": b"\x00\x00\x00\x18ftypheic" + bytes(40),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\n",
    files.DOCX_TYPE: files.docx(),
    "text/plain": "材料已交两周\n仍未办理".encode(),
    "audio/mpeg": b"ID3\x04\x00" + bytes(40),
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20),
    "audio/mp4": b"\x00\x00\x00\x18ftypM4A " + bytes(40),
    "audio/amr": b"#!AMR\n" + bytes(40),
    "video/mp4": b"\x00\x00\x00\x18ftypisom" + bytes(40),
}
REFUSED: list[tuple[str, bytes, type[HotlineError]]] = [
    ("renamed.jpg", files.PE, UnknownTypeError),
    ("renamed.pdf", files.ELF, UnknownTypeError),
    ("page.png", files.HTML, UnknownTypeError),
    ("page after a mark.txt", b"\xef\xbb\xbf" + files.HTML, UnknownTypeError),
    ("drawing.svg", files.SVG, UnknownTypeError),
    ("script.txt", files.SCRIPT, UnknownTypeError),
    ("old.doc", files.OLD_DOC, UnknownTypeError),
    ("archive.docx", files.plain_zip(), UnknownTypeError),
    ("macros.docx", files.docx(**{"word/vbaProject.bin": b"x"}), UnknownTypeError),
    ("traversal.docx", files.docx(**{"../../etc/cron.d/x": b"x"}), UnknownTypeError),
    ("bomb.docx", files.bomb(), ArchiveBombError),
    ("lying.docx", files.lying_bomb(), BrokenFileError),
    ("crowded.docx", files.crowded(), ArchiveBombError),
    ("half.docx", files.docx()[:-40], BrokenFileError),
    ("half.png", files.picture()[:20], BrokenFileError),
    ("empty.txt", b"", BrokenFileError),
    ("binary.txt", b"text\x00text", UnknownTypeError),
]


@pytest.mark.parametrize(("media_type", "content"), TAKEN.items(), ids=list(TAKEN))
def test_a_type_is_told_by_its_content(tmp_path: Path, media_type: str, content: bytes) -> None:
    path = tmp_path / "no-name"
    path.write_bytes(content)
    assert file_type(path).media_type == media_type


def test_a_text_of_an_old_windows_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "no-name"
    path.write_bytes("营业执照".encode("gb18030"))
    assert file_type(path).media_type == "text/plain"


@pytest.mark.parametrize(("name", "content", "error"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_whatever_its_name_says(tmp_path: Path, name: str, content: bytes, error: type[HotlineError]) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(error):
        file_type(path)


def test_a_name_ends_as_its_type_does(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"@ is a sign\n")
    kind = file_type(path)
    assert stored_name("说明.TXT", kind) == "说明.TXT"
    assert stored_name("run.bat", kind) == "run.bat.txt"
    assert stored_name("无后缀", kind) == "无后缀.txt"


def test_a_download_keeps_its_name_and_breaks_no_header() -> None:
    assert content_disposition("执照.pdf") == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E6%89%A7%E7%85%A7.pdf"
    )
    assert '"; x="' not in content_disposition('a"; x=".exe\r\nSet-Cookie: a')
    assert "\r" not in content_disposition('a"; x=".exe\r\nSet-Cookie: a')


def test_a_thumbnail_is_small_and_of_a_bomb_there_is_none(tmp_path: Path) -> None:
    path, small = tmp_path / "x", tmp_path / "small.jpg"
    path.write_bytes(files.picture("PNG", (4000, 1000)))
    made = thumbnail_of(path)
    assert made is not None
    small.write_bytes(made)
    assert file_type(small).media_type == "image/jpeg"
    assert len(made) < 20_000
    assert SIDE == 320
    path.write_bytes(files.huge_picture())
    assert thumbnail_of(path) is None


@pytest.mark.parametrize("state", AttachmentState)
@pytest.mark.parametrize("action", AttachmentAction)
def test_the_table_of_states(state: AttachmentState, action: AttachmentAction) -> None:
    if (state, action) in TRANSITIONS:
        assert advance_attachment(state, action) == TRANSITIONS[state, action]
    else:
        with pytest.raises(AttachmentStateError):
            advance_attachment(state, action)
