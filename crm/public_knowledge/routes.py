"""The public knowledge base: pages for readers and crawlers, and the same over /api/portal."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from pydantic import ValidationError

from crm.attachments.routes import file_answer
from crm.public_knowledge.errors import PublicEntryGoneError
from crm.public_knowledge.frame import PATH, POLICY, PublicPage
from crm.public_knowledge.pages import entry_page, list_page, robots, sitemap, trouble_page
from crm.public_knowledge.schemas import PublicEntry, PublicKnowledgePage, PublicKnowledgeQuery
from crm.public_knowledge.service import PublicKnowledge
from crm.public_knowledge.texts import PublicLanguage
from hotline.kernel.errors import InvalidInputError, NotFoundError, TooManyRequestsError
from hotline.kernel.files import FileStore
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.rate import RateLimit, visitor_of

_FRESH = "no-cache"
"""Kept, and asked for again each time: what is withdrawn is gone at once."""
_HOUR = "public, max-age=3600"
_HOST = re.compile(r"^[A-Za-z0-9.\-_:\[\]]+$")
_PARAMETERS = {"q": "search", "kind": "kind", "category": "category_id", "cursor": "cursor"}
Make = Callable[[PublicPage], Awaitable[str]]


def public_knowledge_routes(service: PublicKnowledge, files: FileStore, *, public_url: str) -> list[Routes]:
    # One for pages and API: whoever reads the whole of it in a minute does so by the sitemap, slowly.
    limit = RateLimit("public knowledge by visitor", "120/minute; 3000/hour")
    return [_api(service, limit), _pages(service, files, limit, public_url), _crawling(service, public_url)]


def _api(service: PublicKnowledge, limit: RateLimit) -> Routes:
    routes = Routes("/api/portal/knowledge", tag="public")

    @routes.get("", public=True, limit=limit)
    async def list_public_knowledge(ctx: RequestContext, query: PublicKnowledgeQuery) -> PublicKnowledgePage:
        """What is published for everybody, the newest first; by a search, the best first."""
        return await service.page(ctx.db, query)

    @routes.get("/{entry_id}", public=True, limit=limit)
    async def read_public_knowledge(ctx: RequestContext, entry_id: str) -> PublicEntry:
        """410 for an entry that everybody could read once."""
        return await service.read(ctx.db, entry_id)

    return routes


def _pages(service: PublicKnowledge, files: FileStore, limit: RateLimit, public_url: str) -> Routes:
    routes = Routes(PATH, tag="public")

    @routes.get("", public=True, raw=True, transaction=False, described=False, produces="text/html")
    async def knowledge_list_page(ctx: RequestContext) -> web.StreamResponse:
        async def make(page: PublicPage) -> str:
            query = _query_of(ctx.request)
            async with ctx.database.snapshot() as db:
                found = await service.page(db, query)
                categories = await service.categories(db)
            return list_page(page, found, query, categories)

        return await _answer(ctx, limit, public_url, make)

    @routes.get("/{entry_id}", public=True, raw=True, transaction=False, described=False, produces="text/html")
    async def knowledge_entry_page(ctx: RequestContext, entry_id: str) -> web.StreamResponse:
        async def make(page: PublicPage) -> str:
            async with ctx.database.snapshot() as db:
                entry = await service.read(db, entry_id)
            return await asyncio.to_thread(entry_page, page, entry)

        return await _answer(ctx, limit, public_url, make)

    @routes.get(
        "/{entry_id}/files/{file_id}",
        public=True,
        raw=True,
        transaction=False,
        described=False,
        produces="application/octet-stream",
    )
    async def knowledge_file(ctx: RequestContext, entry_id: str, file_id: str) -> web.StreamResponse:
        page = PublicPage(language=PublicLanguage.CHINESE, origin=public_url.rstrip("/"))
        try:
            limit.hit(visitor_of(ctx.address))
            async with ctx.database.snapshot() as db:
                row = await service.read_file(db, entry_id, file_id)
            return file_answer(files, row.sha256, row.media_type, name=row.name, cache=_FRESH)
        except (NotFoundError, PublicEntryGoneError, TooManyRequestsError) as error:
            return _trouble(page, error.status)

    return routes


def _crawling(service: PublicKnowledge, public_url: str) -> Routes:
    routes = Routes("", tag="public")

    @routes.get("/robots.txt", public=True, raw=True, transaction=False, described=False, produces="text/plain")
    async def robots_file(ctx: RequestContext) -> web.StreamResponse:
        return _kept(ctx, robots(_origin(ctx.request, public_url)), "text/plain", cache=_HOUR)

    @routes.get(
        "/sitemap.xml",
        public=True,
        raw=True,
        transaction=False,
        described=False,
        produces="application/xml",
        limit=RateLimit("sitemap by visitor", "10/minute; 60/hour"),
    )
    async def sitemap_file(ctx: RequestContext) -> web.StreamResponse:
        async with ctx.database.snapshot() as db:
            addresses = await service.addresses(db)
        text = await asyncio.to_thread(sitemap, _origin(ctx.request, public_url), addresses)
        return _kept(ctx, text, "application/xml", cache=_HOUR)

    return routes


async def _answer(ctx: RequestContext, limit: RateLimit, public_url: str, make: Make) -> web.StreamResponse:
    """The page, or one that says what is wrong: a reader never gets a problem document."""
    english = ctx.request.query.get("lang") == "en"
    language = PublicLanguage.ENGLISH if english else PublicLanguage.CHINESE
    page = PublicPage(language=language, origin=public_url.rstrip("/"))
    try:
        limit.hit(visitor_of(ctx.address))
        return _kept(ctx, await make(page), "text/html", cache=_FRESH)
    except TooManyRequestsError as error:
        await ctx.audit_repeated("access.rate_limited", f"GET {PATH}", error_id=error.error_id)
        refused = _trouble(page, 429)
        refused.headers[hdrs.RETRY_AFTER] = str(error.context["retry_after"])
        return refused
    except (NotFoundError, PublicEntryGoneError) as error:
        return _trouble(page, error.status)
    except InvalidInputError:
        return _trouble(page, 400)


def _trouble(page: PublicPage, status: int) -> web.Response:
    response = web.Response(text=trouble_page(page, status), status=status, content_type="text/html")
    response.headers.update({"Content-Security-Policy": POLICY, hdrs.CACHE_CONTROL: "no-store"})
    return response


def _kept(ctx: RequestContext, text: str, kind: str, *, cache: str) -> web.Response:
    """With its ETag; 304 where the reader has it already. Crawlers may list it."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    known = {one.strip().removeprefix("W/") for one in ctx.request.headers.get(hdrs.IF_NONE_MATCH, "").split(",")}
    same = tag in known or "*" in known
    response = web.Response(status=304) if same else web.Response(text=text, content_type=kind)
    response.headers.update(
        {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: cache, "Content-Security-Policy": POLICY, "X-Robots-Tag": "all"}
    )
    return response


def _query_of(request: web.Request) -> PublicKnowledgeQuery:
    """What of the address is a question; other parameters are nobody's mistake. Raises InvalidInputError."""
    given = {field: request.query[name] for name, field in _PARAMETERS.items() if request.query.get(name)}
    try:
        return PublicKnowledgeQuery.model_validate(given)
    except ValidationError:
        raise InvalidInputError("The address names what is no search; start from the list.") from None


def _origin(request: web.Request, public_url: str) -> str:
    if public_url:
        return public_url.rstrip("/")
    return f"{request.scheme}://{request.host}" if _HOST.match(request.host) else ""
