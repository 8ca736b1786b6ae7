"""The flows as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from callflow.document import NodeId
from callflow.lint.view import FindingView
from callflow.versions.compare import FlowDifference
from callflow.versions.state import FlowAlias, VersionSource
from hotline.kernel.words import LINES, VISIBLE

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), VISIBLE]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), VISIBLE]
EntryNumber = Annotated[str, StringConstraints(pattern=r"^[0-9*+]{0,32}$")]

_TAKEN_BY_ROUTES = ("actions", "check", "prompts", "announcements", "queues", "numbers")


def _no_route(id: str) -> str:
    if id in _TAKEN_BY_ROUTES:
        raise ValueError(f"{id!r} is an address of its own; choose another id")
    return id


NewFlowId = Annotated[NodeId, AfterValidator(_no_route)]


class FlowBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LiveView(BaseModel):
    """Which version an alias means, since when and by whom ("" for the service itself)."""

    alias: FlowAlias
    number: int
    since: datetime
    by: str
    reason: str


class FlowSummary(BaseModel):
    id: str
    title: str
    in_force: list[LiveView]
    entry_numbers: dict[str, FlowAlias]
    """"" is every number that no flow names."""
    draft_changed: bool
    """Whether the draft differs from the live version."""
    draft_by: str
    draft_at: datetime


class FlowDraftView(BaseModel):
    """The draft in both forms. `problems` are what lint finds: errors keep it from being published."""

    version: int
    base: int
    by: str
    at: datetime
    document: dict[str, Any]
    text: str
    problems: list[FindingView]


class FlowView(FlowSummary):
    draft: FlowDraftView
    scheduled: list[PublicationView]


class FlowVersionSummary(BaseModel):
    number: int
    nodes: int
    note: str
    source: VersionSource
    by: str
    at: datetime


class FlowVersionView(FlowVersionSummary):
    document: dict[str, Any]
    text: str


class PublicationView(BaseModel):
    id: str
    alias: FlowAlias
    number: int
    starts_at: datetime
    by: str
    reason: str
    cancelled_at: datetime | None


class _Document(FlowBody):
    """One of the two forms."""

    document: dict[str, Any] | None = None
    text: Annotated[str, StringConstraints(max_length=2_000_000), LINES] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.document is None) == (self.text is None):
            raise ValueError("give the document either as `document` or as `text`")
        return self


class FlowDraftChange(_Document):
    """`version`: of the draft that was edited."""

    version: int


class FlowCheck(_Document):
    pass


class FlowCheckResult(BaseModel):
    """`document` and `text` are what was given, in both forms; None where it could not be read at all."""

    problems: list[FindingView]
    document: dict[str, Any] | None = None
    text: str | None = None


class FlowCreate(FlowBody):
    """A new flow whose draft is a copy of another's version, or of its draft where `number` is None."""

    id: NewFlowId
    title: Title
    copy_of: NodeId
    number: int | None = None


class PublishDraft(FlowBody):
    """`draft_version`: of the draft that was looked at; `live`: what the alias meant then, 0 for nothing.

    `despite_tests`: publish it although test cases of its own fail. What lint calls an error is refused all the same.
    """

    draft_version: int
    alias: FlowAlias = FlowAlias.LIVE
    live: int = Field(ge=0)
    note: Reason = ""
    starts_at: AwareDatetime | None = None
    despite_tests: bool = False


class PublishVersion(FlowBody):
    """Put an earlier version in force again; `live` as in `PublishDraft`."""

    number: int = Field(ge=1)
    alias: FlowAlias = FlowAlias.LIVE
    live: int = Field(ge=0)
    reason: Reason = ""
    starts_at: AwareDatetime | None = None


class EntryNumbersChange(FlowBody):
    """Every number that this flow answers; "" is every number that no flow names, and cannot be taken away here."""

    numbers: dict[EntryNumber, FlowAlias] = Field(max_length=100)


class FlowComparison(BaseModel):
    """0 is the draft."""

    before: int
    after: int
    differences: list[FlowDifference]


FlowView.model_rebuild()
