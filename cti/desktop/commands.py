"""What an agent's page may ask for, checked by pydantic, and who carries it out.

docs/openapi.json describes it, and the page's types are made from it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, assert_never

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cti.desktop.messages import ErrorView
from cti.presence.service import PresenceService
from cti.presence.session import Phone
from cti.threeway.service import ThreewayService
from hotline.kernel.errors import HotlineError
from hotline.kernel.problems import malformed

log = structlog.get_logger(__name__)


class AgentCommand(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    """The page's own; the reply carries it."""


class SignInCommand(AgentCommand):
    command: Literal["sign_in"]
    phone: Phone


class PauseCommand(AgentCommand):
    command: Literal["pause"]
    reason: str = Field(max_length=32)


class ConsultCommand(AgentCommand):
    command: Literal["consult"]
    specialist_id: str = Field(max_length=36)
    phone_index: int = Field(ge=0, le=20)


class DropCommand(AgentCommand):
    command: Literal["drop"]
    leg: Literal["specialist", "caller"]


class PlainCommand(AgentCommand):
    command: Literal[
        "sign_out",
        "ready",
        "finish_wrap_up",
        "extend_wrap_up",
        "hang_up",
        "reconnect",
        "cancel_consult",
        "merge",
        "toggle",
        "leave",
        "resync",
    ]


AnyCommand = SignInCommand | PauseCommand | ConsultCommand | DropCommand | PlainCommand
COMMANDS: TypeAdapter[AnyCommand] = TypeAdapter(Annotated[AnyCommand, Field(discriminator="command")])


class MalformedCommandError(HotlineError):
    error_id = "command.malformed"
    status = 422
    title = "The command is not understood"

    def __init__(self, detail: str, command_id: str) -> None:
        super().__init__(detail)
        self.command_id = command_id


def parse(text: str) -> AnyCommand:
    """Raises MalformedCommandError, with the command's id where it has one."""
    try:
        return COMMANDS.validate_json(text)
    except ValidationError as error:
        raise MalformedCommandError(malformed(error, "message").detail, _id_in(text)) from None


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a command rings, as the audit log names it: never by a number of a person outside."""

    action: str
    target: str
    """"" for the agent's own phone."""
    detail: dict[str, Any]


def dialled_by(command: AnyCommand) -> Dialled | None:
    """None for a command that rings nobody."""
    match command:
        case ConsultCommand():
            return Dialled("workspace.consult", command.specialist_id, {"phone_index": command.phone_index})
        case PlainCommand(command="reconnect"):
            return Dialled("workspace.reconnect", "", {"phone": "own"})
        case _:
            return None


class Commands:
    """Carries out an agent's commands. Raises HotlineError where one cannot be done."""

    def __init__(self, presence: PresenceService, threeway: ThreewayService) -> None:
        self._presence = presence
        self._threeway = threeway
        self._simple: dict[str, Callable[[str], Awaitable[None]]] = {
            "sign_out": presence.sign_out,
            "ready": presence.ready,
            "finish_wrap_up": presence.finish_wrap_up,
            "extend_wrap_up": presence.extend_wrap_up,
            "hang_up": presence.hang_up,
            "reconnect": self._reconnect,
            "cancel_consult": threeway.cancel,
            "merge": threeway.merge,
            "toggle": threeway.toggle,
            "leave": threeway.leave,
        }

    async def run(self, number: str, command: AnyCommand) -> None:
        match command:
            case SignInCommand():
                await self._presence.sign_in(number, command.phone)
            case PauseCommand():
                await self._presence.pause(number, command.reason)
            case ConsultCommand():
                await self._threeway.consult(number, command.specialist_id, command.phone_index)
            case DropCommand(leg="specialist"):
                await self._threeway.drop_specialist(number)
            case DropCommand():
                await self._threeway.drop_caller(number)
            case PlainCommand():
                if command.command != "resync":  # The socket answers that with a snapshot.
                    await self._simple[command.command](number)
            case _:
                assert_never(command)

    async def _reconnect(self, number: str) -> None:
        await self._threeway.reconnect(number, self._presence.session(number).interface)


def problem(error: Exception) -> ErrorView:
    """The error as a reply shows it; never a trace."""
    if isinstance(error, HotlineError):
        return ErrorView(error_id=error.error_id, title=error.title, detail=error.detail)
    log.error("workspace command failed", exc_info=error)
    return ErrorView(
        error_id="service.fault",
        title="The service failed",
        detail="This is a fault of the service; it has been logged.",
    )


def _id_in(text: str) -> str:
    try:
        raw: Any = TypeAdapter(dict[str, Any]).validate_json(text)
    except ValidationError:
        return ""
    command_id = raw.get("id")
    return command_id[:64] if isinstance(command_id, str) else ""
