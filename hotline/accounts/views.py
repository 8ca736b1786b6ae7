"""What the API shows of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import repository
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import PasswordState, RequestState, RoleRequest, User, UserSession
from hotline.accounts.roles import Role, UserPrincipal
from hotline.accounts.schemas import (
    AccessView,
    LockView,
    OpenSession,
    RoleRequestView,
    SecondFactorView,
    SessionUser,
    SessionView,
    UserView,
)
from hotline.accounts.service import hash_token
from hotline.accounts.steps import LogInStep
from hotline.kernel.http import Principal as AnyPrincipal


def session_user(principal: AnyPrincipal | UserPrincipal) -> SessionUser:
    """Without permissions while a step of the log-in is left."""
    return SessionUser.model_validate(
        {
            "id": principal.user_id,
            "username": principal.username,
            "name": principal.name,
            "roles": sorted(principal.roles),
            "permissions": [] if principal.restriction else sorted(principal.permissions),
        }
    )


def session_view(principal: AnyPrincipal | UserPrincipal) -> SessionView:
    step = LogInStep(principal.restriction) if principal.restriction else None
    return SessionView(user=session_user(principal), step=step)


def open_session(session: UserSession, token: str = "") -> OpenSession:
    return OpenSession(
        id=session.id,
        created_at=session.created_at,
        used_at=session.renewed_at,
        address=session.address,
        user_agent=session.user_agent,
        current=bool(token) and session.token_hash == hash_token(token),
    )


def second_factor_view(user: User, feature: AccountFeature) -> SecondFactorView:
    return SecondFactorView(
        enrolled_at=user.totp_since,
        required=feature.users.options.requires_second_factor(user.role_set()),
        recovery_codes_left=len(user.recovery_codes),
    )


async def user_views(db: AsyncSession, feature: AccountFeature, users: Sequence[User]) -> dict[str, UserView]:
    """By id."""
    ids = [user.id for user in users]
    pending = {
        request.user_id: request.roles
        for request in await repository.role_requests(db, user_ids=ids, state=RequestState.PENDING)
    }
    organisations = await repository.organisation_names(db, {user.organisation_id for user in users})
    locked = {slot.owner for slot in await feature.attempts.locked(db, ids)}
    return {
        user.id: UserView(
            id=user.id,
            username=user.username,
            name=user.name,
            organisation_id=user.organisation_id,
            organisation=organisations[user.organisation_id],
            roles=sorted(user.role_set()),
            active=user.active,
            created_at=user.created_at,
            pending_roles=[Role(role) for role in pending.get(user.id, [])],
            locked=user.id in locked,
            second_factor=user.totp_secret is not None,
            password_state=PasswordState(user.password_state),
        )
        for user in users
    }


async def user_view(db: AsyncSession, feature: AccountFeature, user: User) -> UserView:
    return (await user_views(db, feature, [user]))[user.id]


async def access_view(db: AsyncSession, feature: AccountFeature, user: User) -> AccessView:
    locks = await feature.attempts.locked(db, [user.id])
    return AccessView(
        password_state=PasswordState(user.password_state),
        second_factor=second_factor_view(user, feature),
        locks=[LockView.model_validate({"place": slot.kind, "until": slot.locked_until}) for slot in locks],
        sessions=[open_session(session) for session in await feature.sessions.listed(db, user)],
    )


def request_view(request: RoleRequest, who: AnyPrincipal) -> RoleRequestView:
    other = who.user_id != request.user_id and request.approval in who.permissions
    pending = request.state == RequestState.PENDING
    return RoleRequestView(
        id=request.id,
        user_id=request.user_id,
        username=request.user.username,
        name=request.user.name,
        roles=[Role(role) for role in request.roles],
        state=RequestState(request.state),
        requested_by=request.requested_by,
        requested_by_name=request.requested_by_name,
        requested_at=request.requested_at,
        decided_by_name=request.decided_by_name,
        decided_at=request.decided_at,
        reason=request.reason,
        may_approve=pending and other and who.user_id != request.requested_by,
        may_refuse=pending and other,
    )
