"""/api/flows: read with flow.read, changed with flow.write."""

from __future__ import annotations

import asyncio
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from callflow.lint.view import FindingView
from callflow.source import FlowInvalidError
from callflow.versions import repository
from callflow.versions.compare import compare
from callflow.versions.schemas import (
    EntryNumbersChange,
    FlowCheck,
    FlowCheckResult,
    FlowComparison,
    FlowCreate,
    FlowDraftChange,
    FlowDraftView,
    FlowSummary,
    FlowVersionSummary,
    FlowVersionView,
    FlowView,
    PublicationView,
    PublishDraft,
    PublishVersion,
)
from callflow.versions.service import DRAFT, FlowService, read_document
from callflow.versions.text import to_json, to_yaml
from callflow.versions.views import (
    flow_summary,
    flow_view,
    publication_view,
    publication_views,
    version_summary,
    version_view,
)
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, PageQuery, RequestContext, Routes

_MOST = 4_000_000
"""Bytes of a document: its longest text, half of it in Chinese."""


class CompareQuery(BaseModel):
    """0 is the draft."""

    before: int = Field(ge=0)
    after: int = Field(default=DRAFT, ge=0)


class FileQuery(BaseModel):
    form: Literal["yaml", "json"] = "yaml"


def flow_routes(service: FlowService) -> Routes:
    routes = Routes("/api/flows", tag="flows")

    @routes.get("", permission=Permission.FLOW_READ)
    async def list_flows(ctx: RequestContext) -> list[FlowSummary]:
        """All flows, with what of each is in force."""
        return [await flow_summary(ctx.db, row, ctx.clock.now()) for row in await repository.flows(ctx.db)]

    @routes.post("", permission=Permission.FLOW_WRITE, status=201)
    async def create_flow(ctx: RequestContext, body: FlowCreate) -> FlowView:
        """A flow with a copy of another as its draft; it answers no number yet."""
        by = ctx.user.user_id
        await service.create(ctx.db, body.id, body.title, body.copy_of, body.number, by=by)
        await ctx.audit("flow.create", body.id, after=body.model_dump(mode="json"))
        return await flow_view(ctx.db, await service.flow(ctx.db, body.id), ctx.clock.now(), service.findings)

    @routes.post("/check", permission=Permission.FLOW_READ, transaction=False, max_body=_MOST)
    async def check_flow(ctx: RequestContext, body: FlowCheck) -> FlowCheckResult:
        """What is wrong with a document; nothing is kept."""
        try:
            content = await asyncio.to_thread(read_document, body.document, body.text)
        except FlowInvalidError:
            # Only lint says it in the reader's language.
            problems = await service.findings(body.text if body.text is not None else body.document or {})
            return FlowCheckResult(problems=[FindingView.of(one) for one in problems])
        text = body.text if body.text is not None else await asyncio.to_thread(to_yaml, content)
        problems = await service.findings(text)
        return FlowCheckResult(problems=[FindingView.of(one) for one in problems], document=content, text=text)

    @routes.get("/{flow_id}", permission=Permission.FLOW_READ)
    async def read_flow(ctx: RequestContext, flow_id: str) -> FlowView:
        return await flow_view(ctx.db, await service.flow(ctx.db, flow_id), ctx.clock.now(), service.findings)

    @routes.put("/{flow_id}/draft", permission=Permission.FLOW_WRITE, transaction=False, max_body=_MOST)
    async def save_draft(ctx: RequestContext, flow_id: str, body: FlowDraftChange) -> FlowDraftView:
        """Keep the draft, also with problems; what cannot be read at all is refused with its line."""
        content = await asyncio.to_thread(read_document, body.document, body.text)
        async with ctx.transaction() as db:
            before = await service.content(db, flow_id, DRAFT)
            row = await service.save_draft(db, flow_id, content, body.version, by=ctx.user.user_id)
            after = await service.content(db, flow_id, DRAFT)
            changed = [each.model_dump(mode="json") for each in compare(before, after)]
            await ctx.audit("flow.draft", flow_id, version=row.draft_version, changed=changed)
            return (await flow_view(db, row, ctx.clock.now(), service.findings)).draft

    @routes.get("/{flow_id}/compare", permission=Permission.FLOW_READ)
    async def compare_versions(ctx: RequestContext, flow_id: str, query: CompareQuery) -> FlowComparison:
        """What differs, node by node."""
        before = await service.content(ctx.db, flow_id, query.before)
        after = await service.content(ctx.db, flow_id, query.after)
        return FlowComparison(before=query.before, after=query.after, differences=compare(before, after))

    @routes.put("/{flow_id}/numbers", permission=Permission.FLOW_WRITE)
    async def set_numbers(ctx: RequestContext, flow_id: str, body: EntryNumbersChange) -> FlowSummary:
        """Which numbers this flow answers, and by which alias."""
        flow = await service.flow(ctx.db, flow_id)
        before = (await flow_summary(ctx.db, flow, ctx.clock.now())).entry_numbers
        await service.set_numbers(ctx.db, flow_id, body.numbers)
        view = await flow_summary(ctx.db, flow, ctx.clock.now())
        await ctx.audit("flow.numbers", flow_id, before=before, after=view.entry_numbers)
        return view

    return routes


def publication_routes(service: FlowService) -> Routes:
    routes = Routes("/api/flows/{flow_id}", tag="flows")

    @routes.post("/publish", permission=Permission.FLOW_WRITE, status=201, transaction=False)
    async def publish_draft(ctx: RequestContext, flow_id: str, body: PublishDraft) -> PublicationView:
        """Make the draft a version that new calls begin on; calls that run stay on theirs."""
        async with ctx.database.snapshot() as db:
            content = await service.content(db, flow_id, DRAFT)
        await service.require_fit(content, despite_tests=body.despite_tests)
        async with ctx.transaction() as db:
            before = await service.live_number(db, flow_id, body.alias)
            row = await service.publish_draft(
                db,
                flow_id,
                draft_version=body.draft_version,
                alias=body.alias,
                live=body.live,
                note=body.note,
                starts_at=body.starts_at,
                by=ctx.user.user_id,
            )
            view = publication_view(row, {ctx.user.user_id: ctx.user.name})
            more = {"despite_tests": True} if body.despite_tests else {}
            await _audit(ctx, "flow.publish", flow_id, before, view, **more)
            return view

    @routes.post("/publications", permission=Permission.FLOW_WRITE, status=201)
    async def publish_version(ctx: RequestContext, flow_id: str, body: PublishVersion) -> PublicationView:
        """Put a version in force that there is already: the way back."""
        before = await service.live_number(ctx.db, flow_id, body.alias)
        row = await service.put_in_force(
            ctx.db,
            flow_id,
            body.number,
            alias=body.alias,
            live=body.live,
            reason=body.reason,
            starts_at=body.starts_at,
            by=ctx.user.user_id,
        )
        view = publication_view(row, {ctx.user.user_id: ctx.user.name})
        await _audit(ctx, "flow.publish_version", flow_id, before, view)
        return view

    @routes.get("/publications", permission=Permission.FLOW_READ)
    async def list_publications(ctx: RequestContext, flow_id: str, query: PageQuery) -> Page[PublicationView]:
        """What was in force when, the newest first."""
        found = await repository.publications(ctx.db, flow_id, query)
        names = await repository.user_names(ctx.db, (row.published_by for row in found.rows))
        return found.page(lambda row: publication_view(row, names))

    @routes.delete("/publications/{publication_id}", permission=Permission.FLOW_WRITE)
    async def cancel_publication(ctx: RequestContext, flow_id: str, publication_id: str) -> PublicationView:
        """Drop a publication that has not started."""
        row = await service.cancel(ctx.db, flow_id, publication_id)
        (view,) = await publication_views(ctx.db, (row,))
        await ctx.audit("flow.cancel_publication", flow_id, before=view.model_dump(mode="json"))
        return view

    @routes.get("/versions", permission=Permission.FLOW_READ)
    async def list_versions(ctx: RequestContext, flow_id: str, query: PageQuery) -> Page[FlowVersionSummary]:
        """The newest first."""
        await service.flow(ctx.db, flow_id)
        found = await repository.versions(ctx.db, flow_id, query)
        names = await repository.user_names(ctx.db, (row.created_by for row in found.rows))
        return found.page(lambda row: version_summary(row, names))

    @routes.get("/versions/{number}", permission=Permission.FLOW_READ)
    async def read_version(ctx: RequestContext, flow_id: str, number: int) -> FlowVersionView:
        return await version_view(ctx.db, await service.version(ctx.db, flow_id, number))

    @routes.get(
        "/versions/{number}/file",
        permission=Permission.FLOW_READ,
        raw=True,
        produces=("application/yaml", "application/json"),
    )
    async def export_version(ctx: RequestContext, flow_id: str, number: int, query: FileQuery) -> web.Response:
        """The document as a file; 0 is the draft."""
        content = await service.content(ctx.db, flow_id, number)
        text = await asyncio.to_thread(to_yaml if query.form == "yaml" else to_json, content)
        name = f"{flow_id}-{number or 'draft'}.{query.form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(text=text, content_type=f"application/{query.form}", headers=headers)

    return routes


async def _audit(
    ctx: RequestContext, action: str, flow_id: str, before: int, view: PublicationView, **more: bool
) -> None:
    await ctx.audit(action, flow_id, before={"number": before}, after=view.model_dump(mode="json") | more)
