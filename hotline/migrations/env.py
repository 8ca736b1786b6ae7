"""What alembic runs; `hotline.kernel.migrate` hands it the connection."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from hotline.app.models import metadata
from hotline.kernel.db import UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own types by name, so that a migration reads the same on both databases."""
    if kind != "type" or not isinstance(item, (UtcDateTime, JSON)):
        return False
    name = "UtcDateTime()" if isinstance(item, UtcDateTime) else "Json"
    autogen.imports.add(f"from hotline.kernel.db import {name.removesuffix('()')}")
    return name


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a column by copying the table.
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
