"""Handling units and their specialists (clause 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from crm.ports import InternalNumbers, OpenCases
from crm.units import repository
from crm.units.duty import DutyRosters, RosterChange
from crm.units.models import PhoneKind, Specialist, SpecialistPhone, Unit
from crm.units.offices import UnitOffices
from crm.units.schemas import PhoneDraft, SpecialistChange, SpecialistDraft, UnitChange, UnitDraft
from crm.units.trunk import TrunkNumbers
from crm.units.week import UnitWeek
from hotline.accounts.organisation_schemas import OrganisationView
from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.kernel.ids import uuid7
from hotline.kernel.trees import would_cycle
from hotline.kernel.workcalendar import Holidays


class UnitCycleError(InvalidInputError):
    error_id = "unit.cycle"
    title = "A unit cannot be under itself"


class ParentUnitError(InvalidInputError):
    error_id = "unit.parent_not_found"
    title = "No unit in use has this id"


class TooManySpecialistsError(ConflictError):
    error_id = "unit.too_many_specialists"
    title = "The unit has as many specialists as it may name"


class UnitNameTakenError(ConflictError):
    error_id = "unit.name_taken"
    title = "Another unit has this name"


class UnitVersionConflictError(ConflictError):
    error_id = "unit.version_conflict"
    title = "Somebody else changed this unit"


class PhoneInUseError(ConflictError):
    error_id = "unit.phone_in_use"
    title = "The number reaches somebody else already"


class NumberNotAllowedError(InvalidInputError):
    error_id = "unit.number_not_allowed"
    title = "The hotline does not call such numbers"


class SpecialistUserError(InvalidInputError):
    error_id = "unit.specialist_user"
    title = "The specialist cannot be this user"


class UnitService:
    """Each method works in the caller's transaction.

    A unit may not name more active specialists than `most`; with fewer than `fewest` it is saved with a warning,
    since people leave before others are named.
    """

    def __init__(
        self,
        numbers: InternalNumbers,
        trunk: TrunkNumbers,
        rosters: DutyRosters,
        open_cases: OpenCases,
        *,
        fewest: int = 3,
        most: int = 5,
        holidays: Callable[[], Holidays] = Holidays,
    ) -> None:
        self._numbers = numbers
        self._trunk = trunk
        self._offices = UnitOffices(open_cases)
        self.rosters = rosters
        self.fewest = fewest
        self.most = most
        self._holidays = holidays

    async def listed(self, db: AsyncSession, *, active: bool) -> Sequence[Unit]:
        return await repository.units(db, active=active)

    async def read(self, db: AsyncSession, unit_id: str) -> Unit:
        """Raises NotFoundError."""
        return await self._load(db, unit_id, lock=False)

    async def unit_of_specialist(self, db: AsyncSession, specialist_id: str) -> Unit:
        """Raises NotFoundError."""
        row = await repository.specialist(db, specialist_id)
        if row is None:
            raise NotFoundError("No specialist has this id.")
        return await self.read(db, row.unit_id)

    def week(self, row: Unit, day: date | None) -> UnitWeek:
        """The week that `day` is in, by default the present one, of a unit loaded whole."""
        today = self.rosters.today()
        return UnitWeek.of(row, self.rosters.of(row), self._holidays(), today=today, day=day or today)

    async def create(self, db: AsyncSession, draft: UnitDraft) -> Unit:
        await self._offices.lock(db)
        await self._check_name(db, draft.name, excluding=None)
        await self._check_phones(db, [phone for item in draft.specialists for phone in item.phones])
        row = Unit(id=uuid7(), name=draft.name, active=True, version=1)
        await self._set_parent(db, row, draft.parent_id)
        row.specialists = [_specialist(item, position) for position, item in enumerate(draft.specialists)]
        self._check_count(row)
        db.add(row)
        await self._offices.link(db, row)
        await db.flush()
        return row

    async def update(self, db: AsyncSession, unit_id: str, change: UnitChange) -> Unit:
        # Before the unit's own row is locked: two who move units wait for each other here.
        await self._offices.lock(db)
        known = await repository.parents(db) if "parent_id" in change.model_fields_set else None
        row = await self._load(db, unit_id, lock=True)
        _check_version(row, change.version)
        if known is not None:
            await self._set_parent(db, row, change.parent_id, known)
        if change.name is not None:
            await self._check_name(db, change.name, excluding=row.id)
            row.name = change.name
        if change.active is not None and change.active != row.active:
            await self._offices.check_active(db, row, active=change.active)
            row.active = change.active
        row.version += 1
        await db.flush()
        await self._offices.link(db, row)
        return row

    async def follow(self, db: AsyncSession, organisation: OrganisationView) -> None:
        """Implements `hotline.accounts.organisations.OrganisationFollower`: its unit is named and placed as it is.

        Raises any error that a change of the unit raises.
        """
        row = await repository.unit_of_organisation(db, organisation.id)
        if row is None:
            return
        parent_id = row.parent_id
        if organisation.parent_id is not None:
            parent = await repository.unit_of_organisation(db, organisation.parent_id)
            parent_id = parent.id if parent else None
        if (row.name, row.parent_id, row.active) == (organisation.name, parent_id, organisation.active):
            return
        await self._check_name(db, organisation.name, excluding=row.id)
        await self._set_parent(db, row, parent_id, await repository.parents(db))
        if row.active != organisation.active:
            await self._offices.check_active(db, row, active=organisation.active)
        row.name, row.active = organisation.name, organisation.active
        row.version += 1
        await db.flush()

    async def add_specialist(self, db: AsyncSession, unit_id: str, draft: SpecialistDraft) -> Unit:
        row = await self._load(db, unit_id, lock=True)
        await self._check_phones(db, draft.phones)
        last = max((specialist.position for specialist in row.specialists), default=-1)
        row.specialists.append(_specialist(draft, last + 1))
        self._check_count(row)
        row.version += 1
        await db.flush()
        return row

    async def update_specialist(
        self, db: AsyncSession, unit_id: str, specialist_id: str, change: SpecialistChange
    ) -> Unit:
        row = await self._load(db, unit_id, lock=True)
        _check_version(row, change.version)
        specialist = _specialist_of(row, specialist_id)
        for field, value in change.model_dump(exclude={"version", "phones", "user_id"}, exclude_none=True).items():
            setattr(specialist, field, value)
        if "user_id" in change.model_fields_set and change.user_id != specialist.user_id:
            await self._check_user(db, row, specialist, change.user_id)
            specialist.user_id = change.user_id
        self._check_count(row)
        if change.phones is not None:
            await self._check_phones(db, change.phones)
            specialist.phones = []
            # The old rows go first: the new ones take their places, which are unique.
            await db.flush()
            specialist.phones = _phones(change.phones)
        row.version += 1
        await db.flush()
        return row

    async def set_roster(self, db: AsyncSession, unit_id: str, specialist_id: str, change: RosterChange) -> Unit:
        row = await self._load(db, unit_id, lock=True)
        _check_version(row, change.version)
        _specialist_of(row, specialist_id).roster = self.rosters.stored(row, specialist_id, change)
        row.version += 1
        await db.flush()
        return row

    async def _load(self, db: AsyncSession, unit_id: str, *, lock: bool) -> Unit:
        row = await repository.unit(db, unit_id, lock=lock)
        if row is None:
            raise NotFoundError("No unit has this id.")
        return row

    async def _set_parent(
        self, db: AsyncSession, row: Unit, parent_id: str | None, known: Mapping[str, str | None] | None = None
    ) -> None:
        if parent_id is not None and parent_id != row.parent_id:
            if would_cycle(known or {}, row.id, parent_id):
                raise UnitCycleError("Choose a parent that is not the unit itself nor below it.")
            parent = await repository.unit(db, parent_id)
            if parent is None or not parent.active:
                raise ParentUnitError("Choose a unit that is in use as the parent, or none.")
        row.parent_id = parent_id

    async def _check_name(self, db: AsyncSession, name: str, *, excluding: str | None) -> None:
        if await repository.name_taken(db, name, excluding=excluding):
            raise UnitNameTakenError("Use that unit, or another name.")

    async def _check_phones(self, db: AsyncSession, phones: Sequence[PhoneDraft]) -> None:
        for phone in phones:
            if phone.kind is PhoneKind.EXTERNAL:
                if not self._trunk.allows(phone.number):
                    raise NumberNotAllowedError(
                        f"{phone.label}: write a mobile, a landline or a short number. What is abroad or costs extra "
                        "is not called; the setting asterisk.dial_prefixes says what is."
                    )
            elif (holder := await self._numbers.holder(db, phone.number)) is not None:
                raise PhoneInUseError(
                    f"{phone.label}: {phone.number} reaches {holder}, so three-way calls would ring them instead; "
                    "give the specialist's phone another number."
                )

    async def _check_user(self, db: AsyncSession, row: Unit, specialist: Specialist, user_id: str | None) -> None:
        if user_id is None:
            return
        people = await repository.people(db, row.organisation_id) if row.organisation_id else ()
        if not any(user.id == user_id and user.active for user in people):
            raise SpecialistUserError("Choose one of the unit's active users, or none.")
        if await repository.is_specialist(db, user_id, excluding=specialist.id):
            raise SpecialistUserError("Another specialist is this user; undo that first, or choose another user.")

    def _check_count(self, row: Unit) -> None:
        if sum(specialist.active for specialist in row.specialists) > self.most:
            raise TooManySpecialistsError(
                f"A unit names at most {self.most} specialists; set one that has left inactive first."
            )


def _specialist_of(row: Unit, specialist_id: str) -> Specialist:
    for specialist in row.specialists:
        if specialist.id == specialist_id:
            return specialist
    raise NotFoundError("This unit has no specialist with that id.")


def _specialist(draft: SpecialistDraft, position: int) -> Specialist:
    own = draft.model_dump(exclude={"phones"})
    return Specialist(id=uuid7(), position=position, active=True, phones=_phones(draft.phones), **own)


def _phones(drafts: Sequence[PhoneDraft]) -> list[SpecialistPhone]:
    return [
        SpecialistPhone(id=uuid7(), position=position, **draft.model_dump()) for position, draft in enumerate(drafts)
    ]


def _check_version(row: Unit, version: int) -> None:
    if version != row.version:
        raise UnitVersionConflictError(
            f"It is at version {row.version}, not {version}; load it again and repeat the change.",
            version=row.version,
        )
