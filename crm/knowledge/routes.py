"""The knowledge base over HTTP."""

from __future__ import annotations

from crm.knowledge.categories import KnowledgeCategories
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.schemas import (
    CategoryChange,
    CategoryDraft,
    CategoryView,
    CitingCases,
    EntryDraft,
    EntryRow,
    EntryStep,
    EntryView,
    KnowledgeList,
    KnowledgePage,
    KnowledgeQuery,
    RevisionSave,
    RevisionStart,
    VersionView,
)
from crm.knowledge.service import KnowledgeService
from crm.knowledge.state import KnowledgeAction
from crm.knowledge.suggestions import CaseInWords
from crm.knowledge.synonyms import KnowledgeSynonyms, SynonymChange, SynonymDraft, SynonymRemoval, SynonymView
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes

_MOST_TEXT = 512 * 1024
"""Bytes: the longest details in both languages, as UTF-8."""
_MOST_QUESTION = 128 * 1024
"""Bytes: as long a text as a case has."""
_STEPS = tuple(action for action in KnowledgeAction if action not in (KnowledgeAction.SAVE, KnowledgeAction.REVISE))


def knowledge_routes(service: KnowledgeService, reading: KnowledgeReading) -> Routes:
    routes = Routes("/api/knowledge", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def list_knowledge(ctx: RequestContext, query: KnowledgeQuery) -> KnowledgePage:
        """Entries of one list; a unit's people see the revisions of their own unit and of those below it. A search of
        what is published is sorted by relevance and ends after 300 hits.
        """
        return await reading.page(ctx.db, query, who=ctx.user)

    @routes.get("/counts", permission=Permission.KNOWLEDGE_READ)
    async def count_knowledge(ctx: RequestContext) -> dict[KnowledgeList, int]:
        """What waits, by list."""
        return await reading.counts(ctx.db, who=ctx.user)

    @routes.post("/suggestions", permission=Permission.KNOWLEDGE_READ, max_body=_MOST_QUESTION)
    async def suggest_knowledge(ctx: RequestContext, body: CaseInWords) -> list[EntryRow]:
        """At most five entries that may answer a case. A POST, so that what a caller said stands in no address and no
        log.
        """
        return await reading.suggestions(ctx.db, body)

    @routes.post("", permission=Permission.KNOWLEDGE_WRITE, status=201, max_body=_MOST_TEXT)
    async def create_knowledge(ctx: RequestContext, body: EntryDraft) -> EntryView:
        await service.create(ctx.db, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, body.id, who=ctx.user)

    @routes.get("/{entry_id}", permission=Permission.KNOWLEDGE_READ)
    async def read_knowledge(ctx: RequestContext, entry_id: str) -> EntryView:
        return await reading.read(ctx.db, entry_id, who=ctx.user)

    @routes.put("/{entry_id}/revision", permission=Permission.KNOWLEDGE_WRITE, max_body=_MOST_TEXT)
    async def save_knowledge(ctx: RequestContext, entry_id: str, body: RevisionSave) -> EntryView:
        await service.save(ctx.db, entry_id, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, entry_id, who=ctx.user)

    @routes.post("/{entry_id}/revise", permission=Permission.KNOWLEDGE_WRITE)
    async def revise_knowledge(ctx: RequestContext, entry_id: str, body: RevisionStart) -> EntryView:
        """Begin a revision, from the present version or from an older one."""
        await service.revise(ctx.db, entry_id, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, entry_id, who=ctx.user)

    _add_history(routes, reading)
    for action in _STEPS:
        _add_step(routes, service, reading, action)
    return routes


def _add_history(routes: Routes, reading: KnowledgeReading) -> None:
    @routes.get("/{entry_id}/versions/{number}", permission=Permission.KNOWLEDGE_READ)
    async def read_knowledge_version(ctx: RequestContext, entry_id: str, number: int) -> VersionView:
        """What was published under this number, also where the entry is hidden by now: cases cite it."""
        return await reading.read_version(ctx.db, entry_id, number)

    @routes.get("/{entry_id}/cases", permission=Permission.KNOWLEDGE_READ)
    async def list_citing_cases(ctx: RequestContext, entry_id: str) -> CitingCases:
        """Those that cite the entry: all are counted, and those that the reader may open are named."""
        return await reading.citing(ctx.db, entry_id, who=ctx.user)


def _add_step(routes: Routes, service: KnowledgeService, reading: KnowledgeReading, action: KnowledgeAction) -> None:
    async def act(ctx: RequestContext, entry_id: str, body: EntryStep) -> EntryView:
        await service.act(ctx.db, entry_id, action, body, who=ctx.user, audit=ctx.audit)
        return await reading.read(ctx.db, entry_id, who=ctx.user)

    act.__name__ = f"{action.value}_knowledge"
    routes.post(f"/{{entry_id}}/{action.value.replace('_', '-')}", permission=Permission.KNOWLEDGE_WRITE)(act)


def category_routes(categories: KnowledgeCategories) -> Routes:
    routes = Routes("/api/knowledge-categories", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_READ)
    async def list_categories(ctx: RequestContext) -> list[CategoryView]:
        """All of them, each level in its order."""
        return await categories.listed(ctx.db)

    @routes.post("", permission=Permission.KNOWLEDGE_PUBLISH, status=201)
    async def create_category(ctx: RequestContext, body: CategoryDraft) -> CategoryView:
        view = await categories.create(ctx.db, body)
        await ctx.audit("knowledge_category.create", view.id, after=view.model_dump(mode="json"))
        return view

    @routes.patch("/{category_id}", permission=Permission.KNOWLEDGE_PUBLISH)
    async def change_category(ctx: RequestContext, category_id: str, body: CategoryChange) -> CategoryView:
        before, after = await categories.change(ctx.db, category_id, body)
        await ctx.audit(
            "knowledge_category.change",
            category_id,
            **changes(before.model_dump(mode="json"), after.model_dump(mode="json")),
        )
        return after

    return routes


def synonym_routes(synonyms: KnowledgeSynonyms) -> Routes:
    routes = Routes("/api/knowledge-synonyms", tag="knowledge")

    @routes.get("", permission=Permission.KNOWLEDGE_PUBLISH)
    async def list_synonyms(ctx: RequestContext) -> list[SynonymView]:
        """All the groups, the newest first."""
        return await synonyms.listed(ctx.db)

    @routes.post("", permission=Permission.KNOWLEDGE_PUBLISH, status=201)
    async def create_synonyms(ctx: RequestContext, body: SynonymDraft) -> SynonymView:
        """Words that mean the same: a search for one finds the others. + stands between words said together."""
        view = await synonyms.create(ctx.db, body)
        await ctx.audit("knowledge_synonym.create", view.id, after=view.model_dump(mode="json"))
        return view

    @routes.put("/{group_id}", permission=Permission.KNOWLEDGE_PUBLISH)
    async def change_synonyms(ctx: RequestContext, group_id: str, body: SynonymChange) -> SynonymView:
        before, after = await synonyms.change(ctx.db, group_id, body)
        detail = changes(before.model_dump(mode="json"), after.model_dump(mode="json"))
        await ctx.audit("knowledge_synonym.change", group_id, **detail)
        return after

    @routes.post("/{group_id}/remove", permission=Permission.KNOWLEDGE_PUBLISH)
    async def remove_synonyms(ctx: RequestContext, group_id: str, body: SynonymRemoval) -> None:
        before = await synonyms.remove(ctx.db, group_id, body)
        await ctx.audit("knowledge_synonym.remove", group_id, before=before.model_dump(mode="json"))

    return routes
