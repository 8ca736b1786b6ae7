"""The second factor: time-based codes (RFC 6238), their QR code, and codes for a lost phone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp
import segno

ISSUER = "12345 Hotline"
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 bits in Base32."""
    return pyotp.random_base32()


def key_uri(secret: str, username: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def qr_code(uri: str) -> str:
    """The QR code of `uri`: an SVG as a data URI, dark on white with its quiet zone."""
    return str(segno.make(uri, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff"))


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is: the present one, or a neighbour, for clocks that differ; None for none."""
    given = "".join(code.split())
    totp = pyotp.TOTP(secret)
    present = int(at.timestamp()) // _STEP_SECONDS
    if not (given.isascii() and given.isdigit()):
        return None
    return next((n for n in (present, present - 1, present + 1) if compare_digest(totp.generate_otp(n), given)), None)


def new_recovery_codes() -> list[str]:
    """Each good once, 49 bits, easy to copy by hand."""
    return [
        "-".join("".join(secrets.choice(_PLAIN) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]


def hash_recovery_code(code: str) -> str:
    """How a recovery code is stored; spaces, hyphens and case of what was typed do not count."""
    return hashlib.sha256("".join(code.split()).replace("-", "").casefold().encode()).hexdigest()
