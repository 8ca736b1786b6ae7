"""/api/prompts: read and listened to with flow.read, changed with prompt.write."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from aiohttp import web

from callflow.prompts.schemas import (
    PromptListing,
    PromptRecordingQuery,
    PromptRestore,
    PromptSoundQuery,
    PromptSoundView,
    PromptTrial,
    PromptVersionView,
    PromptWords,
)
from callflow.prompts.service import PromptService
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.binding import read_body
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.ranges import send_bytes
from ivr.prompts.audio import MAX_BYTES
from ivr.prompts.catalogue import Language

RECORDING_TYPE = "application/octet-stream"
_WITHIN = timedelta(minutes=2)
_ONE = "/{prompt_id}/{language}"


def prompt_routes(service: PromptService) -> Routes:
    """The id of a number's word, "digits/7", is "digits.7" in an address."""
    routes = Routes("/api/prompts", tag="prompts")

    @routes.get("", permission=Permission.FLOW_READ)
    async def list_prompts(ctx: RequestContext) -> PromptListing:
        """All prompts, how each sounds on the line, and who says it."""
        return await service.listing(ctx.db)

    @routes.post("/trial", permission=Permission.PROMPT_WRITE, raw=True, transaction=False, produces="audio/wav")
    async def try_words(ctx: RequestContext, body: PromptTrial) -> web.StreamResponse:
        """Words as a caller would hear them; nothing is changed."""
        data = await service.trial(body.language, body.text, body.spoken)
        return web.Response(body=data, content_type="audio/wav", headers={"Cache-Control": "no-store"})

    @routes.get(f"{_ONE}/versions", permission=Permission.FLOW_READ, transaction=False)
    async def list_prompt_versions(ctx: RequestContext, prompt_id: str, language: Language) -> list[PromptVersionView]:
        """What it has said, the newest first."""
        return service.history(_id(prompt_id), language)

    @routes.get(f"{_ONE}/sound", permission=Permission.FLOW_READ, raw=True, transaction=False, produces="audio/wav")
    async def play_prompt(
        ctx: RequestContext, prompt_id: str, language: Language, query: PromptSoundQuery
    ) -> web.StreamResponse:
        """What callers hear, or heard, from the 8 kHz file; takes Range."""
        data = await service.wave(_id(prompt_id), language, query.version)
        return send_bytes(ctx.request, data, "audio/wav")

    @routes.put(f"{_ONE}/words", permission=Permission.PROMPT_WRITE, transaction=False)
    async def speak_prompt(
        ctx: RequestContext, prompt_id: str, language: Language, body: PromptWords
    ) -> PromptSoundView:
        """Have other words spoken by the voice; the next call hears them."""
        before, after = await service.speak(
            _id(prompt_id),
            language,
            body.text,
            body.spoken,
            version=body.version,
            new=body.new,
            by=ctx.user.name,
        )
        await _audit(ctx, "prompt.speak", prompt_id, before, after, spoken=after.spoken)
        return after

    @routes.post(
        f"{_ONE}/recording",
        permission=Permission.PROMPT_WRITE,
        status=201,
        transaction=False,
        consumes=RECORDING_TYPE,
    )
    async def record_prompt(
        ctx: RequestContext, prompt_id: str, language: Language, query: PromptRecordingQuery
    ) -> PromptSoundView:
        """Use a recording: the body is a WAV, FLAC, Ogg or MP3 file; the next call hears it, levelled and trimmed."""
        data = await read_body(ctx.request, most=MAX_BYTES, within=_WITHIN, media_type=RECORDING_TYPE)
        before, after = await service.record(
            _id(prompt_id),
            language,
            data,
            text=query.text,
            version=query.version,
            new=query.new,
            by=ctx.user.name,
        )
        digest = hashlib.sha256(data).hexdigest()
        await _audit(ctx, "prompt.upload", prompt_id, before, after, bytes=len(data), sha256=digest)
        return after

    @routes.post(f"{_ONE}/restore", permission=Permission.PROMPT_WRITE, transaction=False)
    async def restore_prompt(
        ctx: RequestContext, prompt_id: str, language: Language, body: PromptRestore
    ) -> PromptSoundView:
        """Go back to an earlier version, or to the words of the catalogue."""
        before, after = await service.restore(
            _id(prompt_id), language, body.number, version=body.version, by=ctx.user.name
        )
        await _audit(ctx, "prompt.restore", prompt_id, before, after, restores=body.number)
        return after

    return routes


def _id(prompt_id: str) -> str:
    return prompt_id.replace(".", "/", 1)


async def _audit(
    ctx: RequestContext,
    action: str,
    prompt_id: str,
    before: PromptSoundView | None,
    after: PromptSoundView,
    **more: object,
) -> None:
    made = {"before": None, "after": after.audited()}
    detail = changes(before.audited(), after.audited()) if before else made
    async with ctx.transaction():
        await ctx.audit(action, f"{after.language}/{_id(prompt_id)}", **detail, **more)
