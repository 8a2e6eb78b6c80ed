"""Counters of what the processes did, in the text form of Prometheus.

Several worker processes answer, and a scrape reaches one of them: the client library shares the counters in files. It
decides so when it is imported, by an environment variable, which ``server.monitoring.shared`` sets.
"""

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from server.monitoring.shared import VARIABLE

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# The promises are 100 ms for a page and 600 ms for a registration in the worst hour.
_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.6, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "tiepdon_http_requests",
            "Answered requests.",
            ("endpoint", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tiepdon_http_request_seconds",
            "Time from a request's arrival to the head of its answer.",
            ("endpoint",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, *, endpoint: str, method: str, status: int, seconds: float) -> None:
        requests, durations = self._counted.get((endpoint, method, status)) or self._count(endpoint, method, status)
        requests.inc()
        durations.observe(seconds)

    def _count(self, endpoint: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return what counts such requests, found by its labels once: that takes longer than adding to it."""
        found = self._requests.labels(endpoint, method, str(status)), self._seconds.labels(endpoint)
        self._counted[endpoint, method, status] = found
        return found

    def page(self, *collectors: Collector) -> bytes:
        """Return the counters of all processes and what ``collectors`` find at this moment."""
        counted = self._registry
        if VARIABLE in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library types it in part only
        found = CollectorRegistry()
        for collector in collectors:
            found.register(collector)
        return generate_latest(counted) + generate_latest(found)


def forget_process(pid: int) -> None:
    """Let go what an ended worker said of itself; what it counted stays."""
    if VARIABLE in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # as above
