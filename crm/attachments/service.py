"""Files that belong to cases: taken in by their content, shown to whoever may see the case, removed with a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments import repository
from crm.attachments.errors import (
    AttachmentStateError,
    AttachmentVersionConflictError,
    TooManyAttachmentsError,
)
from crm.attachments.kinds import FileType, stored_name
from crm.attachments.models import Attachment
from crm.attachments.scanner import ClamdScanner, ScannerAwayError
from crm.attachments.schemas import AttachmentRemoval, UploadQuery
from crm.attachments.state import HELD, AttachmentAction, AttachmentState, advance_attachment
from crm.attachments.thumbnails import Thumbnails
from crm.cases.models import Case
from crm.cases.opening import ReadableCases
from crm.cases.visibility import is_staff
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.kernel.files import FileStore, ReceivedFile
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobContext, JobQueue

log = structlog.get_logger(__name__)
SCAN = "attachments.scan"
_SCANNED_AT_ONCE = 50
FileHolder = Callable[[AsyncSession, Sequence[str]], Awaitable[set[str]]]
"""Those of these contents that somebody still shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLimits:
    most_per_case: int
    most_bytes: int


class AttachmentService:
    """Each method works in the caller's transaction. Those on a case raise as `ReadableCases.read`."""

    def __init__(
        self,
        clock: Clock,
        cases: ReadableCases,
        files: FileStore,
        jobs: JobQueue,
        limits: AttachmentLimits,
        *,
        scanner: ClamdScanner | None,
    ) -> None:
        self.cases = cases
        self.files = files
        self.limits = limits
        self.scanner = scanner
        self.holders: list[FileHolder] = []
        """Whoever else keeps contents in the store."""
        self._clock = clock
        self._jobs = jobs
        self._thumbnails = Thumbnails()

    async def check_room(self, db: AsyncSession, case_id: str, *, who: Principal) -> None:
        """Before a file is read: the case is one that `who` may see, and takes another. Raises TooManyAttachmentsError.

        `add()` decides; this saves the sending.
        """
        await self.cases.read(db, case_id, who=who)
        await self._require_room(db, case_id)

    async def prepare(self, received: ReceivedFile, kind: FileType) -> str | None:
        """Keep the content; the hash of its thumbnail, where one is made now. Outside any transaction."""
        await self.files.keep(received)
        return await self._thumbnail(received.sha256) if kind.image and self.scanner is None else None

    async def add(
        self,
        db: AsyncSession,
        case_id: str,
        upload: UploadQuery,
        received: ReceivedFile,
        kind: FileType,
        *,
        thumbnail: str | None,
        who: Principal,
    ) -> tuple[Attachment, bool]:
        """The attachment, and whether it is new: an upload that came before, by its id, is the same one again.

        Raises TooManyAttachmentsError, ConflictError.
        """
        await self.cases.read(db, case_id, who=who)
        await repository.lock_case(db, case_id)
        if upload.id is not None and (known := await repository.attachment(db, upload.id)) is not None:
            if (known.case_id, known.uploaded_by, known.sha256) != (case_id, who.user_id, received.sha256):
                raise ConflictError("Another file has this id; make a new one.")
            return known, False
        await self._require_room(db, case_id)
        now = self._clock.now()
        row = Attachment(
            id=upload.id or uuid7(),
            case_id=case_id,
            kind=upload.kind,
            name=stored_name(upload.name, kind),
            media_type=kind.media_type,
            size=received.size,
            sha256=received.sha256,
            thumbnail=thumbnail,
            shared=upload.shared,
            note=upload.note,
            state=AttachmentState.READY if self.scanner is None else AttachmentState.QUARANTINED,
            version=1,
            uploaded_by=who.user_id,
            uploaded_at=now,
        )
        db.add(row)
        await db.flush()
        if self.scanner is not None:
            # The recurring job, at once instead of in a minute.
            await self._jobs.schedule(db, SCAN, {}, run_at=now, key=SCAN)
        return row, True

    async def listed(self, db: AsyncSession, case: Case, *, who: Principal) -> Sequence[Attachment]:
        return [row for row in await repository.of_case(db, case.id) if may_see(who, case, row)]

    async def read(self, db: AsyncSession, case_id: str, attachment_id: str, *, who: Principal) -> Attachment:
        """One that is ready. Raises NotFoundError, AttachmentStateError."""
        case = await self.cases.read(db, case_id, who=who)
        row = await self._load(db, case, attachment_id, who)
        if row.state != AttachmentState.READY:
            raise AttachmentStateError(_WHY_NOT[AttachmentState(row.state)])
        return row

    async def remove(
        self, db: AsyncSession, case_id: str, attachment_id: str, body: AttachmentRemoval, *, who: Principal
    ) -> tuple[Attachment, AttachmentState]:
        """By whoever uploaded it, or a supervisor; the row stays. Returns it and the state that it had.

        Raises NotFoundError, ForbiddenError, AttachmentVersionConflictError, AttachmentStateError.
        """
        case = await self.cases.read(db, case_id, who=who)
        row = await self._load(db, case, attachment_id, who, lock=True)
        if not may_remove(who, row):
            raise ForbiddenError("Ask whoever uploaded the file, or a supervisor, to remove it.")
        before = AttachmentState(row.state)
        if body.version != row.version:
            raise AttachmentVersionConflictError(
                f"It is at version {row.version}, not {body.version}; load the list again.", version=row.version
            )
        self._move(row, AttachmentAction.REMOVE, reason=body.reason, by=who.user_id)
        return row, before

    async def scan(self, ctx: JobContext) -> None:
        """Recurring work: scan what is quarantined. Safe to repeat. Raises ScannerAwayError, after trying each."""
        assert self.scanner is not None
        trouble, last = None, ""
        while True:
            async with ctx.database.snapshot() as db:
                rows = await repository.quarantined(db, after=last, limit=_SCANNED_AT_ONCE)
            for row in rows:
                last = row.id
                try:
                    found = await self.scanner.scan(self.files.path(row.sha256))
                except ScannerAwayError as error:
                    trouble = error
                    continue
                await self._scanned(ctx, row, found)
            if len(rows) < _SCANNED_AT_ONCE:
                break
        if trouble is not None:
            raise trouble

    async def sweep(self, ctx: JobContext) -> None:
        """Nightly work: remove contents that nothing shows any more."""

        async def in_use(hashes: Sequence[str]) -> set[str]:
            async with ctx.database.snapshot() as db:
                found = await repository.in_use(db, hashes)
                for holder in self.holders:
                    found |= await holder(db, hashes)
                return found

        removed = await self.files.sweep(in_use)
        log.info("unused files removed", count=removed)

    async def _scanned(self, ctx: JobContext, row: Attachment, found: str | None) -> None:
        is_image = row.media_type in ("image/jpeg", "image/png", "image/webp")
        thumbnail = await self._thumbnail(row.sha256) if found is None and is_image else None
        async with ctx.database.transaction() as db:
            fresh = await repository.attachment(db, row.id, lock=True)
            if fresh is None or fresh.state != AttachmentState.QUARANTINED:
                return  # Removed, or scanned by another process, meanwhile.
            if found is None:
                fresh.thumbnail = thumbnail
                fresh.state = advance_attachment(AttachmentState(fresh.state), AttachmentAction.CLEAR)
                fresh.version += 1
            else:
                self._move(fresh, AttachmentAction.REFUSE, reason=found, by=None)
        log.info("attachment scanned", attachment_id=row.id, found=found)

    def _move(self, row: Attachment, action: AttachmentAction, *, reason: str, by: str | None) -> None:
        row.state = advance_attachment(AttachmentState(row.state), action)
        row.reason = reason
        row.ended_by, row.ended_at = by, self._clock.now()
        row.version += 1

    async def _thumbnail(self, sha256: str) -> str | None:
        content = await self._thumbnails.make(self.files.path(sha256))
        return await self.files.keep_bytes(content) if content else None

    async def _require_room(self, db: AsyncSession, case_id: str) -> None:
        if await repository.held_count(db, case_id) >= self.limits.most_per_case:
            raise TooManyAttachmentsError(
                f"A case takes {self.limits.most_per_case} files; remove one that is not needed."
            )

    async def _load(
        self, db: AsyncSession, case: Case, attachment_id: str, who: Principal, *, lock: bool = False
    ) -> Attachment:
        row = await repository.attachment(db, attachment_id, lock=lock)
        if row is None or row.case_id != case.id or not may_see(who, case, row):
            raise NotFoundError("The case has no such file.")
        return row


_WHY_NOT = {
    AttachmentState.QUARANTINED: "It waits for the virus scanner; try again in a minute.",
    AttachmentState.REFUSED: "The virus scanner found something in it.",
    AttachmentState.REMOVED: "It was removed; the list says by whom and why.",
}


def may_see(who: Principal, case: Case, row: Attachment) -> bool:
    """Of those who may see the case: units see a hidden caller's files only where they are shared, or their own."""
    return is_staff(who) or not (case.confidential or case.anonymous) or row.shared or row.uploaded_by == who.user_id


def may_remove(who: Principal, row: Attachment) -> bool:
    return row.state in HELD and (row.uploaded_by == who.user_id or Role.SUPERVISOR in who.roles)
