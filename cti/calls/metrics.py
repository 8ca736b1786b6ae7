"""Figures of the call log."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from hotline.kernel.metrics import REGISTRY

CALLS_WAITING = Gauge("hotline_call_log_waiting", "Calls whose records are not written yet", registry=REGISTRY)
CALLS_REFUSED = Counter(
    "hotline_call_log_refused", "Records that the database refused; their events are in the journal", registry=REGISTRY
)
CALLS_FILLED = Counter(
    "hotline_call_log_filled", "Facts taken from Asterisk's own logs because the service missed them", registry=REGISTRY
)
