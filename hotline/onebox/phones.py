"""The agents' phones in the one-box's Asterisk: as the database has them, while it runs."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from cti.presence import repository
from cti.presence.models import is_agent
from hotline.app.settings import Settings
from hotline.kernel.errors import NotFoundError
from hotline.kernel.revision import current_database
from hotline.onebox.keys import load_secrets
from hotline.onebox.render import AgentEndpoints

MODULE = "res_pjsip.so"
SPECIALIST_PHONES = ("6001", "6002", "6003", "6004")
"""Internal numbers of demo.yaml that a phone can register as; the others stay unreachable on purpose."""


def specialist_secret(secret: str, phone: str) -> str:
    """The password of one specialist's phone; who knows it knows no other's, nor the instance's `secret`."""
    return hmac.new(secret.encode(), f"specialist phone {phone}".encode(), hashlib.sha256).hexdigest()[:32]


async def phones_of(db: AsyncSession, *, also: Collection[str] = ()) -> tuple[AgentEndpoints, ...]:
    """The phones of everybody who is an agent, and of the numbers `also`; by number."""
    return tuple(
        AgentEndpoints(agent.number, agent.web_secret, agent.desk_secret)
        for agent, user in await repository.listed(db)
        if is_agent(agent, user) or agent.number in also
    )


async def desk_phone_secret(settings: Settings, number: str) -> str:
    """The SIP password of an agent's desk phone, or of a demo specialist's. Raises NotFoundError."""
    async with current_database(settings.database_url) as database, database.snapshot() as db:
        agent = next((phones for phones in await phones_of(db) if phones.number == number), None)
    if agent is not None:  # First: an agent's number is no demo specialist's phone any more.
        return agent.desk_secret
    if number in SPECIALIST_PHONES:
        return specialist_secret(load_secrets(settings.home).specialist_phones, number)
    raise NotFoundError(f"There is no agent {number}; `hotline agent list` shows who is one.")
