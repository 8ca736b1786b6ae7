"""Webhooks: JSON, signed, so that the receiver knows that it is ours, whole and of now. See docs/notices.md."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import orjson

from hotline.kernel.clock import Clock
from hotline.kernel.gate import Network
from hotline.notices.ports import Parcel, SendFailedError
from hotline.notices.providers.http import OutgoingHttp
from hotline.notices.settings import WebhookSettings

TIMESTAMP = "X-Hotline-Timestamp"
SIGNATURE = "X-Hotline-Signature"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class WebhookNotifier:
    """Posts to whichever of the settings' webhooks a message names."""

    def __init__(self, webhooks: Sequence[WebhookSettings], networks: Sequence[Network], clock: Clock) -> None:
        self._clock = clock
        self._webhooks = {
            webhook.name: (
                webhook,
                OutgoingHttp(webhook.url, networks, secrets=[webhook.secret.get_secret_value()]),
            )
            for webhook in webhooks
        }

    async def send(self, parcel: Parcel) -> None:
        """Raises `SendFailedError`."""
        if parcel.recipient not in self._webhooks:
            raise SendFailedError("No webhook of this name is in the settings any more.", permanent=True)
        webhook, http = self._webhooks[parcel.recipient]
        body = orjson.dumps({"id": parcel.id, **(parcel.payload or {})})
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "hotline",
            "Idempotency-Key": parcel.id,
            TIMESTAMP: timestamp,
            SIGNATURE: "v1=" + signature(webhook.secret.get_secret_value(), timestamp, body),
        }
        await http.request("POST", webhook.url, headers=headers, body=body)

    async def close(self) -> None:
        for _, http in self._webhooks.values():
            await http.close()
