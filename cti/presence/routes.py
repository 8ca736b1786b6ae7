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
        await ctx.audit("agent.create", agent.number, username=agent.username, desks=_desks(agent))
        return _edited(ctx, agent, "created")

    @routes.put("/{number}", permission=Permission.AGENT_MANAGE)
    async def change_agent(ctx: RequestContext, number: str, body: Desks) -> AgentView:
        """Replace the desks and the time for wrap-up."""
        agent = await roster.change(ctx.db, number, body)
        await ctx.audit("agent.change", number, desks=_desks(agent), wrap_up_seconds=agent.wrap_up_seconds)
        return _edited(ctx, agent, "changed")

    @routes.post("/{number}/deactivate", permission=Permission.AGENT_MANAGE)
    async def deactivate_agent(ctx: RequestContext, number: str) -> AgentView:
        """No more calls: a talk in progress goes on to its end; then the agent is signed out and logged out."""
        agent = await roster.deactivate(ctx.db, number)
        await ctx.audit("agent.deactivate", number)
        return _edited(ctx, agent, "deactivated")

    @routes.post("/{number}/activate", permission=Permission.AGENT_MANAGE)
    async def activate_agent(ctx: RequestContext, number: str) -> AgentView:
        """An agent again, by the same number."""
        agent = await roster.activate(ctx.db, number)
        await ctx.audit("agent.activate", number)
        return _edited(ctx, agent, "activated")

    return routes


def _edited(ctx: RequestContext, agent: AgentView, change: str) -> AgentView:
    ctx.emit(AgentEdited(at=ctx.clock.now(), agent=agent.number, change=change))
    return agent


def _desks(agent: AgentView) -> list[str]:
    return [desk.queue for desk in agent.desks]
