"""Files of entries become drafts of units: one row an entry, matched by its id, then by title and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.content import KnowledgeContent
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.publishing import describe_entry
from crm.knowledge.schemas import EntryDraft, RevisionSave, RevisionStart
from crm.knowledge.search_index import index_entry
from crm.knowledge.service import KnowledgeService
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.knowledge_files.columns import COLUMNS
from crm.knowledge_files.lookups import FileLookups, look_up
from crm.knowledge_files.markdown_file import is_markdown, table_of
from crm.knowledge_files.rows import check_fields, equal, merged, prepare_row
from crm.units import repository as units
from hotline.accounts.models import User
from hotline.accounts.roles import Permission, UserPrincipal, permissions_of
from hotline.kernel.errors import HotlineError
from hotline.kernel.http import AuditRecord, AuditTrail
from hotline.kernel.ids import uuid7
from hotline.kernel.imports.cells import refuse_repeated
from hotline.kernel.imports.ports import (
    EarlierRow,
    ImportColumn,
    ImportedRecord,
    ImportStaleError,
    PreparedRow,
    RowOutcome,
    RowProblem,
    WrittenRow,
)
from hotline.kernel.imports.undo import delete_unless_used

_HINTS = {
    "unit_unknown": "There is no such unit in use; write its name as the page of units has it.",
    "unit_foreign": "This unit's entries are not yours to write; choose your own unit or one below it.",
    "category_unknown": "There is no such category; write its name, or its path such as 许可/食品, or leave it empty.",
    "reference_unknown": "One of these does not exist; write codes or ids as an export has them.",
    "entry_in_review": "Its revision is being looked through; have it sent back first.",
    "entry_foreign": "An entry of another unit has this id; leave the id out.",
    "entry_ambiguous": "Several entries of the unit have this title; add the id as an export has it.",
}
_WRITABLE = (RevisionState.NONE, RevisionState.DRAFT)


class KnowledgeImporter:
    """Implements `hotline.kernel.imports.ports.RowImporter`, for the person of `on_behalf_of`."""

    kind = "knowledge"
    permission: str = Permission.KNOWLEDGE_WRITE
    columns: Sequence[ImportColumn] = COLUMNS

    def __init__(self, service: KnowledgeService, trail: AuditTrail, *, by: str = "") -> None:
        self._service = service
        self._trail = trail
        self._by = by

    def on_behalf_of(self, user_id: str) -> Self:
        return type(self)(self._service, self._trail, by=user_id)

    def as_table(self, data: bytes) -> bytes:
        """A Markdown file as the table of one row that it is. Raises TableUnreadableError."""
        return table_of(data, tuple(self.columns)) if is_markdown(data) else data

    def prepare(self, records: Sequence[ImportedRecord]) -> list[PreparedRow]:
        return [prepare_row(record) for record in records]

    async def compare(self, db: AsyncSession, rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow]) -> None:
        refuse_repeated(rows, earlier, "title", "id")
        reader = await self._reader(db)
        home = await units.unit_of_user(db, self._by)
        known = await look_up(db, rows)
        for row in rows:
            if not row.problems:
                _match(row, known, reader, home)

    async def apply(self, db: AsyncSession, rows: Sequence[PreparedRow], *, at: datetime) -> dict[int, dict[str, Any]]:
        reader = await self._reader(db)
        undo: dict[int, dict[str, Any]] = {}
        for row in rows:
            undo[row.number] = {}
            try:
                if row.outcome is RowOutcome.CREATE:
                    await self._create(db, row, reader)
                elif row.outcome is RowOutcome.UPDATE:
                    undo[row.number] = await self._update(db, row, reader)
            except HotlineError as error:
                raise ImportStaleError(f"Row {row.number}: since the check, {error.detail} Check it again.") from None
        return undo

    async def undo(self, db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
        kept = 0
        for row in rows:
            entry = await db.get(KnowledgeEntry, row.target, with_for_update=True, populate_existing=True)
            if entry is None:
                continue
            if row.undo:
                await _restore(db, entry, row.undo)
            elif entry.version > 1 or not await delete_unless_used(
                db, delete(KnowledgeEntry).where(KnowledgeEntry.id == entry.id)
            ):
                kept += 1
        return kept

    def applied(self, *, import_id: str, by: str, at: datetime, counts: Mapping[str, int]) -> None:
        """Lists are read again; nobody waits for drafts."""

    async def _reader(self, db: AsyncSession) -> KnowledgeReader:
        user = await db.get(User, self._by)
        roles = user.role_set() if user is not None and user.active else frozenset()
        name = user.username if user else ""
        who = UserPrincipal(self._by, name, name, roles, permissions_of(roles))
        return KnowledgeReader(who=who, units=await units.units_of_user(db, self._by))

    async def _create(self, db: AsyncSession, row: PreparedRow, reader: KnowledgeReader) -> None:
        content = KnowledgeContent.model_validate(row.value["content"])
        draft = EntryDraft(id=str(row.target), unit_id=row.value["unit_id"], content=content)
        await self._service.create(db, draft, who=reader.who, audit=self._audit(db, reader))

    async def _update(self, db: AsyncSession, row: PreparedRow, reader: KnowledgeReader) -> dict[str, Any]:
        """Begin or go on with the revision; what it takes to undo that."""
        version, target = int(row.value["version"]), str(row.target)
        entry = await db.get(KnowledgeEntry, target)
        before = {
            "revision": entry.revision if entry else None,
            "revision_state": entry.revision_state if entry else "",
            "revised_by": entry.revised_by if entry else None,
            "revision_writers": entry.revision_writers if entry else [],
        }
        audit = self._audit(db, reader)
        if before["revision_state"] == RevisionState.NONE:
            await self._service.revise(db, target, RevisionStart(version=version), who=reader.who, audit=audit)
            version += 1
        save = RevisionSave(version=version, content=KnowledgeContent.model_validate(row.value["content"]))
        await self._service.save(db, target, save, who=reader.who, audit=audit)
        return before | {"version": version + 1}

    def _audit(self, db: AsyncSession, reader: KnowledgeReader) -> Any:
        async def record(action: str, target: str, **detail: Any) -> None:
            who = reader.who
            entry = AuditRecord(
                user_id=who.user_id,
                username=who.username,
                action=action,
                target=target,
                address="",
                detail=detail | {"by": "import"},
            )
            await self._trail.record(db, entry)

        return record


def _match(row: PreparedRow, known: FileLookups, reader: KnowledgeReader, home: str | None) -> None:
    value = row.value
    found = known.entries.get(value["id"] or "")
    unit_id = known.units.get(value["unit"]) if value["unit"] else found.unit_id if found else home
    if value["unit"] and unit_id is None:
        return _refuse(row, "unit_unknown", "unit")
    if not reader.writes_for(unit_id):
        return _refuse(row, "unit_foreign", "unit")
    if found is not None and found.unit_id != unit_id:
        return _refuse(row, "entry_foreign", "id")
    if found is None:
        named = known.named(value["fields"]["title"], unit_id)
        if len(named) > 1:
            return _refuse(row, "entry_ambiguous", "title")
        found = named[0] if named else None
    if not _resolve(row, known):
        return
    value["unit_id"] = unit_id
    _compare(row, found, known)


def _resolve(row: PreparedRow, known: FileLookups) -> bool:
    """Put the ids of what the row names into its fields."""
    value = row.value
    if value["category"]:
        if (category := known.categories.get(value["category"])) is None:
            _refuse(row, "category_unknown", "category")
            return False
        value["fields"]["category_id"] = category
    for field, names in value["references"].items():
        ids = [known.references[field].get(name) for name in names]
        if None in ids:
            _refuse(row, "reference_unknown", field)
            return False
        value["fields"][field] = ids
    return True


def _compare(row: PreparedRow, found: KnowledgeEntry | None, known: FileLookups) -> None:
    """Set the outcome, and the whole content as it would be."""
    value = row.value
    present = None
    if found is not None:
        version = known.published.get(found.id)
        published = KnowledgeContent.model_validate(version.content) if version else None
        present = KnowledgeContent.model_validate(found.revision) if found.revision else published
        if published is not None and _says_the_same(value["fields"], published):
            row.target, row.outcome = found.id, RowOutcome.SKIP
            return
    if problems := check_fields(value["fields"], present):
        row.problems += problems
        return
    content = KnowledgeContent.model_validate(merged(present, value["fields"]))
    value["content"] = content.stored()
    if found is None:
        row.target, row.outcome = uuid7(), RowOutcome.CREATE
        return
    row.target, value["version"] = found.id, found.version
    if present is not None and equal(present, content):
        row.outcome = RowOutcome.SKIP
    elif found.revision_state not in _WRITABLE:
        _refuse(row, "entry_in_review", "title")
    else:
        row.outcome = RowOutcome.UPDATE


def _says_the_same(fields: Mapping[str, Any], present: KnowledgeContent) -> bool:
    return not check_fields(fields, present) and equal(
        present, KnowledgeContent.model_validate(merged(present, fields))
    )


async def _restore(db: AsyncSession, entry: KnowledgeEntry, undo: Mapping[str, Any]) -> None:
    """As it was before the import, unless somebody wrote in it since."""
    if entry.version != undo["version"]:
        return
    entry.revision, entry.revision_state = undo["revision"], undo["revision_state"]
    entry.revised_by, entry.revision_writers = undo["revised_by"], undo.get("revision_writers", entry.revision_writers)
    entry.version += 1
    if entry.state == KnowledgeState.UNPUBLISHED and entry.revision:
        content = KnowledgeContent.model_validate(entry.revision)
        describe_entry(entry, content)
        await db.flush()
        await index_entry(db, entry.id, content)
    await db.flush()


def _refuse(row: PreparedRow, code: str, column: str) -> None:
    row.problems.append(RowProblem(code=code, detail=_HINTS[code], column=column))
