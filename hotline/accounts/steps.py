"""What is left to do between a right password and a session that may do all its roles allow."""

from __future__ import annotations

from enum import StrEnum

from hotline.accounts.models import PasswordState


class LogInStep(StrEnum):
    SECOND_FACTOR = "second_factor"
    NEW_PASSWORD = "new_password"
    ENROLMENT = "enrolment"


def next_step(*, enrolled: bool, code_given: bool, password_state: str, required: bool) -> LogInStep | None:
    """The first step that is left; None for a complete log-in.

    A password set by somebody else leads to nothing but its change, so enrolment comes after it.
    """
    if enrolled and not code_given:
        return LogInStep.SECOND_FACTOR
    if password_state != PasswordState.OWN:
        return LogInStep.NEW_PASSWORD
    return LogInStep.ENROLMENT if required and not enrolled else None
