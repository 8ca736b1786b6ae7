"""A call from the command line: Asterisk itself plays the caller."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hotline.app.settings import Settings
from hotline.kernel.errors import HotlineError
from hotline.kernel.ids import uuid7
from hotline.kernel.revision import current_database
from hotline.onebox.ami import AmiRefusedError, ami_dialog
from hotline.onebox.demo import known_caller
from hotline.onebox.errors import BadSettingError, NotReadyError
from hotline.onebox.keys import load_secrets
from ivr.dialplan import HOTLINE_NUMBER, Context, Variable

_KEYS = re.compile(r"[0-9*#w]{0,64}")
_NUMBER = re.compile(r"\+?[0-9]{0,24}")


async def place_call(
    settings: Settings, *, keys: str, number: str | None, seconds: int, say: Callable[[str], None]
) -> None:
    """Dial 12345 as `number`, press `keys` (w: wait 2 s), then listen until the hotline hangs up or time is over.

    "" withholds the number; None takes one that the demo's book knows, so that the agent sees who is calling.
    Raises BadSettingError for keys or a number that no phone could send, NotReadyError where no Asterisk answers.
    """
    if number is None:
        number = await _known_number(settings, say)
    if not _KEYS.fullmatch(keys) or not _NUMBER.fullmatch(number):
        raise BadSettingError("Keys are 0-9, * and #, w waits; a number has digits, with + before them at most.")
    secret = ami_secret(settings)
    ami = settings.ami
    call = f"hotline-demo-{uuid7()}"
    try:
        async with ami_dialog(
            ami.host, ami.port, ami.username, secret, limit=timedelta(seconds=seconds + 30)
        ) as dialog:
            await dialog.ask(
                "Originate",
                Channel=f"Local/{HOTLINE_NUMBER}@{Context.DEMO}/n",
                Context=Context.DEMO_CALLER,
                Exten="s",
                Priority="1",
                CallerID=number,
                Variable=f"{Variable.DEMO_KEYS}=" + "".join("wwww" if key == "w" else f"wwww{key}" for key in keys),
                Async="true",
                Timeout="20000",
                ChannelId=call,
            )
            say("Ringing 12345…")
            answer = await dialog.wait_for("OriginateResponse")
            if answer.get("Response") != "Success":
                raise NotReadyError("The hotline did not answer; see `hotline up` and its log.")
            say(f"Answered. Hanging up after {seconds} s, or with Ctrl-C.")
            await _listen(dialog.next_message, call, seconds, say)
            await dialog.ask("Hangup", Channel=call)
    except AmiRefusedError as error:
        if "No such channel" not in error.detail:
            raise
    except (OSError, EOFError, TimeoutError):
        raise NotReadyError(f"No Asterisk answers at {ami.host}:{ami.port}; is `hotline up` running?") from None


async def _known_number(settings: Settings, say: Callable[[str], None]) -> str:
    try:
        async with current_database(settings.database_url) as database, database.snapshot() as db:
            caller = await known_caller(db, settings.crm)
    except HotlineError:
        caller = None  # Without a database no caller is known.
    if caller is None:
        say("Calling without a number; give one with --from.")
        return ""
    say(f"Calling as {caller.contact}, {caller.enterprise} ({caller.number}); --from '' withholds the number.")
    return caller.number


def ami_secret(settings: Settings) -> str:
    """The setting, else the instance's own; none is made for an instance that is not there. Raises NotReadyError."""
    if given := settings.ami.secret.get_secret_value():
        return given
    if not (settings.home / "secrets.json").exists():
        raise NotReadyError(f"There is no hotline at {settings.home}; set HOTLINE_HOME as for `hotline up`.")
    return load_secrets(settings.home).ami


async def _listen(
    next_message: Callable[[], Awaitable[dict[str, str]]], call: str, seconds: int, say: Callable[[str], None]
) -> None:
    """Wait until the call is over."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await next_message()
                if message.get("Event") == "Hangup" and message.get("Uniqueid") == call:
                    say("The hotline has ended the call.")
                    return
    except TimeoutError:
        return
