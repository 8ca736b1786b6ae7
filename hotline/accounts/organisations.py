"""The organisations that users belong to: the hotline, vendors, and their units, in one tree."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import ROOT_ORGANISATION, Organisation, User
from hotline.accounts.organisation_schemas import OrganisationChange, OrganisationDraft, OrganisationView
from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.kernel.trees import would_cycle


class OrganisationNotFoundError(NotFoundError):
    error_id = "organisation.not_found"
    title = "No such organisation"


class OrganisationNameTakenError(ConflictError):
    error_id = "organisation.name_taken"
    title = "Another organisation has this name"


class OrganisationVersionConflictError(ConflictError):
    error_id = "organisation.version_conflict"
    title = "Somebody else changed this organisation"


class OrganisationCycleError(InvalidInputError):
    error_id = "organisation.cycle"
    title = "An organisation cannot be under itself"


class OrganisationInactiveError(ConflictError):
    error_id = "organisation.inactive"
    title = "The organisation is deactivated"


class OrganisationInUseError(ConflictError):
    error_id = "organisation.in_use"
    title = "The organisation is in use"


class RootOrganisationError(ConflictError):
    error_id = "organisation.root"
    title = "The hotline itself is the root of the tree"


class OrganisationFollower(Protocol):
    async def follow(self, db: AsyncSession, organisation: OrganisationView) -> None:
        """An organisation has been changed, in this transaction; an error refuses the change."""
        ...


class Organisations:
    """Each method works in the caller's transaction. The tree has one root, which every installation has.

    Writers wait for each other at the root's row, so that no two changes together make a cycle, or put a user into an
    organisation that is being deactivated.
    """

    def __init__(self, follower: OrganisationFollower | None = None) -> None:
        self.follower = follower
        """Set by whoever keeps something that is named and placed as an organisation is."""

    async def listed(self, db: AsyncSession) -> list[OrganisationView]:
        """All of them by name, with how many active users each has itself."""
        counted = await db.execute(
            select(User.organisation_id, func.count()).where(User.active).group_by(User.organisation_id)
        )
        users: dict[str, int] = {organisation_id: count for organisation_id, count in counted}
        rows = await db.scalars(select(Organisation).order_by(Organisation.name))
        return [OrganisationView.of(row, users=users.get(row.id, 0)) for row in rows]

    async def view(self, db: AsyncSession, organisation_id: str) -> OrganisationView:
        """Raises `OrganisationNotFoundError`."""
        return await self._view(db, await self._load(db, organisation_id))

    async def create(self, db: AsyncSession, draft: OrganisationDraft) -> OrganisationView:
        """Raises `OrganisationNameTakenError`, `OrganisationNotFoundError` or `OrganisationInactiveError` (parent)."""
        await self.lock(db)
        await self._check_name(db, draft.name, excluding="")
        await self._require_active(db, draft.parent_id)
        row = Organisation(name=draft.name, kind=draft.kind, parent_id=draft.parent_id, active=True, version=1)
        db.add(row)
        await db.flush()
        return await self._view(db, row)

    async def update(self, db: AsyncSession, organisation_id: str, change: OrganisationChange) -> OrganisationView:
        """What is None stays. Raises any of this module's errors."""
        await self.lock(db)
        row = await self._load(db, organisation_id)
        if change.version != row.version:
            raise OrganisationVersionConflictError(
                f"It is at version {row.version}, not {change.version}; load it again and repeat the change.",
                version=row.version,
            )
        if change.name is not None:
            await self._check_name(db, change.name, excluding=row.id)
            row.name = change.name
        if row.id == ROOT_ORGANISATION:
            _check_root(change)
        if change.kind is not None:
            row.kind = change.kind
        if change.parent_id is not None and change.parent_id != row.parent_id:
            await self._move(db, row, change.parent_id)
        if change.active is not None and change.active != row.active:
            await self._set_active(db, row, active=change.active)
        row.version += 1
        await db.flush()
        view = await self._view(db, row)
        if self.follower is not None:
            await self.follower.follow(db, view)
        return view

    async def assign(self, db: AsyncSession, user: User, organisation_id: str) -> None:
        """Put the user there. Raises `OrganisationNotFoundError`, `OrganisationInactiveError`."""
        await self.lock(db)
        await self._require_active(db, organisation_id)
        user.organisation_id = organisation_id
        await db.flush()

    async def id_of(self, db: AsyncSession, name: str) -> str:
        """Raises `OrganisationNotFoundError`."""
        organisation_id = await db.scalar(select(Organisation.id).where(Organisation.name == name))
        if organisation_id is None:
            raise OrganisationNotFoundError(f"No organisation is named {name!r}; /admin/organisations lists them.")
        return organisation_id

    async def require_active(self, db: AsyncSession, organisation_id: str) -> None:
        """That users may be active there, until this transaction ends. Raises as `assign`."""
        await self.lock(db)
        await self._require_active(db, organisation_id)

    async def lock(self, db: AsyncSession) -> None:
        """Wait for other writers of the tree; before rows that belong to an organisation are locked."""
        await db.get(Organisation, ROOT_ORGANISATION, with_for_update=True, populate_existing=True)

    async def _load(self, db: AsyncSession, organisation_id: str) -> Organisation:
        row = await db.get(Organisation, organisation_id, populate_existing=True)
        if row is None:
            raise OrganisationNotFoundError("No organisation has this id.")
        return row

    async def _view(self, db: AsyncSession, row: Organisation) -> OrganisationView:
        return OrganisationView.of(row, users=await self._active_users(db, row.id))

    async def _active_users(self, db: AsyncSession, organisation_id: str) -> int:
        statement = select(func.count()).where(User.organisation_id == organisation_id, User.active)
        return await db.scalar(statement) or 0

    async def _check_name(self, db: AsyncSession, name: str, *, excluding: str) -> None:
        taken = select(Organisation.id).where(Organisation.name == name, Organisation.id != excluding)
        if await db.scalar(taken) is not None:
            raise OrganisationNameTakenError("Use that organisation, or another name.")

    async def _require_active(self, db: AsyncSession, organisation_id: str) -> None:
        row = await self._load(db, organisation_id)
        if not row.active:
            raise OrganisationInactiveError(f"{row.name} is deactivated; activate it first, or choose another.")

    async def _move(self, db: AsyncSession, row: Organisation, parent_id: str) -> None:
        rows = await db.execute(select(Organisation.id, Organisation.parent_id))
        parents: dict[str, str | None] = {id: above for id, above in rows}
        if would_cycle(parents, row.id, parent_id):
            raise OrganisationCycleError("Choose a parent that is not the organisation itself nor below it.")
        await self._require_active(db, parent_id)
        row.parent_id = parent_id

    async def _set_active(self, db: AsyncSession, row: Organisation, *, active: bool) -> None:
        if active and row.parent_id is not None:
            await self._require_active(db, row.parent_id)
        if not active:
            below = select(func.count()).where(Organisation.parent_id == row.id, Organisation.active)
            children, users = await db.scalar(below) or 0, await self._active_users(db, row.id)
            if children or users:
                raise OrganisationInUseError(
                    f"It has {users} active users and {children} active organisations under it; move or deactivate "
                    "them first.",
                    users=users,
                    children=children,
                )
        row.active = active


def _check_root(change: OrganisationChange) -> None:
    if change.parent_id is not None or change.active is False or change.kind is not None:
        raise RootOrganisationError("Of the root only the name can be changed.")
