"""Files of entries: added to a revision, kept with every version that has them, read by whoever reads the entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.errors import AttachmentStateError, TooManyAttachmentsError
from crm.attachments.kinds import FileType, stored_name
from crm.attachments.scanner import ScannerAwayError
from crm.attachments.service import AttachmentService
from crm.attachments.state import AttachmentAction, AttachmentState, advance_attachment
from crm.knowledge import repository as knowledge
from crm.knowledge.errors import KnowledgeActorError
from crm.knowledge.guards import actors_of
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.service import KnowledgeService
from crm.knowledge.state import KnowledgeActor, KnowledgeState
from crm.knowledge_attachments import repository
from crm.knowledge_attachments.models import KnowledgeFile
from crm.knowledge_attachments.schemas import KnowledgeUploadQuery
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ConflictError, NotFoundError
from hotline.kernel.files import ReceivedFile
from hotline.kernel.http import Principal
from hotline.kernel.jobs import JobContext

log = structlog.get_logger(__name__)
KNOWLEDGE_SCAN = "knowledge.scan"
MOST_FILES = 20
_SCANNED_AT_ONCE = 50


class KnowledgeAttachments:
    """Each method works in the caller's transaction. Store, scanner and size limit are those of the cases' files."""

    def __init__(
        self, clock: Clock, service: KnowledgeService, reading: KnowledgeReading, shared: AttachmentService
    ) -> None:
        self._clock = clock
        self._service = service
        self._reading = reading
        self.files = shared.files
        self.most_bytes = shared.limits.most_bytes
        self._scanner = shared.scanner

    async def check_room(self, db: AsyncSession, entry_id: str, *, who: Principal) -> None:
        """Before a file is read; `add()` decides. Raises NotFoundError, KnowledgeActorError."""
        reader = await self._reading.reader_of(db, who)
        if KnowledgeActor.WRITER not in actors_of(await self._reading.load(db, entry_id, reader), reader):
            raise KnowledgeActorError("That is for: writer.")

    async def add(
        self,
        db: AsyncSession,
        entry_id: str,
        upload: KnowledgeUploadQuery,
        received: ReceivedFile,
        kind: FileType,
        *,
        who: Principal,
    ) -> tuple[KnowledgeFile, bool]:
        """The file, now part of the revision, and whether it is new. Raises as a save of the revision does.

        Raises ConflictError, TooManyAttachmentsError.
        """

        def more(ids: list[str]) -> list[str]:
            if upload.id in ids:
                return ids
            if len(ids) >= MOST_FILES:
                raise TooManyAttachmentsError(f"An entry takes {MOST_FILES} files; remove one that is not needed.")
            return [*ids, upload.id]

        if (known := await self._known(db, entry_id, upload.id, received, who)) is not None:
            return known, False
        await self._service.set_attachments(db, entry_id, more, version=None, who=who)
        # Again, now that nobody else adds to the entry.
        if (known := await self._known(db, entry_id, upload.id, received, who)) is not None:
            return known, False
        row = KnowledgeFile(
            id=upload.id,
            entry_id=entry_id,
            name=stored_name(upload.name, kind),
            media_type=kind.media_type,
            size=received.size,
            sha256=received.sha256,
            state=AttachmentState.READY if self._scanner is None else AttachmentState.QUARANTINED,
            reason="",
            uploaded_by=who.user_id,
            uploaded_at=self._clock.now(),
        )
        db.add(row)
        await db.flush()
        return row, True

    async def _known(
        self, db: AsyncSession, entry_id: str, file_id: str, received: ReceivedFile, who: Principal
    ) -> KnowledgeFile | None:
        """The same file, if it came before. Raises ConflictError."""
        known = await repository.file(db, file_id)
        if known is not None and (known.entry_id, known.uploaded_by, known.sha256) != (
            entry_id,
            who.user_id,
            received.sha256,
        ):
            raise ConflictError("Another file has this id; make a new one.")
        return known

    async def remove(
        self, db: AsyncSession, entry_id: str, file_id: str, *, version: int, who: Principal
    ) -> KnowledgeFile | None:
        """Out of the revision; versions that have it keep it. Raises as a save of the revision does."""

        def fewer(ids: list[str]) -> list[str]:
            if file_id not in ids:
                raise NotFoundError("The revision has no such file.")
            return [one for one in ids if one != file_id]

        await self._service.set_attachments(db, entry_id, fewer, version=version, who=who)
        return await repository.file(db, file_id)

    async def listed(self, db: AsyncSession, entry_id: str, *, who: Principal) -> Sequence[KnowledgeFile]:
        """Of every version, and of the revision for those who work on it. Raises NotFoundError."""
        return await repository.of_entry(db, entry_id, await self._shown(db, entry_id, who))

    async def read(self, db: AsyncSession, entry_id: str, file_id: str, *, who: Principal) -> KnowledgeFile:
        """One that is ready. Raises NotFoundError, AttachmentStateError."""
        found = await repository.of_entry(db, entry_id, {file_id} & await self._shown(db, entry_id, who))
        if not found:
            raise NotFoundError("The entry has no such file.")
        if found[0].state != AttachmentState.READY:
            raise AttachmentStateError(_WHY_NOT[AttachmentState(found[0].state)])
        return found[0]

    async def _shown(self, db: AsyncSession, entry_id: str, who: Principal) -> set[str]:
        """As the entry: a version that was published once is there for the cases that cite it."""
        row = await knowledge.entry_of_id(db, entry_id)
        if row is None:
            raise NotFoundError("There is no such entry, or it is not published.")
        revision = await self._of_revision(db, row, who)
        versions = await knowledge.versions(db, entry_id)
        if not versions and row.state != KnowledgeState.PUBLISHED and revision is None:
            raise NotFoundError("There is no such entry, or it is not published.")
        ids = {id for version in versions for id in version.content.get("attachment_ids", ())}
        return ids | (revision or set())

    async def _of_revision(self, db: AsyncSession, row: KnowledgeEntry, who: Principal) -> set[str] | None:
        """None for whoever does not work on it."""
        reader = await self._reading.reader_of(db, who)
        if not actors_of(row, reader):
            return None
        return set((row.revision or {}).get("attachment_ids", ()))

    async def scan(self, ctx: JobContext) -> None:
        """Recurring work: scan what is quarantined. Safe to repeat. Raises ScannerAwayError, after trying each."""
        assert self._scanner is not None
        trouble, last = None, ""
        while True:
            async with ctx.database.snapshot() as db:
                rows = await repository.quarantined(db, after=last, limit=_SCANNED_AT_ONCE)
            for row in rows:
                last = row.id
                try:
                    found = await self._scanner.scan(self.files.path(row.sha256))
                except ScannerAwayError as error:
                    trouble = error
                    continue
                async with ctx.database.transaction() as db:
                    fresh = await repository.file(db, row.id, lock=True)
                    if fresh is not None and fresh.state == AttachmentState.QUARANTINED:
                        action = AttachmentAction.CLEAR if found is None else AttachmentAction.REFUSE
                        fresh.state = advance_attachment(AttachmentState(fresh.state), action)
                        fresh.reason = found or ""
                log.info("file of an entry scanned", file_id=row.id, found=found)
            if len(rows) < _SCANNED_AT_ONCE:
                break
        if trouble is not None:
            raise trouble


def audited_file(row: KnowledgeFile) -> dict[str, Any]:
    return {"media_type": row.media_type, "size": row.size, "sha256": row.sha256}


_WHY_NOT = {
    AttachmentState.QUARANTINED: "It waits for the virus scanner; try again in a minute.",
    AttachmentState.REFUSED: "The virus scanner found something in it.",
    AttachmentState.REMOVED: "It was removed.",
}
