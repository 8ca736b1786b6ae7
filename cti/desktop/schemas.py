"""What the workspace's socket and its routes send: whole objects, so that getting one twice does no harm."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from cti.presence.session import Phone
from cti.presence.state import AgentState, Verdict, Wanted
from cti.threeway.conversation import ShownThreewayState

CallState = Literal["ringing", "talking", "held", "wrap_up", "ended"]


class Named(BaseModel):
    id: str
    name: str


class AgentStateView(BaseModel):
    number: str
    name: str
    state: AgentState
    since: datetime
    wanted: Wanted
    """What comes when the present call and its wrap-up are over."""
    pause_reason: str | None
    """The reason where `wanted` is paused."""
    phone: Phone
    phone_registered: bool
    why_not_ready: list[Verdict]
    wrap_up_until: datetime | None
    queues: list[str]


class CallerView(BaseModel):
    number: str
    name: str


class LivePathStepView(BaseModel):
    at: datetime
    node: str
    label: str
    digits: str


class ThreewaySpecialistView(BaseModel):
    id: str
    name: str
    unit_name: str


class TroubleView(BaseModel):
    code: str
    detail: str


class ThreewayView(BaseModel):
    state: ShownThreewayState
    """"ended" once the specialist is out of it, with an `error` where it failed."""
    with_caller: bool
    specialist: ThreewaySpecialistView | None
    since: datetime
    error: TroubleView | None


class CallView(BaseModel):
    call_id: str
    state: CallState
    caller: CallerView
    entry: str
    queue: str
    queued_at: datetime | None
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    enterprise: Named | None
    contact: Named | None
    path: list[LivePathStepView]
    threeway: ThreewayView | None
    specialist_joined: bool
    """Whether caller, agent and specialist have spoken together on this call, be the specialist gone again or not."""
    recording: bool
    survey: int | None


class LiveQueueView(BaseModel):
    name: str
    label_zh: str
    label_en: str
    waiting: int
    longest_wait_since: datetime | None
    ready: int
    talking: int


class IceServer(BaseModel):
    urls: str
    username: str = ""
    """TURN only, as the credential is."""
    credential: str = ""


class WorkspacePhoneView(BaseModel):
    """How the agent's browser registers its phone."""

    ws_url: str
    sip_uri: str
    username: str
    password: str
    ice_servers: list[IceServer]
    endpoint: str


class PauseReasonView(BaseModel):
    code: str
    label_zh: str
    label_en: str


class PublicPhoneView(BaseModel):
    """How anyone's browser calls the hotline."""

    ws_url: str
    sip_uri: str
    username: str
    password: str
    dial: str
    ice_servers: list[IceServer]


class ClockView(BaseModel):
    """By which clock the hotline's days begin; pages show all times by it."""

    time_zone: str
