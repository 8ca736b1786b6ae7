"""Ask a service on the web."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import structlog
from pydantic import Field, StringConstraints

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource, say_all
from callflow.ports import WebRequestError
from callflow.speech import SpeechItem, to_speech
from callflow.values import ValueName, ValueText, filled, plain_value

log = structlog.get_logger(__name__)

OK, FAILED, TIMEOUT = "ok", "failed", "timeout"

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
FieldPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}(\.[A-Za-z0-9_]{1,64}){0,7}$")]


class HttpOptions(Options):
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/@\s?#]+(/[^\s#]*)?$", max_length=500)]
    """https; also http where the setting flow_http.inside_hosts names the host."""
    method: Literal["GET", "POST"] = "POST"
    """GET sends the fields in the query, POST as a JSON object."""
    send: dict[FieldName, ValueText] = Field(default_factory=dict, max_length=20)
    """The fields, with values by name: `case: "{case}"`."""
    take: dict[ValueName, FieldPath] = Field(default_factory=dict, max_length=20)
    """Values from the JSON of the answer: `state: data.state`. Each must be there, as a number, as true or false, or as
    up to 64 letters, digits and `_.+-`; otherwise it failed and none is taken."""
    within: Annotated[timedelta, Field(ge=timedelta(milliseconds=100), le=timedelta(seconds=5))] = timedelta(seconds=3)
    """How long the caller waits in silence for the answer."""
    prompts: tuple[SpeechItem, ...] = ()
    """What is said before; a key ends it."""


def _in_safe_flow(source: SafeFlowSource[HttpOptions], out: Extension) -> None:
    say_all(source.options.prompts, out)
    out.go(source.branch(FAILED))


@action(
    "http",
    options=HttpOptions,
    outcomes=(OK, FAILED, TIMEOUT),
    safe=_in_safe_flow,
    degrades="Nothing is asked: the caller goes where `failed` leads.",
    example={"url": "https://oa.example.gov.cn/state", "send": {"case": "{case}"}, "take": {"state": "data.state"}},
)
async def http(ctx: FlowContext, options: HttpOptions) -> str:
    """Send values to a service and take values from its answer.

    The answer is JSON of at most 64 KiB. Redirects are not followed, and no address of the inside is asked but those of
    the setting `flow_http.inside_hosts`. With `flow_http.secret` the request is signed as the webhooks are. After a
    restart of the service it may be sent again.
    """
    await ctx.telephony.play(*to_speech(options.prompts, ctx.facts))
    values = {name: filled(text, ctx.facts) for name, text in options.send.items()}
    try:
        answer = await ctx.ports.web.ask(options.method, options.url, values, within=options.within)
    except TimeoutError:
        return TIMEOUT
    except WebRequestError as error:
        log.warning("flow request failed", call_id=ctx.facts.call_id, node=ctx.node, reason=str(error))
        return FAILED
    taken = {name: _at(answer, path) for name, path in options.take.items()}
    found = {name: value for name, value in taken.items() if value is not None}
    if len(found) < len(taken):
        missing = sorted(taken.keys() - found.keys())
        log.warning("flow request lacks values", call_id=ctx.facts.call_id, node=ctx.node, missing=missing)
        return FAILED
    ctx.facts.values.update(found)
    return OK


def _at(answer: Any, path: str) -> str | None:
    """The value at the path, as a flow's value; None where there is none that can be one."""
    for part in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(part)
        elif isinstance(answer, list) and part.isdecimal() and int(part) < len(answer):
            answer = answer[int(part)]
        else:
            return None
    match answer:
        case bool():
            return "true" if answer else "false"
        case int() | float() | str():
            return plain_value(str(answer))
    return None
