"""Figures for Prometheus. Labels are routes, outcomes and reasons: never who, what or which order."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from sync.protocol.messages import ActResult

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_OTHER = "other"


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self, routes: Iterable[str]) -> None:
        """``routes`` are the known paths as written in the routing table; others are "other"."""
        self.registry = CollectorRegistry()
        self._routes = frozenset(routes)
        ProcessCollector(namespace="jiban", registry=self.registry)
        self._requests = Counter(
            "jiban_requests", "Answers by route, method and status",
            ["route", "method", "status"], registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "jiban_request_seconds", "Time to an answer; the long poll is not in it",
            ["route"], buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._acts = Counter(
            "jiban_acts", "Judged acts by outcome", ["outcome"], registry=self.registry
        )
        self._retries = Counter(
            "jiban_transaction_retries", "Transactions that the database refused and that ran again",
            ["reason"], registry=self.registry,
        )  # fmt: skip

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a value that is read when somebody looks."""
        Gauge(f"jiban_{name}", text, registry=self.registry).set_function(value)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        route = route if route in self._routes else _OTHER
        self._requests.labels(route, method if method.isalpha() else _OTHER, str(status)).inc()
        if route != "/v1/changes":
            self._seconds.labels(route).observe(seconds)

    def judged(self, results: Iterable[ActResult]) -> None:
        counts = Counts(result.outcome.value for result in results)
        for outcome, count in counts.items():
            self._acts.labels(outcome).inc(count)

    def retried(self, reason: str) -> None:
        self._retries.labels(reason).inc()

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Serve ``/metrics`` on a port of its own while the block runs; yields the port.

        Not on the seats' address: a load balancer passes that on to whoever asks. Raises ``OSError``.
        """
        server, thread = start_http_server(port, host, self.registry)
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
