"""Uploaded files on their way into the database, and what was found about each of their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class ImportRecord(Identified, Base):
    __tablename__ = "import_job"
    __table_args__ = (
        Index("ix_import_job_created_by_id", "created_by", "id"),
        Index("ix_import_job_updated_at", "updated_at"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(8))
    encodings: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """The candidates with a preview each."""
    encoding: Mapped[str | None] = mapped_column(String(16))
    """As chosen; None for xlsx."""
    mapping: Mapped[dict[str, int]] = mapped_column(Json)
    """Column key to place in the file, from 0."""
    rows_total: Mapped[int | None]
    """Without the header; None until the file has been read."""
    rows_done: Mapped[int] = mapped_column(default=0)
    written_to: Mapped[int] = mapped_column(default=0)
    """The number of the last row that is written."""
    kept: Mapped[int] = mapped_column(default=0)
    """Records that could not be taken back, because somebody has used them since."""
    counts: Mapped[dict[str, int]] = mapped_column(Json)
    problem: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class ImportFile(Base):
    """The bytes, while they may still be read again."""

    __tablename__ = "import_file"

    import_id: Mapped[str] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Base):
    """One row of the file; `outcome` is null until it was checked."""

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_outcome_number", "import_id", "outcome", "number"),
        Index("ix_import_row_key", "import_id", "key"),
        Index("ix_import_row_other_key", "import_id", "other_key"),
    )

    import_id: Mapped[str] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[str]] = mapped_column(Json)
    faults: Mapped[dict[str, str]] = mapped_column(Json)
    """Place in the file (a string, as JSON has it) to what is wrong with that cell."""
    outcome: Mapped[str | None] = mapped_column(String(8))
    key: Mapped[str | None] = mapped_column(String(400))
    other_key: Mapped[str | None] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(200), default="")
    target: Mapped[str | None] = mapped_column(String(36))
    problems: Mapped[list[dict[str, str]]] = mapped_column(Json)
    value: Mapped[dict[str, Any] | None] = mapped_column(Json)
    undo: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What it takes to take the row back; null unless it was written."""
