"""Announcements as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from callflow.speech import PromptId
from hotline.kernel.words import LINES, PLAIN, VISIBLE

Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
AnnouncementText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), LINES]
Version = Annotated[int, Field(ge=0)]


class AnnouncementBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnnouncementDraft(AnnouncementBody):
    """An announcement that is off. `text` is what its prompt says, for those who switch it."""

    topic: Topic
    text: AnnouncementText
    prompt: Annotated[PromptId, PLAIN]


class AnnouncementChange(AnnouncementDraft):
    version: Version


class AnnouncementSwitch(AnnouncementBody):
    """On up to `until`, from `on_from` or at once; off without `until`."""

    version: Version
    on_from: AwareDatetime | None = None
    until: AwareDatetime | None = None


class MenuSwitch(AnnouncementBody):
    """No menus up to `until`; as the flow has it without."""

    version: Version
    until: AwareDatetime | None = None


class AnnouncementView(BaseModel):
    id: str
    version: int
    topic: str
    text: str
    prompt: str
    playable: bool
    """Whether the prompt has a sound in Mandarin."""
    state: Literal["off", "scheduled", "on"]
    on_from: AwareDatetime | None
    until: AwareDatetime | None
    switched_by: str

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"topic", "text", "prompt", "on_from", "until"})


class MenuSwitchView(BaseModel):
    version: int
    """0 before anybody has used it."""
    no_menu: bool
    until: AwareDatetime | None
    switched_by: str

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"no_menu", "until"})


class AnnouncementPrompt(BaseModel):
    """A prompt that an announcement may play, and what it says."""

    id: str
    text: str


class AnnouncementBoard(BaseModel):
    announcements: list[AnnouncementView]
    menu: MenuSwitchView
    prompts: list[AnnouncementPrompt]
