"""Files as people send them, and as somebody sends them who means harm."""

from __future__ import annotations

import io
import struct
import zipfile

from PIL import Image

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def picture(form: str = "PNG", size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, form)
    return buffer.getvalue()


def docx(**more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document>" + "营业执照" * 50 + "</document>")
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb() -> bytes:
    """30 MB of zeros in 30 kB."""
    return docx(**{"word/media/image1.bin": bytes(30_000_000)})


def lying_bomb() -> bytes:
    """The same, and its directory says that it is small."""
    content = bytearray(bomb())
    size = struct.pack("<L", 30_000_000)
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = struct.pack("<L", 100)
    return bytes(content)


def crowded() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
        for number in range(6000):
            archive.writestr(f"word/{number}", "")
    return buffer.getvalue()


def plain_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("setup.exe", "MZ")
    return buffer.getvalue()


def huge_picture() -> bytes:
    """A PNG's header for 60,000 × 60,000 pixels."""
    content = bytearray(picture())
    content[16:24] = struct.pack("!LL", 60_000, 60_000)
    return bytes(content)


PE = b"MZ\x90\x00" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'\n <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
SCRIPT = b"#!/bin/sh\nrm -rf /\n"
OLD_DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
