"""What each action on a case is told: one body an action, checked before the case is read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crm.cases.numbering import case_key
from crm.cases.schemas import (
    CHANNEL_NEEDED,
    CaseBody,
    EmergencyService,
    Explanation,
    Id,
    Moment,
    Reason,
    Words,
)
from crm.cases.state import CaseAction
from hotline.kernel.words import LINES, PLAIN, VISIBLE

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), LINES]
"""A long text that must say something."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
CaseKey = Annotated[str, StringConstraints(max_length=36), PLAIN, AfterValidator(case_key)]
"""The id of a case, or its number as people write it."""
Channel = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), VISIBLE]


class MoveDetail(CaseBody):
    """Of every action: which version the sender saw, and an id that makes a repeated request one step."""

    version: int
    request_id: Id

    def recorded(self) -> dict[str, Any]:
        """What the step record keeps."""
        return self.model_dump(mode="json", exclude={"version", "request_id"}, exclude_defaults=True)


class PlainMove(MoveDetail):
    """An action that needs no more."""


class ReasonedMove(MoveDetail):
    reason: Explanation


class DirectAnswer(MoveDetail):
    answer: Explanation
    three_way_call_id: Id | None = None
    """The call of this case on which a specialist answered."""
    article_ids: list[Id] = Field(default_factory=list, max_length=20)
    consent: bool = False
    """The caller agreed to the three-way call."""


class NotAccepted(MoveDetail):
    reason: Reason
    explanation: Explanation
    """What the caller was told."""
    channel: Channel = ""
    """Where the caller was sent; needed for the reasons a and d."""

    @model_validator(mode="after")
    def _channel_named(self) -> Self:
        if self.reason in CHANNEL_NEEDED and not self.channel:
            raise ValueError(f"for the reason {self.reason} name the proper channel that the caller was sent to")
        return self


class EmergencyTransfer(MoveDetail):
    service: EmergencyService


class Approval(MoveDetail):
    text_for_unit: Words = ""
    """What units read instead of the caller's own words; a confidential or anonymous case must have it."""


class Dispatch(MoveDetail):
    lead_unit_id: Id
    assisting_unit_ids: list[Id] = Field(default_factory=list, max_length=10)
    item_id: Id | None = None
    advice: Words = ""
    """What the units are asked to do (派单意见)."""
    designate: bool = False
    """The hotline decides: the unit may not return it. The reason belongs in `advice`."""


class ReturnGround(StrEnum):
    NOT_OUR_DUTY = "not_our_duty"
    OBJECTION = "objection"
    """The dispatch itself is disputed (派单异议)."""
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    PROCEDURE = "procedure"
    """Litigation, reconsideration or petition is under way."""


class ReturnRequest(MoveDetail):
    ground: ReturnGround
    reason: Explanation
    legal_basis: Explanation
    """The rule that gives the duty to somebody else."""
    suggested_unit_id: Id | None = None


class ExtensionRequest(MoveDetail):
    days: int = Field(ge=1, le=10)
    """Working days beyond the present deadline."""
    reason: Explanation
    caller_told: bool
    """The caller was told of the delay and of the new date."""


class ExtensionGrant(MoveDetail):
    days: int | None = Field(default=None, ge=1, le=10)
    """None: as many as were asked for."""
    reason: Explanation


class ContactWay(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    VISIT = "visit"
    LETTER = "letter"
    ONLINE = "online"
    NONE = "none"


class ContactEvidence(CaseBody):
    """How the unit reached the caller."""

    way: ContactWay
    at: Moment
    by: Name
    """Who of the unit spoke."""
    note: Words = ""
    """What was said; with the way `none`, why the caller could not be reached."""

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if self.way is ContactWay.NONE and not self.note.strip():
            raise ValueError("say in `note` why the caller could not be reached")
        return self


class ContactRecord(MoveDetail):
    contact: ContactEvidence
    assignment_id: Id | None = None
    """None: the lead unit's."""


class InterimReply(MoveDetail):
    public_answer: Text
    internal_handling: Words = ""
    promised_at: Moment
    """By when the caller was promised to hear again."""
    caller_told: bool


class FinalReply(MoveDetail):
    facts: bool
    """Whether what the caller reported is so."""
    beyond_duty: bool = False
    beyond_duty_reason: Words = ""
    contact: ContactEvidence
    solved: bool
    unsolved_reason: Words = ""
    public_answer: Text
    internal_handling: Text
    alone_reason: Words = ""
    """Why the reply does not wait for units that have not answered."""

    @model_validator(mode="after")
    def _reasons_given(self) -> Self:
        if not self.solved and not self.unsolved_reason.strip():
            raise ValueError("say in `unsolved_reason` why it is not solved")
        if self.beyond_duty and not self.beyond_duty_reason.strip():
            raise ValueError("say in `beyond_duty_reason` whose duty it is, and why not the unit's")
        return self


class SubDispatch(MoveDetail):
    assignment_id: Id | None = None
    """The assignment that is passed on; None: the lead unit's."""
    unit_ids: list[Id] = Field(min_length=1, max_length=10)
    advice: Words = ""
    due_at: Moment | None = None


class AssignmentMove(MoveDetail):
    assignment_id: Id


class AssignmentReturn(AssignmentMove):
    reason: Explanation


class AssignmentReply(AssignmentMove):
    answer: Text


class ReplyAudit(MoveDetail):
    fits_facts: bool
    """Whether the reply fits what the caller reported."""
    note: Words = ""


class Solved(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NO_STATEMENT = "no_statement"


class Satisfaction(StrEnum):
    """The five keys of the survey; no statement is none of them, and never counts as satisfied."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    ACCEPTABLE = "acceptable"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"
    NO_STATEMENT = "no_statement"


SATISFIED = frozenset({Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.ACCEPTABLE})
DISSATISFIED = frozenset({Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED})


class NotReached(StrEnum):
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    OFF = "off"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    """The caller does not wish to be called back."""


class CallbackRecord(MoveDetail):
    """One attempt to call the caller back."""

    call_id: Id | None = None
    not_reached: NotReached | None = None
    """None: the caller was reached, and everything below is their answer."""
    unit_contacted: bool | None = None
    solved: Solved = Solved.NO_STATEMENT
    result: Satisfaction = Satisfaction.NO_STATEMENT
    process: Satisfaction = Satisfaction.NO_STATEMENT
    agent: Satisfaction = Satisfaction.NO_STATEMENT
    fits_facts: bool | None = None
    """Whether the unit's reply fits what the caller says."""
    words: Words = ""

    @model_validator(mode="after")
    def _silent_when_not_reached(self) -> Self:
        said = (self.solved, self.result, self.process, self.agent)
        if self.not_reached and any(value not in (Solved.NO_STATEMENT, Satisfaction.NO_STATEMENT) for value in said):
            raise ValueError("who was not reached said nothing: leave solved and the satisfactions out")
        if not self.not_reached and self.unit_contacted is None:
            raise ValueError("ask whether the unit contacted the caller, and record the answer in `unit_contacted`")
        return self


class Closing(MoveDetail):
    fits_facts: bool = True
    disposition: Words = ""
    """What was done about the dissatisfaction, or about a caller who was not reached."""


class TerminationGround(StrEnum):
    WRITTEN_REQUEST = "written_request"
    NOT_COOPERATING = "not_cooperating"
    NO_NEW_FACTS = "no_new_facts"
    """Already lawfully concluded."""
    BEYOND_ANY_DUTY = "beyond_any_duty"


class Termination(MoveDetail):
    ground: TerminationGround
    request: Explanation
    """The written request, who made it and when."""
    explanation: Explanation
    """What the caller was told."""


class Withdrawal(MoveDetail):
    confirmed_by_caller: bool
    confirmed_how: Explanation
    """When and how the hotline itself asked the caller."""
    pressed_by_unit: bool
    """Whether a unit asked or pressed the caller to withdraw."""


class Urge(MoveDetail):
    words: Words = ""


class DuplicateLink(MoveDetail):
    master_id: CaseKey
    reason: Words = ""
    """Why the two are one matter, where it does not show."""
    answered_with_master: bool = False
    """The caller is the master's, or wants no call of their own: no callback of this case."""


class RepeatNote(MoveDetail):
    """The caller asked again, with no new facts: told the progress instead of a new case."""

    told: Explanation
    """What the caller was told: the state, and when they hear again."""
    words: Words = ""
    call_id: Id | None = None


class RepeatClosing(MoveDetail):
    master_id: CaseKey
    """The case on which the repetition was noted."""


class MasterAnswer(MoveDetail):
    """The master's answer, as the service passes it to a case that follows; its request id is the reply's."""

    master_id: Id
    unit_id: Id
    replied_by: str
    replied_at: Moment
    public_answer: str
    internal_handling: str


class Recusal(MoveDetail):
    user_id: Id
    reason: Explanation


DETAILS: Mapping[CaseAction, type[MoveDetail]] = {
    CaseAction.CLOSE_DIRECT: DirectAnswer,
    CaseAction.NOT_ACCEPT: NotAccepted,
    CaseAction.TRANSFER_EMERGENCY: EmergencyTransfer,
    CaseAction.SUBMIT: PlainMove,
    CaseAction.ASK_INFO: ReasonedMove,
    CaseAction.GIVE_INFO: PlainMove,
    CaseAction.APPROVE: Approval,
    CaseAction.DISPATCH: Dispatch,
    CaseAction.SIGN: PlainMove,
    CaseAction.REQUEST_RETURN: ReturnRequest,
    CaseAction.ACCEPT_RETURN: ReasonedMove,
    CaseAction.REFUSE_RETURN: ReasonedMove,
    CaseAction.REQUEST_EXTENSION: ExtensionRequest,
    CaseAction.ENDORSE_EXTENSION: PlainMove,
    CaseAction.GRANT_EXTENSION: ExtensionGrant,
    CaseAction.REFUSE_EXTENSION: ReasonedMove,
    CaseAction.RECORD_CONTACT: ContactRecord,
    CaseAction.REPLY_INTERIM: InterimReply,
    CaseAction.REPLY: FinalReply,
    CaseAction.SUB_DISPATCH: SubDispatch,
    CaseAction.SIGN_ASSIGNMENT: AssignmentMove,
    CaseAction.RETURN_ASSIGNMENT: AssignmentReturn,
    CaseAction.REPLY_ASSIGNMENT: AssignmentReply,
    CaseAction.SCHEDULE_CALLBACK: ReplyAudit,
    CaseAction.RECORD_CALLBACK: CallbackRecord,
    CaseAction.ORDER_REWORK: ReasonedMove,
    CaseAction.RESUME_WORK: PlainMove,
    CaseAction.CLOSE: Closing,
    CaseAction.REOPEN: ReasonedMove,
    CaseAction.ARCHIVE: PlainMove,
    CaseAction.TERMINATE: Termination,
    CaseAction.WITHDRAW: Withdrawal,
    CaseAction.CLAIM: PlainMove,
    CaseAction.RELEASE: PlainMove,
    CaseAction.URGE: Urge,
    CaseAction.SUSPEND: ReasonedMove,
    CaseAction.RESUME: ReasonedMove,
    CaseAction.MARK_HARD: ReasonedMove,
    CaseAction.RECUSE: Recusal,
    CaseAction.LINK_DUPLICATE: DuplicateLink,
    CaseAction.ADD_TO_CLUSTER: DuplicateLink,
    CaseAction.UNLINK_DUPLICATE: ReasonedMove,
    CaseAction.NOTE_REPEAT: RepeatNote,
    CaseAction.CLOSE_AS_REPEAT: RepeatClosing,
}
"""What a person sends with each action. COUNT_AS_SIGNED, and what a master hands on, are the service's alone."""
