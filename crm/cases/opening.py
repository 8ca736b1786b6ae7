"""A case as the features beside it open it: for its files, its notes and its sheet."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from hotline.kernel.http import Principal, RequestContext


class ReadableCases(Protocol):
    """`CaseService`, as far as reading goes; who may see a case is decided there alone."""

    async def read(self, db: AsyncSession, case_id: str, *, who: Principal) -> Case:
        """Raises NotFoundError, and CaseHiddenError for whoever may not open it."""
        ...


async def open_case(ctx: RequestContext, cases: ReadableCases, case_id: str) -> Case:
    """The case, within the request's transaction; of a confidential one the view is audited. Raises as `read`."""
    case = await cases.read(ctx.db, case_id, who=ctx.user)
    if case.confidential:
        await ctx.audit("case.view_confidential", case.id)
    return case
