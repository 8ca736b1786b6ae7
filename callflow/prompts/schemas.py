"""Prompts as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hotline.kernel.words import VISIBLE
from ivr.prompts.catalogue import Language
from ivr.prompts.loudness import LoudnessVerdict
from ivr.prompts.versions import VersionKind

PromptText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), VISIBLE]
SpokenText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), VISIBLE]
UseKind = Literal["flow", "announcement", "action", "queue", "dialplan", "reading"]


class PromptBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PromptWords(PromptBody):
    """`spoken`: how the voice is to say it, where that is not how it is written; `version`: what was edited."""

    version: int = Field(ge=0)
    text: PromptText
    spoken: SpokenText = ""
    new: bool = False
    """Whether the id may be one that there is not yet."""


class PromptTrial(PromptBody):
    """Words to listen to before they are used."""

    language: Language
    text: PromptText
    spoken: SpokenText = ""


class PromptRestore(PromptBody):
    """`number` is put in force again, 0 being the words of the catalogue; `version`: what is in force now."""

    version: int = Field(ge=0)
    number: int = Field(ge=0)


class PromptRecordingQuery(BaseModel):
    """`text`: what the recording says, where that has changed; the others as in PromptWords."""

    version: int = Field(ge=0)
    text: SpokenText = ""
    new: bool = False


class PromptSoundQuery(BaseModel):
    """Without `version`: what callers hear now."""

    version: int | None = Field(default=None, ge=0)


class PromptSoundView(BaseModel):
    """A prompt in one language. `level` and `peak` in dBFS are measured on the file for the line."""

    language: Language
    version: int
    """0: as it came with the product."""
    text: str
    spoken: str
    source: Literal["recording", "speech", "file", "missing"]
    voice: str
    licensed: bool
    """Whether a live service may play it."""
    current: bool
    """Whether what callers hear is what it says here; not while a voice has yet to speak it."""
    seconds: float | None
    level: float | None
    peak: float | None
    loudness: LoudnessVerdict | None
    by: str
    at: datetime | None

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"version", "text", "source", "voice", "seconds", "level"})


class PromptUse(BaseModel):
    """Who says it. Of a flow: which of its versions, "draft", "live" or "test", and the node."""

    kind: UseKind
    name: str
    """The flow's id, the action, or the announcement's topic."""
    title: str
    node: str
    label: str
    versions: list[Literal["draft", "live", "test"]]


class PromptView(BaseModel):
    id: str
    own: bool
    """Whether the organisation has added it."""
    sounds: list[PromptSoundView]
    uses: list[PromptUse]


class PromptVoice(BaseModel):
    """The voice that speaks a language here; "" and why, where there is none."""

    language: Language
    name: str
    licence: str
    licensed: bool
    trouble: str


class PromptListing(BaseModel):
    prompts: list[PromptView]
    voices: list[PromptVoice]
    level: float
    """dBFS that every prompt should have, give or take `tolerance`."""
    tolerance: float
    longest: float
    """Seconds of a recording."""
    most_bytes: int


class PromptVersionView(BaseModel):
    number: int
    kind: VersionKind
    text: str
    by: str
    at: datetime | None
    restores: int
    in_force: bool
