"""Notes on a case: written once, corrected by another, and calling in whoever they mention."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.opening import ReadableCases
from crm.cases.visibility import is_staff
from crm.notes import repository
from crm.notes.errors import MentionError, NoteCorrectedError, NoteNotYoursError
from crm.notes.models import CaseNote, NoteMention
from crm.notes.schemas import MentionedPerson, NoteDraft, NoteQuery, NoteView, PersonQuery
from hotline.accounts.models import User
from hotline.accounts.roles import Permission, Role, UserPrincipal, permissions_of
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.kernel.http import Page, Principal
from hotline.kernel.ids import uuid7
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.service import NoticeService

_CONSIDERED = 200
"""People whose sight of the case is looked up for one search of the picker."""
_OFFERED = 20


class NoteService:
    """Each method works in the caller's transaction. Those on a case raise as `ReadableCases.read`."""

    def __init__(self, clock: Clock, cases: ReadableCases, notices: NoticeService) -> None:
        self.cases = cases
        self._clock = clock
        self._notices = notices

    async def add(self, db: AsyncSession, case_id: str, draft: NoteDraft, *, who: Principal) -> tuple[CaseNote, bool]:
        """The note, and whether it is new: one sent before, by its id, is the same again.

        Units' people write for units always. Raises MentionError, NoteNotYoursError, NoteCorrectedError.
        """
        case = await self.cases.read(db, case_id, who=who)
        if draft.id is not None and (known := await repository.note(db, draft.id)) is not None:
            if (known.case_id, known.written_by, known.text) != (case_id, who.user_id, draft.text):
                raise ConflictError("Another note has this id; make a new one.")
            return known, False
        for_units = draft.for_units or not is_staff(who)
        if draft.corrects is not None:
            await self._require_correctable(db, case, draft.corrects, who)
        mentioned = list(dict.fromkeys(draft.mentions))
        await self._require_readers(db, case, mentioned, for_units=for_units)
        note = CaseNote(
            id=draft.id or uuid7(),
            case_id=case.id,
            text=draft.text,
            for_units=for_units,
            corrects=draft.corrects,
            written_by=who.user_id,
            written_at=self._clock.now(),
        )
        try:
            async with db.begin_nested():
                db.add(note)
                await db.flush()
        except IntegrityError as error:
            if is_duplicate(error) and draft.corrects is not None:
                raise NoteCorrectedError("Load the notes again and correct the newest one.") from None
            raise
        db.add_all([NoteMention(note_id=note.id, user_id=user_id) for user_id in mentioned])
        await db.flush()
        if mentioned:
            await self._notices.notify(
                db,
                Notice(
                    kind=NoticeKind.MENTION,
                    subject=NoticeSubject(kind="case", id=case.id, number=case.number),
                    values={Placeholder.PERSON: who.name},
                    users=mentioned,
                    excluding=who.user_id,
                    key=f"mention:{note.id}",
                ),
            )
        return note, True

    async def listed(self, db: AsyncSession, case: Case, query: NoteQuery, *, who: Principal) -> Page[NoteView]:
        found = await repository.page(db, case.id, query, units_only_for=None if is_staff(who) else who)
        views = {view.id: view for view in await self.views(db, found.rows, who=who)}
        return found.page(lambda note: views[note.id])

    async def views(self, db: AsyncSession, notes: Sequence[CaseNote], *, who: Principal) -> list[NoteView]:
        ids = [note.id for note in notes]
        mentions = await repository.mentions(db, ids)
        corrections = await repository.corrections(db, ids)
        people = {user_id for named in mentions.values() for user_id in named} | {note.written_by for note in notes}
        names = {user_id: user.name for user_id, user in (await repository.users(db, people)).items()}
        return [
            NoteView(
                id=note.id,
                text=note.text,
                for_units=note.for_units,
                mentions=[MentionedPerson(id=one, name=names.get(one, "")) for one in mentions.get(note.id, ())],
                corrects=note.corrects,
                corrected_by=corrections.get(note.id),
                written_by=note.written_by,
                written_by_name=names.get(note.written_by, ""),
                written_at=note.written_at,
                may_correct=note.written_by == who.user_id
                and note.id not in corrections
                and Permission.CASE_WRITE in who.permissions,
            )
            for note in notes
        ]

    async def people(
        self, db: AsyncSession, case_id: str, query: PersonQuery, *, who: Principal
    ) -> list[MentionedPerson]:
        """Whom a note on this case may mention, by name."""
        await self.cases.read(db, case_id, who=who)
        for_units = query.for_units or not is_staff(who)
        found = []
        for user in await repository.people(db, query.search, limit=_CONSIDERED):
            if user.id != who.user_id and await self._may_read(db, case_id, user, for_units=for_units):
                found.append(MentionedPerson(id=user.id, name=user.name))
                if len(found) == _OFFERED:
                    break
        return found

    async def _require_correctable(self, db: AsyncSession, case: Case, note_id: str, who: Principal) -> None:
        note = await repository.note(db, note_id)
        if note is None or note.case_id != case.id or not (is_staff(who) or note.for_units):
            raise NotFoundError("The case has no such note.")
        if note.written_by != who.user_id:
            raise NoteNotYoursError("Write a note of your own beside it.")
        if await repository.corrections(db, [note_id]):
            raise NoteCorrectedError("Load the notes again and correct the newest one.")

    async def _require_readers(self, db: AsyncSession, case: Case, ids: Sequence[str], *, for_units: bool) -> None:
        users = await repository.users(db, ids)
        for user_id in ids:
            user = users.get(user_id)
            if user is None or not user.active or not await self._may_read(db, case.id, user, for_units=for_units):
                named = user.name if user is not None else user_id
                raise MentionError(f"{named} may not read it: share the note with units, or mention somebody else.")

    async def _may_read(self, db: AsyncSession, case_id: str, user: User, *, for_units: bool) -> bool:
        roles = [Role(role) for role in user.roles]
        reader = UserPrincipal(
            user_id=user.id,
            username=user.username,
            name=user.name,
            roles=frozenset(roles),
            permissions=permissions_of(roles),
        )
        if Permission.CASE_READ not in reader.permissions or not (for_units or is_staff(reader)):
            return False
        try:
            await self.cases.read(db, case_id, who=reader)
        except (NotFoundError, ForbiddenError):
            return False
        return True
