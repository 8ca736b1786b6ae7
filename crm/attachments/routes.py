"""Attachments over HTTP: the file is the body, what is said of it the query."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import hdrs, web

from crm.attachments import repository
from crm.attachments.kinds import file_type
from crm.attachments.models import Attachment
from crm.attachments.schemas import (
    AttachmentList,
    AttachmentRemoval,
    AttachmentView,
    UploadQuery,
    audited_attachment,
)
from crm.attachments.service import AttachmentService, may_remove
from crm.attachments.upload import CONTENT_TYPE, UploadSlots, check_declared, pieces
from crm.cases.opening import open_case
from hotline.accounts.roles import Permission
from hotline.kernel.errors import NotFoundError
from hotline.kernel.files import FileStore
from hotline.kernel.http import RequestContext, Routes

_CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whatever a browser makes of a file, it runs nothing and belongs to no site."""


def attachment_routes(service: AttachmentService) -> Routes:
    routes = Routes("/api/cases", tag="attachments")
    _add_writing(routes, service)
    _add_downloads(routes, service)
    return routes


def _add_writing(routes: Routes, service: AttachmentService) -> None:
    slots = UploadSlots()

    @routes.get("/{case_id}/attachments", permission=Permission.CASE_READ)
    async def list_attachments(ctx: RequestContext, case_id: str) -> AttachmentList:
        case = await open_case(ctx, service.cases, case_id)
        rows = await service.listed(ctx.db, case, who=ctx.user)
        names = await repository.user_names(ctx.db, (row.uploaded_by for row in rows))
        writes = ctx.may(Permission.CASE_WRITE)
        return AttachmentList(
            items=[
                AttachmentView.of(row, names=names, may_remove=writes and may_remove(ctx.user, row)) for row in rows
            ],
            most=service.limits.most_per_case,
            most_bytes=service.limits.most_bytes,
        )

    @routes.post(
        "/{case_id}/attachments",
        permission=Permission.CASE_WRITE,
        status=201,
        transaction=False,
        consumes=CONTENT_TYPE,
    )
    async def upload_attachment(ctx: RequestContext, case_id: str, query: UploadQuery) -> AttachmentView:
        """The body is the file as it is; its type is determined by its content.

        The same upload sent again, with the same `id`, answers with the same attachment.
        """
        most = service.limits.most_bytes
        check_declared(ctx.request, most=most)
        async with ctx.database.snapshot() as db:
            await service.check_room(db, case_id, who=ctx.user)
        with slots.taken():
            async with service.files.receive(pieces(ctx.request, ctx.clock), most=most) as received:
                kind = await asyncio.to_thread(file_type, received.path)
                thumbnail = await service.prepare(received, kind)
                async with ctx.transaction() as db:
                    row, new = await service.add(db, case_id, query, received, kind, thumbnail=thumbnail, who=ctx.user)
                    if new:
                        await ctx.audit("attachment.add", row.id, after=audited_attachment(row))
        return AttachmentView.of(row, names={ctx.user.user_id: ctx.user.name}, may_remove=may_remove(ctx.user, row))

    @routes.post("/{case_id}/attachments/{attachment_id}/remove", permission=Permission.CASE_WRITE)
    async def remove_attachment(
        ctx: RequestContext, case_id: str, attachment_id: str, body: AttachmentRemoval
    ) -> AttachmentView:
        """The entry stays, with the reason; the content is removed in one of the next nights."""
        row, before = await service.remove(ctx.db, case_id, attachment_id, body, who=ctx.user)
        after = audited_attachment(row)
        await ctx.audit("attachment.remove", row.id, before=after | {"state": before}, after=after, reason=body.reason)
        names = await repository.user_names(ctx.db, [row.uploaded_by])
        return AttachmentView.of(row, names=names, may_remove=False)


def _add_downloads(routes: Routes, service: AttachmentService) -> None:
    async def found(ctx: RequestContext, case_id: str, attachment_id: str) -> Attachment:
        async with ctx.database.snapshot() as db:
            return await service.read(db, case_id, attachment_id, who=ctx.user)

    @routes.get(
        "/{case_id}/attachments/{attachment_id}/content",
        permission=Permission.CASE_READ,
        raw=True,
        transaction=False,
        produces=CONTENT_TYPE,
    )
    async def download_attachment(ctx: RequestContext, case_id: str, attachment_id: str) -> web.StreamResponse:
        """The file, whole or in ranges; each download is audited."""
        row = await found(ctx, case_id, attachment_id)
        if hdrs.RANGE in ctx.request.headers:
            # A player asks for many parts of one recording.
            await ctx.audit_repeated("attachment.download", row.id, case_id=case_id, part=True)
        else:
            await ctx.audit("attachment.download", row.id, case_id=case_id)
        return file_answer(service.files, row.sha256, row.media_type, name=row.name)

    @routes.get(
        "/{case_id}/attachments/{attachment_id}/thumbnail",
        permission=Permission.CASE_READ,
        raw=True,
        transaction=False,
        produces="image/jpeg",
    )
    async def read_thumbnail(ctx: RequestContext, case_id: str, attachment_id: str) -> web.StreamResponse:
        """A small JPEG of a picture. Raises 404 where there is none."""
        row = await found(ctx, case_id, attachment_id)
        if row.thumbnail is None:
            raise NotFoundError("The file has no thumbnail.")
        return file_answer(service.files, row.thumbnail, "image/jpeg", name="thumbnail.jpg")


def file_answer(
    files: FileStore, sha256: str, media_type: str, *, name: str, cache: str = "private, no-store"
) -> web.FileResponse:
    """A download that runs nothing. Raises NotFoundError."""
    path = files.path(sha256)
    if not path.is_file():
        raise NotFoundError("The content of this file is not in the store; tell the operator of the service.")
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: media_type,
            hdrs.CONTENT_DISPOSITION: content_disposition(name),
            hdrs.CACHE_CONTROL: cache,
            "Content-Security-Policy": _CONTENT_POLICY,
        },
    )


def content_disposition(name: str) -> str:
    """For a download under `name`; programs that know no RFC 6266 get its ending alone."""
    _, dot, suffix = name.rpartition(".")
    plain = f"file.{suffix}" if dot and suffix.isascii() and suffix.isalnum() else "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
