"""A case sheet as PDF: A4, any length, text as text."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from crm.sheets.schemas import CaseSheet, SheetFact
from crm.sheets.texts import SHEET_WORDS

_SONG = "STSong-Light"
_EMBEDDED = "sheet"
_MARGIN = 18 * mm
_FOOT = 10 * mm


class SheetPrinter:
    """`font` is a TrueType file to embed; without one a reader's own Song is named, which every PDF reader for Chinese
    has. Sheets are made one at a time, in a thread.
    """

    def __init__(self, zone: ZoneInfo, font: Path | None) -> None:
        self._zone = zone
        self._file = font
        self._font = ""
        self._one = asyncio.Lock()

    async def pdf(self, sheet: CaseSheet) -> bytes:
        async with self._one:
            return await asyncio.to_thread(self._make, sheet)

    def _make(self, sheet: CaseSheet) -> bytes:
        self._load_font()
        labels = SHEET_WORDS[sheet.language].labels
        buffer = io.BytesIO()
        document = SimpleDocTemplate(
            buffer,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN,
            title=labels["case"].format(number=sheet.number),
            author="12345",
        )
        printed = sheet.printed_at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
        foot = labels["printed"].format(number=sheet.number, by=sheet.printed_by, at=printed)

        def canvas(*args: Any, **options: Any) -> _NumberedCanvas:
            return _NumberedCanvas(*args, font=self._font, foot=foot, page=labels["page"], **options)

        document.build(list(self._story(sheet)), canvasmaker=canvas)
        return buffer.getvalue()

    def _load_font(self) -> None:
        if self._font:
            return
        if self._file is not None:
            pdfmetrics.registerFont(TTFont(_EMBEDDED, str(self._file)))
            self._font = _EMBEDDED
        else:
            pdfmetrics.registerFont(UnicodeCIDFont(_SONG))
            self._font = _SONG

    def _story(self, sheet: CaseSheet) -> Iterator[Any]:
        style = ParagraphStyle("text", fontName=self._font, fontSize=10.5, leading=16, wordWrap="CJK")
        head = ParagraphStyle("head", parent=style, fontSize=18, leading=26, alignment=1)
        section = ParagraphStyle("section", parent=style, fontSize=12, leading=20, spaceBefore=8)
        yield Paragraph(escape(sheet.heading), head)
        if sheet.title:
            yield Paragraph(escape(sheet.title), ParagraphStyle("title", parent=style, alignment=1))
        yield Spacer(0, 4 * mm)
        yield self._facts(sheet.facts, style)
        for part in sheet.sections:
            yield CondPageBreak(30 * mm)
            yield Paragraph(escape(part.heading), section)
            for text in part.texts:
                yield from _paragraphs(text, style)
                yield Spacer(0, 2 * mm)

    def _facts(self, facts: list[SheetFact], style: ParagraphStyle) -> Table:
        """Two to a line."""
        cells = [[Paragraph(escape(fact.label), style), Paragraph(escape(fact.value), style)] for fact in facts]
        if len(cells) % 2:
            cells.append(["", ""])
        lines = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
        width = A4[0] - 2 * _MARGIN
        table = Table(lines, colWidths=[width * share for share in (0.16, 0.34, 0.16, 0.34)])
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "#888888"), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
        return table


def _paragraphs(text: str, style: ParagraphStyle) -> Iterable[Paragraph]:
    """One for each line, since a paragraph flows over pages and a table's cell does not."""
    for line in text.split("\n"):
        yield Paragraph(escape(line.replace("\t", "　")) or "&nbsp;", style)


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Writes "page n of m" at the end, when m is known."""

    def __init__(self, *args: Any, font: str, foot: str, page: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sheet_font = font
        self._sheet_foot = foot
        self._sheet_page = page
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(self._sheet_font, 9)
            self.drawString(_MARGIN, _FOOT, self._sheet_foot)
            place = self._sheet_page.format(page=number, pages=len(self._pages))
            self.drawRightString(A4[0] - _MARGIN, _FOOT, place)
            super().showPage()
        super().save()
