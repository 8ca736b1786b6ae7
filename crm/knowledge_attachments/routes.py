"""Files of entries over HTTP: the file is the body, its name the query."""

from __future__ import annotations

import asyncio

from aiohttp import web

from crm.attachments.kinds import file_type
from crm.attachments.routes import file_answer
from crm.attachments.upload import CONTENT_TYPE, UploadSlots, check_declared, pieces
from crm.knowledge_attachments.schemas import KnowledgeFileRemoval, KnowledgeFileView, KnowledgeUploadQuery
from crm.knowledge_attachments.service import KnowledgeAttachments, audited_file
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes

_ONE = "/{entry_id}/attachments"


def knowledge_file_routes(service: KnowledgeAttachments) -> Routes:
    routes = Routes("/api/knowledge", tag="knowledge")
    slots = UploadSlots()

    @routes.get(_ONE, permission=Permission.KNOWLEDGE_READ)
    async def list_knowledge_files(ctx: RequestContext, entry_id: str) -> list[KnowledgeFileView]:
        """Of all versions; which of them each has stands in its content."""
        rows = await service.listed(ctx.db, entry_id, who=ctx.user)
        return [KnowledgeFileView.model_validate(row) for row in rows]

    @routes.post(_ONE, permission=Permission.KNOWLEDGE_WRITE, status=201, transaction=False, consumes=CONTENT_TYPE)
    async def upload_knowledge_file(
        ctx: RequestContext, entry_id: str, query: KnowledgeUploadQuery
    ) -> KnowledgeFileView:
        """Into the entry's draft. The body is the file as it is; its type is determined by its content."""
        check_declared(ctx.request, most=service.most_bytes)
        async with ctx.database.snapshot() as db:
            await service.check_room(db, entry_id, who=ctx.user)
        with slots.taken():
            async with service.files.receive(pieces(ctx.request, ctx.clock), most=service.most_bytes) as received:
                kind = await asyncio.to_thread(file_type, received.path)
                await service.files.keep(received)
                async with ctx.transaction() as db:
                    row, new = await service.add(db, entry_id, query, received, kind, who=ctx.user)
                    if new:
                        await ctx.audit("knowledge.attach", entry_id, file=row.id, after=audited_file(row))
        return KnowledgeFileView.model_validate(row)

    @routes.post(f"{_ONE}/{{file_id}}/remove", permission=Permission.KNOWLEDGE_WRITE)
    async def remove_knowledge_file(
        ctx: RequestContext, entry_id: str, file_id: str, body: KnowledgeFileRemoval
    ) -> None:
        """Out of the draft; versions that have it keep it."""
        row = await service.remove(ctx.db, entry_id, file_id, version=body.version, who=ctx.user)
        await ctx.audit("knowledge.detach", entry_id, file=file_id, before=audited_file(row) if row else {})

    @routes.get(
        f"{_ONE}/{{file_id}}/content",
        permission=Permission.KNOWLEDGE_READ,
        raw=True,
        transaction=False,
        produces=CONTENT_TYPE,
    )
    async def download_knowledge_file(ctx: RequestContext, entry_id: str, file_id: str) -> web.StreamResponse:
        async with ctx.database.snapshot() as db:
            row = await service.read(db, entry_id, file_id, who=ctx.user)
        return file_answer(service.files, row.sha256, row.media_type, name=row.name)

    return routes
