"""What is done to entries: written by a unit, looked through by its head, published by the hotline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.service import Audit
from crm.catalogue.models import CatalogueItem
from crm.knowledge import repository
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.errors import (
    KnowledgeActorError,
    KnowledgeReferenceError,
    KnowledgeRefusedError,
    KnowledgeTransitionError,
    KnowledgeUnitError,
    KnowledgeVersionConflictError,
)
from crm.knowledge.guards import KnowledgeFacts, actors_of, refusal_of
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.publishing import KnowledgePublishing, describe_entry
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.schemas import EntryDraft, EntryStep, RevisionSave, RevisionStart
from crm.knowledge.search_index import index_entries, index_entry
from crm.knowledge.state import (
    REASON_NEEDED,
    KnowledgeAction,
    KnowledgeMove,
    KnowledgeState,
    RevisionState,
    move_of,
)
from crm.units.models import Specialist
from hotline.accounts.audit import changes
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.kernel.http import Principal

_SEARCHED = frozenset(
    {KnowledgeAction.PUBLISH, KnowledgeAction.WITHDRAW, KnowledgeAction.DISCARD, KnowledgeAction.REASSIGN}
)
"""After these the entry is in another state or unit, or says something else."""
_AUDITED = 200
"""Characters of a text in the audit log; the versions keep all of it."""


class KnowledgeService:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, reading: KnowledgeReading, publishing: KnowledgePublishing) -> None:
        self._clock = clock
        self._reading = reading
        self._publishing = publishing

    async def create(self, db: AsyncSession, draft: EntryDraft, *, who: Principal, audit: Audit) -> None:
        """The same again for a draft sent twice. Raises KnowledgeUnitError, KnowledgeReferenceError."""
        reader = await self._reading.reader_of(db, who)
        if not reader.writes_for(draft.unit_id):
            raise KnowledgeUnitError("Choose a unit of your own, or one below it.")
        if (known := await repository.entry_of_id(db, draft.id)) is not None:
            return _require_same(known, draft, who)
        if draft.unit_id is not None and not await self._reading.unit_active(db, draft.unit_id):
            raise KnowledgeUnitError("Choose a unit that is in use.")
        await self._require_references(db, draft.content)
        draft = draft.model_copy(update={"content": with_attachments(draft.content, ())})
        now = self._clock.now()
        row = KnowledgeEntry(
            id=draft.id,
            unit_id=draft.unit_id,
            state=KnowledgeState.UNPUBLISHED,
            revision_state=RevisionState.DRAFT,
            version=1,
            remark="",
            uses=0,
            revised_by=who.user_id,
            revision_writers=[who.user_id],
            review_reminded=0,
            expiry_alerted=False,
            revision=draft.content.stored(),
            created_by=who.user_id,
            created_at=now,
            updated_at=now,
        )
        describe_entry(row, draft.content)
        try:
            async with db.begin_nested():
                db.add(row)
                await db.flush()
        except IntegrityError as error:
            known = await repository.entry_of_id(db, draft.id) if is_duplicate(error) else None
            if known is None:
                raise
            return _require_same(known, draft, who)
        await index_entry(db, row.id, draft.content)
        await audit("knowledge.create", row.id, unit_id=row.unit_id, after=_audited(draft.content))

    async def revise(
        self, db: AsyncSession, entry_id: str, start: RevisionStart, *, who: Principal, audit: Audit
    ) -> None:
        """Begin a revision. Raises NotFoundError and the errors of version and table."""
        row, _, move = await self._begin(db, entry_id, start.version, KnowledgeAction.REVISE, who)
        number = start.number or row.published_number
        if number is not None:
            found = await repository.version(db, row.id, number)
            if found is None:
                raise NotFoundError("The entry has no version of this number.")
            row.revision, row.revision_writers = found.content, []
        row.remark = ""
        _wrote(row, who)
        before = _moved_fields(row)
        await self._finish(db, row, move)
        await audit("knowledge.revise", row.id, before=before, after=_moved_fields(row), number=number)

    async def save(self, db: AsyncSession, entry_id: str, save: RevisionSave, *, who: Principal, audit: Audit) -> None:
        row, facts, move = await self._begin(db, entry_id, save.version, KnowledgeAction.SAVE, who)
        await self._require_references(db, save.content)
        before = facts.content
        content = with_attachments(save.content, before.attachment_ids if before else ())
        row.revision = content.stored()
        if row.published_number is None:
            describe_entry(row, content)
            await index_entry(db, row.id, content)
        _wrote(row, who)
        await self._finish(db, row, move)
        await audit("knowledge.save", row.id, **changes(_audited(before or content), _audited(content)))

    async def set_attachments(
        self,
        db: AsyncSession,
        entry_id: str,
        change: Callable[[list[str]], list[str]],
        *,
        version: int | None,
        who: Principal,
    ) -> None:
        """Change which files the revision has; `version` None takes it as it is. Raises as `save`."""
        row, facts, move = await self._begin(db, entry_id, version, KnowledgeAction.SAVE, who)
        if facts.content is None:
            raise KnowledgeTransitionError("There is no revision; load the entry again.")
        row.revision = with_attachments(facts.content, change(facts.content.attachment_ids)).stored()
        _wrote(row, who)
        await self._finish(db, row, move)

    async def act(
        self, db: AsyncSession, entry_id: str, action: KnowledgeAction, step: EntryStep, *, who: Principal, audit: Audit
    ) -> None:
        """Raises NotFoundError, KnowledgeActorError, and the errors of version, table and guards."""
        if action in REASON_NEEDED and not step.reason:
            raise InvalidInputError("Say in `reason` why.")
        row, facts, move = await self._begin(db, entry_id, step.version, action, who)
        before = _moved_fields(row)
        row.remark = step.reason or ""
        match action:
            case KnowledgeAction.APPROVE:
                row.approved_by = who.user_id
            case KnowledgeAction.PUBLISH if step.publish_at is not None and step.publish_at > self._clock.now():
                row.publish_at, row.scheduled_by = step.publish_at, who.user_id
                move = KnowledgeMove(move.by, RevisionState.SCHEDULED)
            case KnowledgeAction.PUBLISH:
                await self._publishing.publish(db, row, facts.content, by=who.user_id)
            case KnowledgeAction.SEND_BACK:
                row.publish_at = None
            case KnowledgeAction.WITHDRAW if row.revision_state == RevisionState.SCHEDULED:
                # Or it would come back by itself.
                row.publish_at = None
                move = replace(move, revision=RevisionState.EDITOR_REVIEW)
            case KnowledgeAction.CONFIRM:
                await self._publishing.reviewed(db, row, by=who.user_id)
            case KnowledgeAction.REASSIGN:
                await self._reassign(db, row, step.unit_id)
            case KnowledgeAction.DISCARD:
                _discard(row)
        await self._finish(db, row, move)
        await self._follow(db, row, action, by=who.user_id)
        after = _moved_fields(row)
        await audit(f"knowledge.{action.value}", row.id, before=before, after=after, reason=step.reason)

    async def _follow(self, db: AsyncSession, row: KnowledgeEntry, action: KnowledgeAction, *, by: str) -> None:
        if action is KnowledgeAction.DISCARD:
            for follower in self._publishing.followers:
                await follower.discarded(db, row, by=by)
        if action in _SEARCHED:
            await index_entries(db, await repository.contents(db, [row]))

    async def _reassign(self, db: AsyncSession, row: KnowledgeEntry, unit_id: str | None) -> None:
        if unit_id is not None and not await self._reading.unit_active(db, unit_id):
            raise KnowledgeUnitError("Choose a unit that is in use.")
        row.unit_id = unit_id

    async def _begin(
        self, db: AsyncSession, entry_id: str, version: int | None, action: KnowledgeAction, who: Principal
    ) -> tuple[KnowledgeEntry, KnowledgeFacts, KnowledgeMove]:
        reader = await self._reading.reader_of(db, who)
        row = await self._reading.load(db, entry_id, reader, lock=True)
        if version is not None and row.version != version:
            raise KnowledgeVersionConflictError(
                f"It is at version {row.version}, not {version}: load it again, compare, and repeat the change.",
                version=row.version,
            )
        move = move_of(KnowledgeState(row.state), RevisionState(row.revision_state), action)
        if move is None:
            raise KnowledgeTransitionError(
                f"An entry that is {row.state}, with its revision at {row.revision_state}, cannot take the action "
                f"{action.value}; load it again.",
                state=row.state,
                action=action.value,
            )
        if not move.by & actors_of(row, reader):
            raise KnowledgeActorError(f"That is for: {', '.join(sorted(actor.value for actor in move.by))}.")
        facts = await self._reading.facts(db, row, reader)
        if refused := refusal_of(move, facts):
            raise KnowledgeRefusedError(refused[1], action=action.value, reason=refused[0].value)
        return row, facts, move

    async def _finish(self, db: AsyncSession, row: KnowledgeEntry, move: KnowledgeMove) -> None:
        row.revision_state = move.revision or row.revision_state
        row.state = move.entry or row.state
        row.version += 1
        row.updated_at = self._clock.now()
        await db.flush()

    async def _require_references(self, db: AsyncSession, content: KnowledgeContent) -> None:
        """Raises KnowledgeReferenceError."""
        if content.category_id is not None:
            category = await repository.category(db, content.category_id)
            if category is None or not category.active:
                raise KnowledgeReferenceError("Choose a category that is in use.", field="category_id")
        for name, column, ids in (
            ("item_ids", CatalogueItem.id, content.item_ids),
            ("related_ids", KnowledgeEntry.id, content.related_ids),
            ("specialist_ids", Specialist.id, content.specialist_ids),
        ):
            if missing := set(ids) - await repository.existing(db, column, ids):
                raise KnowledgeReferenceError(f"{len(missing)} of `{name}` do not exist; take them out.", field=name)


def _require_same(known: KnowledgeEntry, draft: EntryDraft, who: Principal) -> None:
    if (known.created_by, known.unit_id) != (who.user_id, draft.unit_id):
        raise ConflictError("Another entry has this id; make a new one.")


def with_attachments(content: KnowledgeContent, ids: Sequence[str]) -> KnowledgeContent:
    return content.model_copy(update={"attachment_ids": list(ids)})


def _wrote(row: KnowledgeEntry, who: Principal) -> None:
    row.revised_by = who.user_id
    # A new list: a change within one is not seen.
    row.revision_writers = sorted({*row.revision_writers, who.user_id})


def _discard(row: KnowledgeEntry) -> None:
    if row.published_number is None:
        row.state = KnowledgeState.WITHDRAWN
    else:
        row.revision = None


def _moved_fields(row: KnowledgeEntry) -> dict[str, Any]:
    at = {"publish_at": row.publish_at.isoformat()} if row.publish_at else {}
    return {"state": row.state, "revision_state": row.revision_state, "unit_id": row.unit_id, **at}


def _audited(content: KnowledgeContent) -> dict[str, Any]:
    return {name: value[:_AUDITED] if isinstance(value, str) else value for name, value in content.stored().items()}
