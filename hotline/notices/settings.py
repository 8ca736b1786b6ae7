"""The settings of notices: who gets webhooks, and how SMS are sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator

from hotline.kernel.settings import Section


class WebhookSettings(Section):
    """One [[notices.webhooks]]: posted to, signed, when something concerns these units."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")
    url: str = Field(pattern=r"^https?://[^/@\s?#]+(/[^\s#]*)?$")
    """https; http only within notices.private_networks."""
    secret: SecretStr = Field(min_length=16)
    """What the signature is made with: at least 16 characters."""
    units: tuple[str, ...] = ()
    """Ids of handling units, as in the address of a unit's page; none: all."""
    kinds: tuple[str, ...] = ()
    """Kinds of notice, such as assigned, urged; none: all."""


class NoticeSettings(Section):
    hotline: str = Field(default="12345热线", min_length=1, max_length=40)
    """The hotline's name in notices and as the signature of an SMS."""
    webhooks: tuple[WebhookSettings, ...] = ()
    private_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks that are not public, to which SMS gateways and webhooks may be connected, also without TLS."""

    @field_validator("webhooks")
    @classmethod
    def _named_once(cls, value: tuple[WebhookSettings, ...]) -> tuple[WebhookSettings, ...]:
        names = [webhook.name for webhook in value]
        if len(set(names)) < len(names):
            raise ValueError("two webhooks have the same name")
        return value


class SmsSettings(Section):
    provider: Literal["none", "file", "http"] = "none"
    """none: no SMS; file: each into a file, for trials; http: through a gateway."""
    file: Path | None = None
    """file: default <home>/sms.jsonl."""
    url: str = ""
    """http: the gateway; {number}, {text} and {id} may stand in its path and query."""
    method: Literal["GET", "POST"] = "POST"
    headers: dict[str, SecretStr] = {}
    """http: such as Authorization."""
    format: Literal["json", "form"] = "json"
    """http: how values are written into the body."""
    body: str = '{"number": "{number}", "text": "{text}", "id": "{id}"}'
    """http: what is posted, with the same placeholders."""
    success: str = ""
    """http: a regular expression that the answer must match, where a gateway answers 200 to everything."""

    @field_validator("success")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return value
