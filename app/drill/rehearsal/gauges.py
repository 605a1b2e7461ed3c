"""What is read of machine and database while the load runs: processor time, durable writes, connections."""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import URL

from app.database import driver_arguments

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_SECONDS = 0.25


@dataclass(frozen=True)
class Reading:
    """How things stood at one moment: processor seconds by process, of the machine (busy, all), and what was probed
    last (microseconds of one durable write; connections left)."""

    at: float
    processes: dict[int, float]
    busy: float
    all: float
    fsync_us: int
    connections_left: int | None


@dataclass(frozen=True)
class Strain:
    """What a stretch of time asked of machine and database (permille of a core, of the machine)."""

    process_permille: int
    machine_permille: int
    fsync_p99_us: int
    connections_left: int | None


class Gauges:
    """Reads every quarter of a second on a thread of its own, from the first `with` to its end."""

    def __init__(self, process_ids: Sequence[int], probe: "Probe") -> None:
        self._process_ids = process_ids
        self._probe = probe
        self._stop = threading.Event()
        self._readings: list[Reading] = []
        self._thread = threading.Thread(target=self._run, name="gauges", daemon=True)

    def __enter__(self) -> Self:
        self._readings.append(self._read())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._probe.close()

    def strain(self, since: float) -> Strain:
        """What was asked since that moment (`time.monotonic`)."""
        self._readings.append(self._read())
        stretch = [reading for reading in self._readings if reading.at >= since]
        first, last = stretch[0], stretch[-1]
        if len(stretch) == 1:
            first = self._readings[-2]
        wall = max(last.at - first.at, 1e-6)
        used = [last.processes[pid] - first.processes.get(pid, 0.0) for pid in last.processes]
        writes = sorted(reading.fsync_us for reading in stretch)
        left = [reading.connections_left for reading in stretch if reading.connections_left is not None]
        return Strain(
            process_permille=round(max(used, default=0.0) / wall * 1000),
            machine_permille=round((last.busy - first.busy) / max(last.all - first.all, 1e-6) * 1000),
            fsync_p99_us=writes[min(len(writes) - 1, int(0.99 * len(writes)))],
            connections_left=min(left, default=None),
        )

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self._readings.append(self._read())

    def _read(self) -> Reading:
        processes = {}
        for pid in self._process_ids:
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                processes[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
        counted = [int(number) / _TICKS for number in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        idle = counted[3] + counted[4]  # idle, and idle while something is read
        fsync_us = self._probe.write()
        return Reading(
            time.monotonic(), processes, sum(counted) - idle, sum(counted), fsync_us, self._probe.connections_left()
        )


class Probe:
    """The smallest durable write, timed, where the database keeps its own: a commit on PostgreSQL, a file beside the
    database on SQLite, whose one writer it shall not keep waiting."""

    def __init__(self, url: URL, folder: Path) -> None:
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._file = None
        if url.get_backend_name() == "postgresql":
            self._connection = psycopg.connect(**driver_arguments(url), autocommit=True)
            self._connection.execute("CREATE TABLE drill_probe AS SELECT 0 AS written")
        else:
            self._file = (folder / "probe").open("wb", buffering=0)

    def write(self) -> int:
        """Write durably; returns the microseconds that it took."""
        with self._lock:
            began = time.perf_counter()
            self._write()
            return round((time.perf_counter() - began) * 1_000_000)

    def _write(self) -> None:
        if self._connection is not None:
            self._connection.execute("UPDATE drill_probe SET written = written + 1")
        elif self._file is not None:
            self._file.write(b"0" * 4096)
            os.fsync(self._file.fileno())

    def connections_left(self) -> int | None:
        """Connections that PostgreSQL would still give to an ordinary account; None on SQLite."""
        if self._connection is None:
            return None
        with self._lock:
            row = self._connection.execute(_CONNECTIONS_LEFT).fetchone()
        return int(row[0]) if row else None

    def close(self) -> None:
        """Let go of connection and file."""
        if self._connection is not None:
            self._connection.close()
        if self._file is not None:
            self._file.close()


_CONNECTIONS_LEFT = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend'"""
