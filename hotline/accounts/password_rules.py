"""Which passwords are refused."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from hotline.kernel.errors import InvalidInputError

SHORTEST_PASSWORD = 12
LAST_PASSWORDS = 5
"""The present one and those before it that may not be chosen again."""
_FEWEST_CHARACTERS = 5
_SHORTEST_USERNAME = 3
_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


class PasswordTooShortError(InvalidInputError):
    error_id = "account.password_short"


class PasswordCommonError(InvalidInputError):
    error_id = "account.password_common"


class PasswordHasUsernameError(InvalidInputError):
    error_id = "account.password_username"


class PasswordReusedError(InvalidInputError):
    error_id = "account.password_reused"


def check_password(password: str, username: str = "") -> None:
    """Raise where `password` is short, common, made of few characters, or holds `username`."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShortError(f"A password has at least {SHORTEST_PASSWORD} characters.")
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(username) >= _SHORTEST_USERNAME and username.casefold() in folded:
        raise PasswordHasUsernameError("A password may not hold the user name.")
    if len(set(folded)) < _FEWEST_CHARACTERS or _is_common(folded):
        raise PasswordCommonError("This password is among the first that others try; choose another.")


def _is_common(folded: str) -> bool:
    common = common_passwords()
    pieces = {folded, folded.translate(_LEET)}
    # What is left without digits and signs around it: Password2026!! is "password" all the same.
    pieces |= {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", piece) for piece in pieces}
    return any(piece in common or _repeats(piece) in common for piece in pieces)


def _repeats(text: str) -> str:
    """The part of which `text` is a repetition; "" where it is none."""
    length = (text + text).find(text, 1)
    return text[:length] if 0 < length < len(text) else ""


@cache
def common_passwords() -> frozenset[str]:
    """Shipped in common_passwords.txt: one a line, folded; words and whole passwords alike."""
    lines = files("hotline.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
