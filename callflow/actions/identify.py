"""Who is calling?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.events import CallIdentified
from callflow.ports import CallerIdentity

log = structlog.get_logger(__name__)


class IdentifyOptions(Options):
    within: timedelta = timedelta(milliseconds=300)
    """The caller hears nothing meanwhile; what takes longer is not worth it."""


def _in_safe_flow(source: SafeFlowSource[IdentifyOptions], out: Extension) -> None:
    # The directory is the service's: without it an unknown caller is served as one.
    out.go(source.branch("unknown"))


@action(
    "identify",
    options=IdentifyOptions,
    outcomes=("unknown", "known", "skip_menu"),
    safe=_in_safe_flow,
    degrades="Every caller is `unknown`.",
)
async def identify(ctx: FlowContext, options: IdentifyOptions) -> str:
    """Look the caller's number up; `skip_menu` is a known enterprise that goes straight to its queue."""
    identity = await _look_up(ctx, options)
    if identity is None:
        return "unknown"
    ctx.facts.identity = identity
    ctx.publish(
        CallIdentified(
            at=ctx.ports.clock.now(),
            call_id=ctx.facts.call_id,
            enterprise_id=identity.enterprise_id,
            contact_id=identity.contact_id,
            enterprise_name=identity.enterprise_name,
            contact_name=identity.contact_name,
        )
    )
    return "skip_menu" if identity.skip_menu and identity.enterprise_id else "known"


async def _look_up(ctx: FlowContext, options: IdentifyOptions) -> CallerIdentity | None:
    if not ctx.facts.caller_number:
        return None
    try:
        async with asyncio.timeout(options.within.total_seconds()):
            return await ctx.ports.directory.identify(ctx.facts.caller_number)
    except TimeoutError:
        log.warning("caller identification timed out", call_id=ctx.facts.call_id)
    except Exception:
        # Whatever the directory suffers from, the caller is served.
        log.exception("caller directory failed", call_id=ctx.facts.call_id)
    return None
