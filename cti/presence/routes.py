"""/api/agents: who is an agent."""

from __future__ import annotations

from cti.events import AgentEdited
from cti.presence.roster import AgentRoster
from cti.presence.schemas import AgentDraft, AgentView, Desks
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def agent_routes(roster: AgentRoster) -> Routes:
    routes = Routes("/api/agents", tag="agents")

    @routes.get("", permission=Permission.AGENT_MANAGE)
    async def list_agents(ctx: RequestContext) -> list[AgentView]:
        """All who are or were agents, by number."""
        return await roster.listed(ctx.db)

    @routes.post("", permission=Permission.AGENT_MANAGE, status=201)
    async def create_agent(ctx: RequestContext, body: AgentDraft) -> AgentView:
        """Make a user an agent; the desk phone's password is told by `hotline phone NUMBER` alone."""
        agent = await roster.create(ctx.db, body)
        return await _edited(ctx, agent, "agent.create", "created")

    @routes.put("/{number}", permission=Permission.AGENT_MANAGE)
    async def change_agent(ctx: RequestContext, number: str, body: Desks) -> AgentView:
        """Replace the desks and the time for wrap-up."""
        agent = await roster.change(ctx.db, number, body)
        return await _edited(ctx, agent, "agent.change", "changed")

    @routes.post("/{number}/deactivate", permission=Permission.AGENT_MANAGE)
    async def deactivate_agent(ctx: RequestContext, number: str) -> AgentView:
        """No more calls: a talk in progress goes on to its end; then the agent is signed out and logged out."""
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
