"""Roles that see cases, and administrators', take two people: one asks, another approves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.models import RequestState, RoleRequest, User
from hotline.accounts.roles import Permission, Role, needs_approval
from hotline.accounts.service import AccountService, OwnAccountError, allowed_roles, require_other
from hotline.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.kernel.http import Principal


class RequestDecidedError(ConflictError):
    error_id = "account.request_decided"
    title = "The request is decided already"


class RequestNotFoundError(NotFoundError):
    error_id = "account.request_not_found"
    title = "No such request"


@dataclass(frozen=True, slots=True)
class RolesResult:
    """`before` and what holds now; `request` for what waits for a second person."""

    user: User
    before: list[str]
    request: RoleRequest | None


def split_roles(held: frozenset[Role], wanted: frozenset[Role]) -> tuple[frozenset[Role], frozenset[Role]]:
    """What holds at once, and what waits: a removal never waits, nor does a role that sees no case."""
    waiting = frozenset(role for role in wanted - held if needs_approval(role))
    return wanted - waiting, waiting


class RoleRequests:
    """Methods are part of the caller's transaction; the caller audits."""

    def __init__(self, users: AccountService) -> None:
        self._users = users

    async def assign(self, db: AsyncSession, user_id: str, roles: Iterable[Role], by: Principal) -> RolesResult:
        """Replace a user's roles, by a security administrator; those that see cases become a request.

        Raises `OwnAccountError`, and as `AccountService.set_roles`.
        """
        require_other(user_id, by.user_id)
        user = await self._users.user(db, user_id, lock=True)
        before, wanted = user.roles, frozenset(roles)
        allowed_roles(wanted)
        now, waiting = split_roles(user.role_set(), wanted)
        await self._users.set_roles(db, user_id, now)
        return RolesResult(user, before, await self.ask(db, user, waiting, by, approval=Permission.ROLE_APPROVE))

    async def ask(
        self, db: AsyncSession, user: User, roles: Iterable[Role], by: Principal, *, approval: Permission
    ) -> RoleRequest | None:
        """Ask for `roles` instead of whatever waits for this user; None for no role."""
        asked = allowed_roles(roles)
        for old in await repository.role_requests(db, user_ids=[user.id], state=RequestState.PENDING):
            old.state = RequestState.SUPERSEDED
        if not asked:
            return None
        request = RoleRequest(
            user_id=user.id,
            user=user,
            roles=asked,
            approval=approval,
            state=RequestState.PENDING,
            requested_by=by.user_id,
            requested_by_name=by.name,
            requested_at=self._users.now(),
        )
        db.add(request)
        await db.flush()
        return request

    async def decide(
        self, db: AsyncSession, request_id: str, *, approve: bool, by: Principal, reason: str = ""
    ) -> tuple[RoleRequest, list[str]]:
        """By another person than asked, with the permission the request names. Returns also the roles before.

        Raises `RequestNotFoundError`, `RequestDecidedError`, `OwnAccountError`, `ForbiddenError`; and, approving,
        as `AccountService.set_roles`.
        """
        request = await repository.role_request(db, request_id)
        if request is None:
            raise RequestNotFoundError("No request has this id.")
        if request.state != RequestState.PENDING:
            raise RequestDecidedError(f"It is {request.state}.")
        if by.user_id == request.requested_by and approve:
            raise OwnAccountError("Whoever asked does not approve; a second person does.")
        require_other(request.user_id, by.user_id)
        if request.approval not in by.permissions:
            raise ForbiddenError(f"This needs the permission {request.approval}; ask an administrator for it.")
        before = request.user.roles
        if approve:
            wanted = request.user.role_set() | frozenset(map(Role, request.roles))
            await self._users.set_roles(db, request.user_id, wanted)
        request.state = RequestState.APPROVED if approve else RequestState.REFUSED
        request.decided_by, request.decided_by_name, request.decided_at = by.user_id, by.name, self._users.now()
        request.reason = reason
        return request, before
