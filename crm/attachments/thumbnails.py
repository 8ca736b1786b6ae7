"""A small picture of a picture, made within limits."""

from __future__ import annotations

import asyncio
import io
import warnings
from pathlib import Path

import structlog
from PIL import Image, ImageOps

log = structlog.get_logger(__name__)
SIDE = 320
MOST_PIXELS = 40_000_000
"""Of the picture, which is unpacked whole in memory; cameras make up to that."""


class Thumbnails:
    """Made one at a time: each takes up to 160 MB for a moment."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def make(self, path: Path) -> bytes | None:
        """A JPEG of at most 320 pixels a side, without the picture's metadata; None where none can be made."""
        async with self._one:
            return await asyncio.to_thread(thumbnail_of, path)


def thumbnail_of(path: Path) -> bytes | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                picture.draft("RGB", (SIDE * 2, SIDE * 2))
                small = ImageOps.exif_transpose(picture)
                small.thumbnail((SIDE, SIDE))
                return _jpeg(small)
    except Exception as error:
        # Whatever a crafted picture does to the decoder, the attachment does without.
        log.info("no thumbnail", cause=type(error).__name__)
        return None


def _jpeg(picture: Image.Image) -> bytes:
    flat = Image.new("RGB", picture.size, "white")
    coloured = picture.convert("RGBA")
    flat.paste(coloured, mask=coloured.getchannel("A"))
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
