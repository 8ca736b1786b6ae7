"""Which body each action takes."""

from __future__ import annotations

from collections.abc import Mapping

from crm.cases.details.closing import CallbackRecord, Closing, ReplyAudit, Termination, Withdrawal
from crm.cases.details.common import AssignmentMove, MoveDetail, PlainMove, ReasonedMove
from crm.cases.details.dispatching import AssignmentReply, AssignmentReturn, Dispatch, ReturnRequest, SubDispatch
from crm.cases.details.handling import ContactRecord, ExtensionGrant, ExtensionRequest, FinalReply, InterimReply
from crm.cases.details.intake import Approval, DirectAnswer, EmergencyTransfer, NotAccepted
from crm.cases.details.linking import DuplicateLink, RepeatClosing, RepeatNote
from crm.cases.details.tracking import Recusal, Urge
from crm.cases.state import CaseAction

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
