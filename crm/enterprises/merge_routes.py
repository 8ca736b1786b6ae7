"""Duplicates, merges and notes over HTTP."""

from __future__ import annotations

from sqlalchemy import select

from crm.enterprises import duplicate_queries, merge_queries
from crm.enterprises.duplicates import DuplicateFinder
from crm.enterprises.merge_schemas import (
    DuplicateQuery,
    DuplicateView,
    EnterpriseNoteDraft,
    EnterpriseNoteView,
    MergeBody,
    MergeList,
    MergeView,
    UndoView,
)
from crm.enterprises.merging import EnterpriseMerges
from crm.enterprises.models import EnterpriseDuplicate, EnterpriseNote
from crm.enterprises.schemas import EnterpriseRow, EnterpriseView
from crm.enterprises.service import EnterpriseService
from hotline.accounts.roles import Permission
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Page, PageQuery, RequestContext, Routes
from hotline.kernel.ids import uuid7


def merge_routes(service: EnterpriseService, merges: EnterpriseMerges, finder: DuplicateFinder) -> Routes:
    routes = Routes("/api", tag="enterprises")
    _add_duplicates(routes)
    _add_merges(routes, service, merges, finder)
    _add_notes(routes, service)
    return routes


def _add_duplicates(routes: Routes) -> None:
    @routes.get("/enterprise-duplicates", permission=Permission.ENTERPRISE_MANAGE)
    async def list_enterprise_duplicates(ctx: RequestContext, query: DuplicateQuery) -> Page[DuplicateView]:
        """Pairs of enterprises that may be one, with the reasons."""
        found, rows = await duplicate_queries.page(ctx.db, query, enterprise_id=query.enterprise_id)

        def view(row: EnterpriseDuplicate) -> DuplicateView:
            first, second = (EnterpriseRow.of(rows[id_]) for id_ in (row.first_id, row.second_id))
            return DuplicateView(id=row.id, reasons=row.reasons, found_at=row.found_at, first=first, second=second)

        return found.page(view)

    @routes.post("/enterprise-duplicates/{duplicate_id}/keep-apart", permission=Permission.ENTERPRISE_MANAGE)
    async def keep_enterprises_apart(ctx: RequestContext, duplicate_id: str) -> None:
        """They are two; the pair is not shown again. Safe to call twice."""
        query = select(EnterpriseDuplicate).where(EnterpriseDuplicate.id == duplicate_id).with_for_update()
        row = (await ctx.db.scalars(query)).one_or_none()
        if row is None:
            raise NotFoundError("No pair has this id; load the list again.")
        if row.kept_apart_at is None:
            row.kept_apart_at, row.kept_apart_by = ctx.clock.now(), ctx.user.user_id
            await ctx.audit("enterprise.keep_apart", row.first_id, other=row.second_id, reasons=row.reasons)


def _add_merges(routes: Routes, service: EnterpriseService, merges: EnterpriseMerges, finder: DuplicateFinder) -> None:
    @routes.post("/enterprise-merges", permission=Permission.ENTERPRISE_MANAGE, status=201)
    async def merge_enterprises(ctx: RequestContext, body: MergeBody) -> MergeView:
        """Contacts, numbers, cases, calls and notes of the one are the other's afterwards."""
        before = {
            id_: EnterpriseView.of(await service.read(ctx.db, id_)).audited()
            for id_ in (body.survivor_id, body.merged_id)
        }
        merge = await merges.merge(ctx.db, body, by=ctx.user, emit=ctx.emit)
        survivor = await service.read(ctx.db, merge.survivor_id)
        await finder.look_at(ctx.db, survivor)
        view = MergeView.of(merge)
        await ctx.audit(
            "enterprise.merge",
            merge.survivor_id,
            merge_id=merge.id,
            merged=merge.merged_id,
            before=before,
            after=EnterpriseView.of(survivor).audited(),
            moved={"contacts": view.contacts, "cases": view.cases, "notes": view.notes},
        )
        return view

    @routes.get("/enterprises/{enterprise_id}/merges", permission=Permission.ENTERPRISE_READ)
    async def list_enterprise_merges(ctx: RequestContext, enterprise_id: str) -> MergeList:
        rows = await merge_queries.merges_of(ctx.db, enterprise_id)
        return MergeList(items=[MergeView.of(row) for row in rows])

    @routes.post("/enterprise-merges/{merge_id}/undo", permission=Permission.ENTERPRISE_MANAGE)
    async def undo_enterprise_merge(ctx: RequestContext, merge_id: str) -> UndoView:
        """They are two again, with all that the merge moved; the answer names what stays."""
        done = await merges.undo(ctx.db, merge_id, by=ctx.user, emit=ctx.emit)
        moved = {"contacts": done.contacts, "cases": done.cases, "notes": done.notes}
        for id_ in (done.merge.survivor_id, done.merge.merged_id):
            await finder.look_at(ctx.db, await service.read(ctx.db, id_))
        await ctx.audit(
            "enterprise.undo_merge",
            done.merge.survivor_id,
            merge_id=merge_id,
            merged=done.merge.merged_id,
            moved=moved,
            kept=list(done.kept),
        )
        return UndoView(merge=MergeView.of(done.merge), kept=list(done.kept), **moved)


def _add_notes(routes: Routes, service: EnterpriseService) -> None:
    @routes.get("/enterprises/{enterprise_id}/notes", permission=Permission.ENTERPRISE_READ)
    async def list_enterprise_notes(
        ctx: RequestContext, enterprise_id: str, query: PageQuery
    ) -> Page[EnterpriseNoteView]:
        row = await service.read(ctx.db, enterprise_id)
        return (await merge_queries.notes(ctx.db, row.id, query)).page(EnterpriseNoteView.of)

    @routes.post("/enterprises/{enterprise_id}/notes", permission=Permission.ENTERPRISE_WRITE, status=201)
    async def add_enterprise_note(
        ctx: RequestContext, enterprise_id: str, body: EnterpriseNoteDraft
    ) -> EnterpriseNoteView:
        row = await service.read(ctx.db, enterprise_id)
        note = EnterpriseNote(
            id=uuid7(),
            enterprise_id=row.id,
            author_id=ctx.user.user_id,
            author_name=ctx.user.name[:100],
            text=body.text,
            created_at=ctx.clock.now(),
        )
        ctx.db.add(note)
        await ctx.db.flush()
        await ctx.audit("enterprise.add_note", row.id, note_id=note.id, characters=len(body.text))
        return EnterpriseNoteView.of(note)
