"""/api/agents: who is an agent."""

from __future__ import annotations

from dataclasses import dataclass

from cti.events import AgentEdited
from cti.presence.roster import AgentRoster
from cti.presence.schemas import AgentDraft, AgentQueues, AgentView, DeskPhoneAccount, QueueView
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


@dataclass(frozen=True, slots=True)
class SipServer:
    """Where desk phones register."""

    host: str
    port: int


def agent_routes(roster: AgentRoster, sip: SipServer) -> Routes:
    routes = Routes("/api/agents", tag="agents")

    @routes.get("", permission=Permission.AGENT_MANAGE)
    async def list_agents(ctx: RequestContext) -> list[AgentView]:
        """All who are or were agents, by number."""
        return await roster.listed(ctx.db)

    @routes.post("", permission=Permission.AGENT_MANAGE, status=201)
    async def create_agent(ctx: RequestContext, body: AgentDraft) -> AgentView:
        """Make a user an agent, with new passwords for two phones."""
        agent = await roster.create(ctx.db, body)
        return await _edited(ctx, agent, "agent.create", "created")

    @routes.get("/queues", permission=Permission.AGENT_MANAGE)
    async def list_queues(ctx: RequestContext) -> list[QueueView]:
        """The queues to which the call flow leads callers."""
        return roster.queues()

    @routes.post("/{number}/desk-phone", permission=Permission.AGENT_MANAGE)
    async def show_desk_phone(ctx: RequestContext, number: str) -> DeskPhoneAccount:
        """What a desk phone or a SIP app registers with, password included; each look is audited."""
        secret = await roster.desk_phone_secret(ctx.db, number)
        await ctx.audit("agent.show_desk_phone", number)
        return DeskPhoneAccount(username=number, password=secret, host=sip.host, port=sip.port)

    @routes.put("/{number}", permission=Permission.AGENT_MANAGE)
    async def change_agent(ctx: RequestContext, number: str, body: AgentQueues) -> AgentView:
        """Replace the queues and the time for wrap-up."""
        agent = await roster.change(ctx.db, number, body)
        return await _edited(ctx, agent, "agent.change", "changed")

    @routes.post("/{number}/deactivate", permission=Permission.AGENT_MANAGE)
    async def deactivate_agent(ctx: RequestContext, number: str) -> AgentView:
        """No more calls: a talk in progress continues to its end; then the agent is signed out and logged out."""
        agent = await roster.deactivate(ctx.db, number)
        return await _edited(ctx, agent, "agent.deactivate", "deactivated")

    @routes.post("/{number}/activate", permission=Permission.AGENT_MANAGE)
    async def activate_agent(ctx: RequestContext, number: str) -> AgentView:
        """An agent again, by the same number."""
        agent = await roster.activate(ctx.db, number)
        return await _edited(ctx, agent, "agent.activate", "activated")

    return routes


async def _edited(ctx: RequestContext, agent: AgentView, action: str, change: str) -> AgentView:
    await ctx.audit(action, agent.number, **agent.audited())
    ctx.emit(AgentEdited(at=ctx.clock.now(), agent=agent.number, change=change))
    return agent
