"""The figures of one process, in Prometheus' text form.

Several server processes share one port, so a scrape meets one of them at random: every sample carries the label
`process`, which keeps their series apart.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool

from app.database import Database
from app.write_ahead import WriteAheadLog

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SAVE_ROUTE = "/api/v1/attempts/{attempt_id}/saves"
_REFUSAL, _FAILURE = 400, 500
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """All figures of one process; made once when it starts, handed to whoever counts."""

    def __init__(self, process: str) -> None:
        self._inner = CollectorRegistry()
        self._outer = CollectorRegistry()
        self._outer.register(_Labelled(self._inner, process))
        into: dict[str, Any] = {"namespace": "chizheng", "registry": self._inner}
        self._requests = _Requests()
        self._inner.register(self._requests)
        self.saves = Counter("saves", "Saves of responses", ["outcome"], **into)
        self.save_seconds = Histogram("save_seconds", "Seconds until a save is on disk", buckets=_SECONDS, **into)
        self.journal_batch = Histogram(
            "journal_batch_size",
            "Saves committed together",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
            **into,
        )
        self.jobs = Counter("jobs", "Attempts at background jobs", ["kind", "outcome"], **into)
        self.job_seconds = Histogram(
            "job_seconds",
            "Seconds of one attempt at a job",
            ["kind"],
            buckets=(*_SECONDS, 30, 60, 300),
            **into,
        )
        self.ticks = Counter("ticks", "Runs of periodic work", ["tick", "outcome"], **into)
        self.tick_seconds = Histogram("tick_seconds", "Seconds of periodic work", ["tick"], buckets=_SECONDS, **into)
        self.tick_last_success = Gauge(
            "tick_last_success_timestamp_seconds", "When periodic work last succeeded", ["tick"], **into
        )
        self.outbox = Counter("outbox_messages", "Messages handed to a channel", ["channel", "outcome"], **into)

    def watch_database(self, database: Database) -> None:
        """Add the figures of the database's pool, and of SQLite's log, read at the moment of each scrape."""
        self._inner.register(_Pool(database))
        if database.log is not None:
            self._inner.register(_Log(database.log))

    def count_request(self, *, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the template, None where no route took the path."""
        # A caller may send any word as a method: each new one would be a new series for good.
        known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"
        self._requests.count(known, route or "-", status, seconds)

    def totals(self) -> "Totals":
        """What this process has counted so far, for its report to the others."""
        return self._requests.totals()

    def render(self) -> bytes:
        """All figures as text, UTF-8, of the type CONTENT_TYPE."""
        return generate_latest(self._outer)


@dataclass(frozen=True)
class Totals:
    """Answers counted: all, those of failures (500 and above), saves, and how long saves took, by `_SECONDS`."""

    requests: int
    errors: int
    saves: int
    save_buckets: tuple[int, ...]

    def since(self, before: "Totals") -> "Totals":
        """What was counted after `before`."""
        buckets = zip(self.save_buckets, before.save_buckets, strict=True)
        return Totals(
            self.requests - before.requests,
            self.errors - before.errors,
            self.saves - before.saves,
            tuple(now - then for now, then in buckets),
        )


def quantile(buckets: Sequence[int], share: float) -> float | None:
    """The upper bound (seconds) of the bucket in which that share of all is reached; what took longest counts as twice
    the last bound. None where nothing was counted."""
    wanted = sum(buckets) * share
    if not wanted:
        return None
    reached = next(number for number, count in enumerate(accumulate(buckets)) if count >= wanted)
    return float((*_SECONDS, 2 * _SECONDS[-1])[reached])


class _Requests(Collector):
    """Requests by method, route and status, and how long each route took; plain numbers until they are asked for.

    Counted on the thread of the event loop; a scrape from another thread may miss the request of this moment.
    """

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str, int], int] = {}
        self._seconds: dict[str, tuple[list[int], list[float]]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one request."""
        key = (method, route, status)
        self._answered[key] = self._answered.get(key, 0) + 1
        series = self._seconds.get(route)
        if series is None:
            series = self._seconds[route] = ([0] * (len(_SECONDS) + 1), [0.0])
        series[0][bisect_left(_SECONDS, seconds)] += 1
        series[1][0] += seconds

    def totals(self) -> Totals:
        counted = list(self._answered.items())
        saves = [(count, status) for (_, route, status), count in counted if route == SAVE_ROUTE]
        buckets, _ = self._seconds.get(SAVE_ROUTE, ([0] * (len(_SECONDS) + 1), [0.0]))
        return Totals(
            requests=sum(count for _, count in counted),
            errors=sum(count for (_, _, status), count in counted if status >= _FAILURE),
            saves=sum(count for count, status in saves if status < _REFUSAL),
            save_buckets=tuple(buckets),
        )

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        answered = CounterMetricFamily("chizheng_requests", "Requests answered", labels=["method", "route", "status"])
        for (method, route, status), count in list(self._answered.items()):
            answered.add_metric([method, route, str(status)], count)
        yield answered
        took = HistogramMetricFamily("chizheng_request_seconds", "Seconds from first byte to answer", labels=["route"])
        for route, (buckets, total) in list(self._seconds.items()):
            rising = zip([*map(str, map(float, _SECONDS)), "+Inf"], map(float, accumulate(buckets)), strict=True)
            took.add_metric([route], list(rising), total[0])
        yield took


class _Labelled(Collector):
    """Hands on what another registry collects, with the label of this process added."""

    def __init__(self, inner: CollectorRegistry, process: str) -> None:
        self._inner = inner
        self._process = process

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        for metric in self._inner.collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, "process": self._process}) for sample in metric.samples
            ]
            yield metric


class _Pool(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        pool = self._database.engine.pool
        if isinstance(pool, QueuePool):
            family = GaugeMetricFamily("chizheng_pool_connections", "Connections of the pool", labels=["state"])
            family.add_metric(["in_use"], pool.checkedout())
            family.add_metric(["idle"], pool.checkedin())
            family.add_metric(["size"], pool.size())
            yield family


class _Log(Collector):
    def __init__(self, log: WriteAheadLog) -> None:
        self._log = log

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("chizheng_write_ahead_pages", "Pages of SQLite's log", labels=["state"])
        family.add_metric(["moved"], self._log.moved)
        family.add_metric(["waiting"], self._log.pages - self._log.moved)
        yield family
