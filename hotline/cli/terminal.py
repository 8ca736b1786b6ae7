"""What commands share: a password from a terminal, and errors as one line."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer

from hotline.kernel.errors import HotlineError, InvalidInputError

T = TypeVar("T")


def ask_password() -> str:
    """Asked for twice, or read from standard input when that is no terminal."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def checked(make: Callable[[], T]) -> T:
    """What `make` makes of arguments; raises InvalidInputError for the first that does not fit."""
    from pydantic import ValidationError

    try:
        return make()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the queues"
        raise InvalidInputError(f"{where}: {first['msg']}") from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it; an expected error is one line on standard error and exit status 1."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    try:
        return asyncio.run(work)
    except HotlineError as error:
        typer.echo(f"hotline: {error.detail}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
