"""Send an SMS, or word to a webhook."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from callflow.action import FlowContext, Options, action
from callflow.compile.dialplan import Extension
from callflow.compile.library import SafeFlowSource
from callflow.ports import FlowMessage
from callflow.values import ValueText, fill, filled
from hotline.kernel.words import VISIBLE

DONE, FAILED = "done", "failed"

SmsText = Annotated[str, StringConstraints(max_length=200), VISIBLE]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]


class NotifyOptions(Options):
    text: SmsText = ""
    """The SMS: your words, with values by name, such as `{case}`. The hotline's name is put before."""
    text_en: SmsText = ""
    """The same for callers of English; left out, they get the other one."""
    to: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{5,15})?$")] = ""
    """The mobile number; left out, the caller's own."""
    webhook: Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,49})?$")] = ""
    """Instead of an SMS: a webhook of the settings (`notices.webhooks`), by its name."""
    send: dict[FieldName, ValueText] = Field(default_factory=dict, max_length=20)
    """What the webhook gets, with values by name: `case: "{case}"`."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.text) == bool(self.webhook):
            raise ValueError("say text for an SMS, or webhook")
        return self


def _in_safe_flow(source: SafeFlowSource[NotifyOptions], out: Extension) -> None:
    out.go(source.branch(FAILED))


@action(
    "notify",
    options=NotifyOptions,
    outcomes=(DONE, FAILED),
    safe=_in_safe_flow,
    degrades="Nothing is sent: the caller goes where `failed` leads.",
    example={"text": "办理指南：https://12345.example.gov.cn/guide"},
)
async def notify(ctx: FlowContext, options: NotifyOptions) -> str:
    """Send an SMS or call a webhook, once a call and node; the caller waits for nobody.

    The message goes by the outbox of the notices: it is tried again, and one that was given up is listed there.
    `failed`: no SMS provider or webhook is set, the number takes no SMS, or it has got enough of them (5 an hour, 10 a
    day).
    """
    english = ctx.facts.language == "en" and bool(options.text_en)
    message = FlowMessage(
        call_id=ctx.facts.call_id,
        node=ctx.node,
        number=options.to or ctx.facts.caller_number,
        text=fill(options.text_en if english else options.text, ctx.facts),
        language="en" if english else "zh",
        webhook=options.webhook,
        values={name: filled(text, ctx.facts) for name, text in options.send.items()},
    )
    return DONE if ctx.ports.messages(message) else FAILED
