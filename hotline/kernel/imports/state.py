"""The states of an import, and which step leads from one to another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hotline.kernel.errors import ConflictError


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    """The report is there and nothing is written yet."""
    APPLYING = "applying"
    APPLIED = "applied"
    REVERTING = "reverting"
    """What was written so far is being taken back."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Nothing of it is left; the reason is reported, and it may be checked again."""


class ImportStep(StrEnum):
    CHECK = "check"
    REPORT = "report"
    APPLY = "apply"
    FINISH = "finish"
    FAIL = "fail"
    UNDO = "undo"
    UNDONE = "undone"
    CANCEL = "cancel"


class ImportStepError(ConflictError):
    error_id = "import.state"
    title = "The import is not at that step"


_S, _T = ImportState, ImportStep
TRANSITIONS: Mapping[tuple[ImportState, ImportStep], ImportState] = {
    (_S.UPLOADED, _T.CHECK): _S.CHECKING,
    (_S.FAILED, _T.CHECK): _S.CHECKING,
    (_S.CHECKED, _T.CHECK): _S.CHECKING,
    (_S.CHECKING, _T.REPORT): _S.CHECKED,
    (_S.CHECKING, _T.FAIL): _S.FAILED,
    (_S.CHECKED, _T.APPLY): _S.APPLYING,
    (_S.APPLYING, _T.FINISH): _S.APPLIED,
    (_S.APPLYING, _T.UNDO): _S.REVERTING,
    (_S.REVERTING, _T.UNDONE): _S.CANCELLED,
    (_S.REVERTING, _T.FAIL): _S.FAILED,
    (_S.UPLOADED, _T.CANCEL): _S.CANCELLED,
    (_S.CHECKING, _T.CANCEL): _S.CANCELLED,
    (_S.CHECKED, _T.CANCEL): _S.CANCELLED,
    (_S.FAILED, _T.CANCEL): _S.CANCELLED,
}


def next_state(state: ImportState, step: ImportStep) -> ImportState:
    """Raises ImportStepError where `step` is not possible."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        detail = f"An import that is {state} cannot take the step {step}; load it again to see where it is."
        raise ImportStepError(detail, state=state.value, step=step.value) from None
