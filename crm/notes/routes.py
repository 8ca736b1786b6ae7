"""Notes over HTTP."""

from __future__ import annotations

from crm.cases.audited import audited_fields
from crm.cases.opening import open_case
from crm.notes.schemas import MentionedPerson, NoteDraft, NoteQuery, NoteView, PersonQuery
from crm.notes.service import NoteService
from hotline.accounts.roles import Permission
from hotline.kernel.http import Page, RequestContext, Routes


def note_routes(service: NoteService) -> Routes:
    routes = Routes("/api/cases", tag="notes")

    @routes.get("/{case_id}/notes", permission=Permission.CASE_READ)
    async def list_notes(ctx: RequestContext, case_id: str, query: NoteQuery) -> Page[NoteView]:
        """The newest first. Units' people see those that are shared with units."""
        case = await open_case(ctx, service.cases, case_id)
        return await service.listed(ctx.db, case, query, who=ctx.user)

    @routes.post("/{case_id}/notes", permission=Permission.CASE_WRITE, status=201)
    async def add_note(ctx: RequestContext, case_id: str, body: NoteDraft) -> NoteView:
        """A note is never changed; one with `corrects` takes the place of another of the same person."""
        note, new = await service.add(ctx.db, case_id, body, who=ctx.user)
        if new:
            case = await service.cases.read(ctx.db, case_id, who=ctx.user)
            after = audited_fields({"content": note.text}, confidential=case.confidential)
            after |= {"case_id": case_id, "for_units": note.for_units, "mentions": len(body.mentions)}
            await ctx.audit("note.add", note.id, after=after, corrects=note.corrects)
        return (await service.views(ctx.db, [note], who=ctx.user))[0]

    @routes.get("/{case_id}/people", permission=Permission.CASE_WRITE)
    async def list_people(ctx: RequestContext, case_id: str, query: PersonQuery) -> list[MentionedPerson]:
        """People whom a note on this case may mention: those who may see it."""
        return await service.people(ctx.db, case_id, query, who=ctx.user)

    return routes
