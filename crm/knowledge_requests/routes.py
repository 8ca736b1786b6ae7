"""Knowledge requests over HTTP."""

from __future__ import annotations

from crm.knowledge_requests.gaps import KnowledgeGapList, KnowledgeGaps
from crm.knowledge_requests.ratings import EntryRatings, KnowledgeRatings, RatingDraft
from crm.knowledge_requests.reading import KnowledgeRequestReading
from crm.knowledge_requests.schemas import (
    KnowledgeRequestDraft,
    KnowledgeRequestList,
    KnowledgeRequestQuery,
    KnowledgeRequestStep,
    KnowledgeRequestView,
    SearchMissed,
)
from crm.knowledge_requests.service import KnowledgeRequests
from crm.knowledge_requests.state import KnowledgeRequestAction
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes


def knowledge_request_routes(requests: KnowledgeRequests, reading: KnowledgeRequestReading) -> Routes:
    routes = Routes("/api/knowledge-requests", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def list_knowledge_requests(ctx: RequestContext, query: KnowledgeRequestQuery) -> Page[KnowledgeRequestView]:
        """A unit's people see those to their unit and to those below it, agents those they made."""
        return await reading.page(ctx.db, query, who=ctx.user)

    @routes.get("/counts", permission=Permission.KNOWLEDGE_READ)
    async def count_knowledge_requests(ctx: RequestContext) -> dict[KnowledgeRequestList, int]:
        """What waits, by list."""
        return await reading.counts(ctx.db, who=ctx.user)

    @routes.post("", permission=Permission.KNOWLEDGE_READ, status=201)
    async def make_knowledge_request(ctx: RequestContext, body: KnowledgeRequestDraft) -> KnowledgeRequestView:
        """By agents, supervisors and knowledge editors."""
        await requests.make(ctx.db, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, body.id, who=ctx.user)

    @routes.get("/{request_id}", permission=Permission.KNOWLEDGE_READ)
    async def read_knowledge_request(ctx: RequestContext, request_id: str) -> KnowledgeRequestView:
        return await reading.read(ctx.db, request_id, who=ctx.user)

    for action in KnowledgeRequestAction:
        _add_request_step(routes, requests, reading, action)
    return routes


def knowledge_gap_routes(gaps: KnowledgeGapList) -> Routes:
    routes = Routes("/api/knowledge-gaps", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def list_knowledge_gaps(ctx: RequestContext) -> KnowledgeGaps:
        """Of the last seven days: searches without a hit, and consult cases closed without citing."""
        return await gaps.week(ctx.db, who=ctx.user)

    @routes.post("/searches", permission=Permission.KNOWLEDGE_READ, status=204)
    async def count_missed_search(ctx: RequestContext, body: SearchMissed) -> None:
        """An agent's search found nothing."""
        await gaps.missed(ctx.db, body.search, who=ctx.user)

    return routes


def knowledge_rating_routes(ratings: KnowledgeRatings) -> Routes:
    routes = Routes("/api/knowledge-ratings", tag="knowledge")

    @routes.get("/{entry_id}", permission=Permission.KNOWLEDGE_READ)
    async def read_knowledge_ratings(ctx: RequestContext, entry_id: str) -> EntryRatings:
        return await ratings.of_entry(ctx.db, entry_id, who=ctx.user)

    @routes.put("/{entry_id}", permission=Permission.KNOWLEDGE_READ)
    async def rate_knowledge(ctx: RequestContext, entry_id: str, body: RatingDraft) -> EntryRatings:
        """Whether the version published now helped the agent."""
        return await ratings.rate(ctx.db, entry_id, body, who=ctx.user, audit=ctx.audit)

    return routes


def _add_request_step(
    routes: Routes, requests: KnowledgeRequests, reading: KnowledgeRequestReading, action: KnowledgeRequestAction
) -> None:
    async def act(ctx: RequestContext, request_id: str, body: KnowledgeRequestStep) -> KnowledgeRequestView:
        await requests.act(ctx.db, request_id, action, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, request_id, who=ctx.user)

    act.__name__ = f"{action.value}_knowledge_request"
    routes.post(f"/{{request_id}}/{action.value.replace('_', '-')}", permission=Permission.KNOWLEDGE_READ)(act)
