"""Who is an agent, as an administrator edits it; presence takes it up from `AgentEdited`, or a moment later."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import Flow
from callflow.queues.policy import QueueOptions
from cti.presence import repository
from cti.presence.models import Agent, is_agent, may_use_workspace
from cti.presence.ports import InternalPhones
from cti.presence.queues import LABELS
from cti.presence.schemas import AgentDraft, AgentQueues, AgentView, QueueShare, QueueView
from hotline.accounts.models import User
from hotline.accounts.repository import user_by_username
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from ivr.dialplan import HOTLINE_NUMBER


class AgentNotFoundError(NotFoundError):
    error_id = "agent.not_found"
    title = "No such agent"


class AgentTakenError(ConflictError):
    error_id = "agent.taken"
    title = "The number or the account belongs to an agent already"


class NumberInUseError(ConflictError):
    error_id = "agent.number_in_use"
    title = "The number reaches something else already"


class NoWorkspaceUserError(ConflictError):
    error_id = "agent.no_workspace_user"
    title = "This account cannot work at a queue"


class UnknownQueueError(InvalidInputError):
    error_id = "agent.unknown_queue"
    title = "No such queue"


def queues_of(*flows: Flow) -> frozenset[str]:
    """The queues to which these call flows lead callers."""
    nodes = (node for flow in flows for node in flow.nodes.values())
    return frozenset(node.options.queue for node in nodes if isinstance(node.options, QueueOptions))


class AgentRoster:
    """Each in the caller's transaction; whoever calls audits, and emits `AgentEdited`."""

    def __init__(
        self,
        clock: Clock,
        queues: Callable[[], Collection[str]],
        phones: InternalPhones,
        *,
        hotline_number: str = HOTLINE_NUMBER,
    ) -> None:
        self._clock = clock
        self._queues = queues
        self._phones = phones
        self._hotline_number = hotline_number

    async def listed(self, db: AsyncSession) -> list[AgentView]:
        """All who are or were agents, by number."""
        return [_view(agent, user) for agent, user in await repository.listed(db)]

    def queues(self) -> list[QueueView]:
        """By name, with the words of the wallboard."""
        labels = ((queue, LABELS.get(queue, (queue, queue))) for queue in sorted(self._queues()))
        return [QueueView(name=queue, label_zh=zh, label_en=en) for queue, (zh, en) in labels]

    async def desk_phone_secret(self, db: AsyncSession, number: str) -> str:
        """The password of an agent's desk phone. Raises AgentNotFoundError if no active agent has this number."""
        agent, user = await self._find(db, number)
        if not is_agent(agent, user):
            raise AgentNotFoundError("Whoever had this number takes no calls; activate the agent first.")
        return agent.desk_secret

    async def create(self, db: AsyncSession, draft: AgentDraft) -> AgentView:
        """Make a user an agent, with new passwords for two phones.

        Raises AgentTakenError, NumberInUseError, NoWorkspaceUserError, UnknownQueueError.
        """
        self._check(draft.queues)
        await self._check_number(db, draft.number)
        user = await user_by_username(db, draft.username)
        if user is None or not user.active:
            raise NoWorkspaceUserError(f"There is no active account {draft.username}; create it first.")
        if not may_use_workspace(user):
            raise NoWorkspaceUserError(f"The account {user.username} needs the role agent or supervisor.")
        if (other := await repository.taken(db, number=draft.number, user_id=user.id)) is not None:
            # A number is never given to somebody else: the call log names agents by it.
            raise AgentTakenError(
                f"The number {draft.number} is taken; it stays with whoever had it."
                if other.number == draft.number
                else f"The account {user.username} is agent {other.number} already."
            )
        agent = new_agent(user, draft.number, draft)
        db.add(agent)
        await db.flush()
        return _view(agent, user)

    async def change(self, db: AsyncSession, number: str, queues: AgentQueues) -> AgentView:
        """Raises AgentNotFoundError, UnknownQueueError."""
        self._check(queues.queues)
        agent, user = await self._find(db, number)
        agent.queues, agent.wrap_up_seconds = _stored(queues.queues), queues.wrap_up_seconds
        return _view(agent, user)

    async def deactivate(self, db: AsyncSession, number: str) -> AgentView:
        """No agent from now on, but for a talk in progress; the account stays. Safe to repeat."""
        agent, user = await self._find(db, number)
        agent.deactivated_at = agent.deactivated_at or self._clock.now()
        return _view(agent, user)

    async def activate(self, db: AsyncSession, number: str) -> AgentView:
        """An agent again, with the phones' old passwords. Safe to repeat."""
        agent, user = await self._find(db, number)
        agent.deactivated_at = None
        return _view(agent, user)

    async def _find(self, db: AsyncSession, number: str) -> tuple[Agent, User]:
        found = await repository.by_number(db, number)
        if found is None:
            raise AgentNotFoundError("No agent has this number.")
        return found

    async def _check_number(self, db: AsyncSession, number: str) -> None:
        """An agent's phones register by the number, so whoever dials it must mean the agent."""
        if number == self._hotline_number:
            raise NumberInUseError(f"{number} is the hotline itself; choose another number for the agent.")
        if (holder := await self._phones.holder(db, number)) is not None:
            raise NumberInUseError(
                f"{number} is the internal phone of {holder}; choose another number "
                "for the agent, or change that phone in the unit directory first."
            )

    def _check(self, queues: Iterable[QueueShare]) -> None:
        unknown = sorted({share.queue for share in queues} - set(self._queues()))
        if unknown:
            known = ", ".join(sorted(self._queues()))
            raise UnknownQueueError(f"The call flow has no queue {', '.join(unknown)}; it has: {known}.")


class AgentNumbers:
    """Implements `crm.ports.InternalNumbers`: a number stays with whoever was an agent."""

    def __init__(self, hotline_number: str = HOTLINE_NUMBER) -> None:
        self._hotline_number = hotline_number

    async def holder(self, db: AsyncSession, number: str) -> str | None:
        if number == self._hotline_number:
            return "the hotline itself"
        found = await repository.by_number(db, number)
        return None if found is None else f"agent {found[0].number} ({found[1].name})"


def new_agent(user: User, number: str, queues: AgentQueues) -> Agent:
    """With random passwords for the browser and the desk phone."""
    return Agent(
        user_id=user.id,
        number=number,
        web_secret=secrets.token_hex(16),
        desk_secret=secrets.token_hex(16),
        queues=_stored(queues.queues),
        wrap_up_seconds=queues.wrap_up_seconds,
    )


def _stored(queues: Iterable[QueueShare]) -> list[dict[str, object]]:
    return [share.model_dump() for share in queues]


def _view(agent: Agent, user: User) -> AgentView:
    return AgentView(
        number=agent.number,
        user_id=user.id,
        username=user.username,
        name=user.name,
        queues=[QueueShare.model_validate(share) for share in agent.queues],
        wrap_up_seconds=agent.wrap_up_seconds,
        active=is_agent(agent, user),
        deactivated_at=agent.deactivated_at,
    )
