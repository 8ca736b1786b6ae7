"""What people are notified of. The words of each kind are in `templates.yaml`, and may be edited."""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """One kind has one template: for the page, for an SMS, or for both."""

    # to the caller
    CASE_ACCEPTED = "case_accepted"
    PROGRESS = "progress"
    EXTENSION_ANNOUNCED = "extension_announced"
    INTERIM_REPLY = "interim_reply"
    REPLIED = "replied"
    CALLBACK_ANNOUNCED = "callback_announced"
    CASE_CLOSED = "case_closed"
    # to the hotline's staff
    REVIEW_NEEDED = "review_needed"
    INFO_NEEDED = "info_needed"
    DISPATCH_NEEDED = "dispatch_needed"
    RETURN_REQUESTED = "return_requested"
    EXTENSION_REQUESTED = "extension_requested"
    REPLY_TO_AUDIT = "reply_to_audit"
    CALLBACK_DUE = "callback_due"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    TERMINATION_REQUESTED = "termination_requested"
    ESCALATED = "escalated"
    # to the unit
    ASSIGNED = "assigned"
    ASSISTING = "assisting"
    DESIGNATED = "designated"
    RETURN_REFUSED = "return_refused"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    URGED = "urged"
    SUPERVISION = "supervision"
    REWORK = "rework"
    RECALLED = "recalled"
    # to whoever has it to do
    RETURNED = "returned"
    SIGNED_BY_DEFAULT = "signed_by_default"
    DUE_SOON_48H = "due_soon_48h"
    DUE_SOON_24H = "due_soon_24h"
    OVERDUE = "overdue"
    DEADLINE_MOVED = "deadline_moved"
    MENTION = "mention"
    KNOWLEDGE_REQUESTED = "knowledge_requested"
    KNOWLEDGE_REQUEST_DECLINED = "knowledge_request_declined"
    KNOWLEDGE_REQUEST_ANSWERED = "knowledge_request_answered"
    KNOWLEDGE_REQUEST_CLOSED = "knowledge_request_closed"
    KNOWLEDGE_REQUEST_OVERDUE = "knowledge_request_overdue"
    KNOWLEDGE_REVIEW_SOON = "knowledge_review_soon"
    KNOWLEDGE_REVIEW_DUE = "knowledge_review_due"
    KNOWLEDGE_REVIEW_OVERDUE = "knowledge_review_overdue"
    KNOWLEDGE_SUPERVISION = "knowledge_supervision"
    KNOWLEDGE_EXPIRES = "knowledge_expires"
    MISSED_CALL = "missed_call"
    VOICEMAIL = "voicemail"
    CALL_FLOW = "call_flow"
    """What a call flow sends, in its own words."""


class Placeholder(StrEnum):
    """What stands between braces in a template. None of them holds what a caller said."""

    NUMBER = "number"
    """Of the case."""
    STATE = "state"
    DATE = "date"
    """Until when, or when."""
    UNIT = "unit"
    PERSON = "person"
    """Of the staff, who did it."""
    COUNT = "count"
    REASON = "reason"
    """A reason's name from a list, never free text."""
    ENTRY = "entry"
    """The title of an entry of the knowledge base."""
    LINK = "link"
    """To the page of progress."""
    HOTLINE = "hotline"
    """The hotline's own name."""


P = Placeholder
ON_PAGE = frozenset({P.NUMBER, P.STATE, P.DATE, P.UNIT, P.PERSON, P.COUNT, P.REASON, P.ENTRY, P.HOTLINE})
IN_SMS = frozenset({P.NUMBER, P.STATE, P.DATE, P.LINK, P.HOTLINE})
"""An SMS may be read by whoever holds the phone: the number and the state of a case, and no more."""
