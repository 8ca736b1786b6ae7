"""The call log over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from cti.calls import repository
from cti.calls.exports.files import MOST_ROWS, ExportTooLargeError, heading, lines
from cti.calls.recordings.playback import send_recording
from cti.calls.schemas import CallDetail, CallerNumber, CallFilter, CallRow, ExportQuery, Peaks, RecordingQuery
from cti.calls.service import CallLog
from hotline.accounts.roles import Permission
from hotline.accounts.searches import NumberSearches
from hotline.kernel.http import Page, RequestContext, Routes
from hotline.kernel.tabular_export import EXPORT_TYPES, send_table


def call_routes(calls: CallLog, zone: ZoneInfo) -> Routes:
    routes = Routes("/api/calls", tag="calls")
    searches = NumberSearches("calls")

    @routes.get("", permission=Permission.CALL_READ)
    async def list_calls(ctx: RequestContext, query: CallFilter) -> Page[CallRow]:
        searches.count(ctx.user.user_id, query.search)
        return await calls.page(ctx.db, query, who=ctx.user)

    # Before the one below, which would take "export" for a call.
    @routes.get("/export", permission=Permission.CALL_EXPORT, raw=True, transaction=False, produces=EXPORT_TYPES)
    async def export_calls(ctx: RequestContext, query: ExportQuery) -> web.StreamResponse:
        """The same calls as a file: `format=csv` or `format=xlsx`."""
        return await _export(ctx, calls, query, zone)

    @routes.get("/{call_id}", permission=Permission.CALL_READ)
    async def read_call(ctx: RequestContext, call_id: str) -> CallDetail:
        return await calls.detail(ctx.db, call_id, who=ctx.user)

    @routes.get(
        "/{call_id}/recording",
        permission=Permission.RECORDING_PLAY,
        raw=True,
        transaction=False,
        produces="audio/wav",
    )
    async def play_recording(ctx: RequestContext, call_id: str, query: RecordingQuery) -> web.StreamResponse:
        """One side of the conversation, both, or the message left; takes Range. Each listening is audited."""
        await _read_shortly(ctx, calls, call_id)
        recording = await calls.recording(call_id, query.side)
        await calls.playback_audit.note(
            ctx.user.user_id,
            call_id,
            query.side,
            lambda: ctx.audit("recording.play", call_id, side=query.side.value),
        )
        return await send_recording(ctx.request, recording)

    @routes.get("/{call_id}/peaks", permission=Permission.RECORDING_PLAY, transaction=False)
    async def read_peaks(ctx: RequestContext, call_id: str, query: RecordingQuery) -> Peaks:
        await _read_shortly(ctx, calls, call_id)
        return await calls.peaks(call_id, query.side)

    @routes.post("/{call_id}/unmask", permission=Permission.NUMBER_UNMASK)
    async def unmask_call(ctx: RequestContext, call_id: str) -> CallerNumber:
        """The caller's number, readable; each use is audited."""
        row = await calls.read(ctx.db, call_id, who=ctx.user)
        await ctx.audit("call.unmask", row.call_id)
        return CallerNumber(caller_number=row.caller_number)

    return routes


async def _read_shortly(ctx: RequestContext, calls: CallLog, call_id: str) -> None:
    """Whether the user may hear this call; the session is not kept for as long as a file is sent."""
    async with ctx.database.snapshot() as db:
        await calls.read(db, call_id, who=ctx.user)


async def _export(ctx: RequestContext, calls: CallLog, query: ExportQuery, zone: ZoneInfo) -> web.StreamResponse:
    scope = calls.scope(ctx.user)
    async with ctx.database.snapshot() as db:
        rows = await repository.count(db, query, scope, up_to=MOST_ROWS + 1)
    if rows > MOST_ROWS:
        raise ExportTooLargeError(f"More than {MOST_ROWS} calls match; give a shorter time, or more filters.")
    filters = query.model_dump(mode="json", exclude_defaults=True, exclude={"search", "format", "limit", "cursor"})
    await ctx.audit("call.export", "calls", rows=rows, format=query.format.value, filters=filters)
    name = f"calls-{ctx.clock.now().astimezone(zone):%Y%m%d-%H%M%S}"
    pages = calls.export_pages(ctx.database, query, scope, ctx.user)
    return await send_table(ctx.request, heading(zone), lines(pages, zone), form=query.format, name=name, sheet="calls")
