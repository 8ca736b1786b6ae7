"""Taking back rows that others may refer to by now."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Delete


async def delete_unless_used(db: AsyncSession, *statements: Delete) -> bool:
    """Run them all, or none where another table refers to what they delete."""
    try:
        async with db.begin_nested():
            for statement in statements:
                await db.execute(statement, execution_options={"synchronize_session": False})
    except IntegrityError:
        return False
    return True
