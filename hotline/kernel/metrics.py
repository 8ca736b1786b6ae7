"""Our own Prometheus registry, so that nothing a library registers by itself is exposed by accident."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

HTTP_SECONDS = Histogram(
    "hotline_http_request_seconds",
    "Time to answer an HTTP request; a WebSocket counts until it is accepted or refused",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
JOURNAL_WAITING = Gauge("hotline_journal_waiting", "Events not in the database yet", registry=REGISTRY)
JOURNAL_LOST = Counter("hotline_journal_lost", "Events lost because nothing could take them", registry=REGISTRY)
READINESS = Gauge("hotline_readiness", "1 for what /readyz says", ["status"], registry=REGISTRY)
PART_OK = Gauge("hotline_part_ok", "Whether a part of /readyz is as it should be", ["part"], registry=REGISTRY)
JOBS = Counter("hotline_jobs", "Jobs by how an attempt ended", ["kind", "outcome"], registry=REGISTRY)
MESSAGES = Counter(
    "hotline_messages",
    "Messages to the outside by how an attempt ended: sent, failed (tried again), dead (given up)",
    ["channel", "outcome"],
    registry=REGISTRY,
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

CONTENT_TYPE = CONTENT_TYPE_LATEST


def http_method(method: str) -> str:
    """As a label: a client may send any word as the method, and each would become a permanent time series."""
    return method if method in _METHODS else "other"


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    return generate_latest(REGISTRY)
