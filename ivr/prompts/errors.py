"""What can go wrong with prompts, voices and recordings."""

from __future__ import annotations

from hotline.kernel.errors import ConflictError, HotlineError, InvalidInputError, NotFoundError, UnavailableError


class PromptError(HotlineError):
    error_id = "prompt.failed"
    title = "The prompt could not be made"


class CatalogueError(PromptError, InvalidInputError):
    error_id = "prompt.catalogue_invalid"
    status = 422
    title = "The prompt catalogue is not valid"


class UnknownPromptError(PromptError, NotFoundError):
    error_id = "prompt.unknown"
    status = 404
    title = "No such prompt"


class SpeechUnavailableError(PromptError, UnavailableError):
    """No voice for this language here, or its server does not answer; what exists already stays in use."""

    error_id = "prompt.speech_unavailable"
    status = 503
    title = "The speech voice is not available"


class SpeechRefusedError(PromptError):
    """The voice answered but would not or could not speak this text; asking again does not help."""

    error_id = "prompt.speech_refused"
    status = 502
    title = "The speech voice refused"


class BadRecordingError(PromptError, InvalidInputError):
    """Empty, silent, broken, too long or too large audio."""

    error_id = "prompt.bad_recording"
    status = 422
    title = "The recording cannot be used"


class PromptWordsError(PromptError, InvalidInputError):
    """A text that no voice can speak as it is written."""

    error_id = "prompt.words_unspeakable"
    status = 422
    title = "The text cannot be spoken"


class PromptConflictError(PromptError, ConflictError):
    error_id = "prompt.version_conflict"
    status = 409
    title = "Somebody else changed the prompt"


class PromptVersionNotFoundError(PromptError, NotFoundError):
    error_id = "prompt.version_not_found"
    status = 404
    title = "The prompt has no such version"
