"""The book of enterprises over HTTP."""

from __future__ import annotations

from crm.enterprises import repository
from crm.enterprises.schemas import (
    ContactChange,
    ContactDraft,
    ContactView,
    EnterpriseChange,
    EnterpriseDraft,
    EnterpriseQuery,
    EnterpriseRow,
    EnterpriseView,
)
from crm.enterprises.service import EnterpriseService, contact_of
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.accounts.searches import NumberSearches
from hotline.kernel.http import Page, RequestContext, Routes


def enterprise_routes(service: EnterpriseService) -> Routes:
    routes = Routes("/api/enterprises", tag="enterprises")
    searches = NumberSearches("enterprises")

    @routes.get("", permission=Permission.ENTERPRISE_READ)
    async def list_enterprises(ctx: RequestContext, query: EnterpriseQuery) -> Page[EnterpriseRow]:
        searches.count(ctx.user.user_id, query.search)
        return (await service.search(ctx.db, query)).page(EnterpriseRow.of)

    @routes.get("/{enterprise_id}", permission=Permission.ENTERPRISE_READ)
    async def read_enterprise(ctx: RequestContext, enterprise_id: str) -> EnterpriseView:
        """An id that was merged into another enterprise answers with that one."""
        row = await service.read(ctx.db, enterprise_id)
        return EnterpriseView.of(row, merged_ids=(await repository.ids_leading_to(ctx.db, row.id))[1:])

    _add_writing(routes, service)
    _add_contacts(routes, service)
    return routes


def _add_writing(routes: Routes, service: EnterpriseService) -> None:
    @routes.post("", permission=Permission.ENTERPRISE_WRITE, status=201)
    async def register_enterprise(ctx: RequestContext, body: EnterpriseDraft) -> EnterpriseView:
        made = EnterpriseView.of(await service.register(ctx.db, body, by=ctx.user.user_id, emit=ctx.emit))
        await ctx.audit("enterprise.create", made.id, after=made.audited())
        if made.credit_code_confirmed:
            await _audit_confirmation(ctx, made)
        return made

    @routes.patch("/{enterprise_id}", permission=Permission.ENTERPRISE_WRITE)
    async def update_enterprise(ctx: RequestContext, enterprise_id: str, body: EnterpriseChange) -> EnterpriseView:
        before = EnterpriseView.of(await service.read(ctx.db, enterprise_id))
        row = await service.update(ctx.db, enterprise_id, body, by=ctx.user.user_id, emit=ctx.emit)
        after = EnterpriseView.of(row)
        await ctx.audit("enterprise.change", after.id, **changes(before.audited(), after.audited()))
        if after.credit_code_confirmed and after.credit_code != before.credit_code:
            await _audit_confirmation(ctx, after)
        return after


async def _audit_confirmation(ctx: RequestContext, view: EnterpriseView) -> None:
    await ctx.audit("enterprise.confirm_credit_code", view.id, credit_code=view.credit_code)


def _add_contacts(routes: Routes, service: EnterpriseService) -> None:
    @routes.post("/{enterprise_id}/contacts", permission=Permission.ENTERPRISE_WRITE, status=201)
    async def add_contact(ctx: RequestContext, enterprise_id: str, body: ContactDraft) -> ContactView:
        row = await service.add_contact(ctx.db, enterprise_id, body, by=ctx.user.user_id, emit=ctx.emit)
        contact = ContactView.of(row)
        await ctx.audit("contact.create", contact.id, enterprise_id=enterprise_id, after=contact.audited())
        return contact

    @routes.patch("/{enterprise_id}/contacts/{contact_id}", permission=Permission.ENTERPRISE_WRITE)
    async def update_contact(
        ctx: RequestContext, enterprise_id: str, contact_id: str, body: ContactChange
    ) -> ContactView:
        before = ContactView.of(contact_of(await service.read(ctx.db, enterprise_id), contact_id))
        row = await service.update_contact(ctx.db, enterprise_id, contact_id, body, by=ctx.user.user_id, emit=ctx.emit)
        contact = ContactView.of(row)
        changed = changes(before.audited(), contact.audited())
        await ctx.audit("contact.change", contact.id, enterprise_id=enterprise_id, **changed)
        return contact

    @routes.post("/{enterprise_id}/contacts/{contact_id}/unmask", permission=Permission.NUMBER_UNMASK)
    async def unmask_contact(ctx: RequestContext, enterprise_id: str, contact_id: str) -> ContactView:
        """The contact with its numbers readable; each use is audited."""
        contact = contact_of(await service.read(ctx.db, enterprise_id), contact_id)
        await ctx.audit("contact.unmask", contact.id, enterprise_id=enterprise_id)
        return ContactView.of(contact, unmasked=True)
