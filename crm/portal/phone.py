"""The cases as the call flow asks for them: `callflow.ports.CaseProgress`."""

from __future__ import annotations

from callflow.ports import CallerProgress, ProgressRefusedError
from crm.portal.errors import NoSuchProgressError
from crm.portal.service import ProgressService
from hotline.kernel.db import Database
from hotline.kernel.errors import TooManyRequestsError
from hotline.kernel.http import AuditRecord, RepeatedTrail


class PhoneProgress:
    def __init__(self, database: Database, service: ProgressService, trail: RepeatedTrail) -> None:
        self._database = database
        self._service = service
        self._trail = trail

    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        """Counted by `caller` and by `number`, together with the page. Raises as the port says."""
        try:
            self._service.admit(number, visitor=f"phone {caller}")
            async with self._database.snapshot() as db:
                _, view = await self._service.read(db, number, code)
        except NoSuchProgressError as refused:
            await self._refused(refused.error_id)
            return None
        except TooManyRequestsError as refused:
            await self._refused(refused.error_id)
            raise ProgressRefusedError from None
        return CallerProgress(state=view.state, promised_at=view.promised_at)

    async def _refused(self, reason: str) -> None:
        record = AuditRecord(
            user_id=None, username="", action="progress.refused", target="phone", address="", detail={"reason": reason}
        )
        await self._trail.note(record)
