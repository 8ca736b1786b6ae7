"""Errors that keep the one-box from starting, each as one line that says how to fix it."""

from __future__ import annotations

from hotline.kernel.errors import HotlineError


class BoxError(HotlineError):
    error_id = "box.failed"
    title = "The one-box cannot run"


class UnsupportedSystemError(BoxError):
    error_id = "box.unsupported"


class FetchError(BoxError):
    """Asterisk could not be fetched."""

    error_id = "box.fetch_failed"


class BadSettingError(BoxError):
    """A setting or secret that Asterisk's configuration cannot carry."""

    error_id = "box.bad_setting"
    status = 422


class NotReadyError(BoxError):
    """Something on this machine must be fixed first; `detail` lists it, one line each."""

    error_id = "box.not_ready"


class AsteriskStartError(BoxError):
    """Asterisk ended, or did not answer in time, while starting."""

    error_id = "box.asterisk_start"
