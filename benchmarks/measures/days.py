"""The open loop: saves at a fixed rate, and a whole exam day, whatever the server makes of it."""

import os
import statistics
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select

from app.attempts.models import Attempt, JournalEntry, Response
from app.attempts.rules import AttemptState
from app.grading.models import ScoringRun
from benchmarks import legs
from benchmarks.candidates import Candidate
from benchmarks.ground import open_house
from benchmarks.measures.yards import R, save_yards
from benchmarks.open_loop import Punctual
from benchmarks.places import POSTGRESQL, Place, database_computed
from benchmarks.stage import Stage
from benchmarks.yardsticks import answers

_CHUNK = 500


def measure_open_loop(stage: Stage) -> list[str]:
    """Saves at a fixed rate; the wait counts from the moment a save was due. R at the same rate in turn."""
    scale, place = stage.scale, stage.place
    hall = stage.take("save_page", scale.savers)
    product, seconds = stage.product, scale.seconds
    runs: dict[str, list[Punctual]] = {"product": []}
    yard = None
    if R in save_yards(stage, pages=False):
        yard = stage.yard("answers", "ref_pg" if place.kind == POSTGRESQL else "ref_lite", place.yard_url)
        runs[R] = []
    for turn in range(scale.pairs + 1):
        own, hall = stage.drive(legs.saves_on_time, product.port, hall, scale.rate, seconds)
        beside = yard and stage.drive(
            legs.yard_saves_on_time, yard.port, answers.cookie(), scale.rate, seconds, len(hall)
        )
        for who, run in (("product", own), (R, beside)):
            if run and (turn or run.errors):
                runs[who].append(run)
    lines = [f"saves in an open loop, {scale.rate:g}/s on {len(hall)} connections, {place.kind}"]
    for who, punctual in runs.items():
        if punctual:
            waits = (statistics.median(run.percentile("save", share) for run in punctual) for share in (0.5, 0.99, 1.0))
            told = ", ".join(
                f"{name} {wait:.1f} ms" for name, wait in zip(("p50", "p99", "longest"), waits, strict=True)
            )
            lines.append(f"  {who}: {told}; median of {len(punctual)} pairs")
    lines += _lost(place, hall) + _errors(runs["product"])
    stage.give_back("save_page", hall)
    return lines


def measure_day(stage: Stage) -> list[str]:
    """A whole exam day: entry, saves, one in ten without a network for a while, the bell, every hand-in scored."""
    place, day, product = stage.place, stage.scale.day, stage.product
    hall = stage.take("start", day.candidates)
    before, began = product.computed() + database_computed(place), time.perf_counter()
    run, hall = stage.drive(legs.live_day, product.port, hall, day)
    spent, lasted = product.computed() + database_computed(place) - before, time.perf_counter() - began
    waits = [
        f"{what} p50 {run.percentile(name, 0.5):.1f} ms, p99 {run.percentile(name, 0.99):.1f} ms"
        for name, what in (("save", "saves"), ("start", "starts"), ("hand_in", "hand-ins"))
    ]
    share = spent / lasted / (os.cpu_count() or 1)
    memory = _most_memory(product.process.pid)
    lines = [
        f"a day of {day.candidates} candidates, {place.kind}",
        f"  entry {day.entry:g} s, a save every {day.every:g} s, bell at {day.bell:g} s, then {day.closing:g} s",
        *_lost(place, hall),
        *_unclosed(place, hall),
        f"  {len(run.waits.get('save', ()))} saves, {run.retried} asked to come again, {run.errors} errors",
        f"  {'; '.join(waits)}",
        f"  all closed {run.last.get('hand_in', 0.0) - day.bell:.1f} s after the bell",
        f"  {share:.1%} of the machine (server and database), {memory:.0f} MB at most in the server",
        f"  generator busy {run.busy:.0%}, at worst {run.late * 1000:.1f} ms late",
    ]
    return lines + _errors([run])


def _errors(runs: Sequence[Punctual]) -> list[str]:
    return [f"  ERROR {run.errors} errors, first: {run.first_error}" for run in runs if run.errors]


def _lost(place: Place, hall: Sequence[Candidate]) -> list[str]:
    """Every save that was acknowledged must stand in the journal as it was sent."""
    sent = {
        (one.attempt_id, position, revision, f"[{option}]")
        for one in hall
        for position, revision, option in one.acknowledged
    }
    stored = set[tuple[int, int, int, str]]()
    entry = JournalEntry
    rows = select(entry.attempt_id, entry.position, entry.revision, entry.response)
    with open_house(place) as opened, opened.house.database.transaction(reading=True) as db:
        for ids in _in_chunks(hall):
            stored.update(row.tuple() for row in db.execute(rows.where(entry.attempt_id.in_(ids))))
    lost = len(sent - stored)
    return [f"  {'ERROR ' if lost else ''}{lost} lost of {len(sent)} acknowledged saves"]


def _unclosed(place: Place, hall: Sequence[Candidate]) -> list[str]:
    """Every attempt must be closed and scored once, with the newest acknowledged response of each position."""
    closed = scored = wrong = 0
    with open_house(place) as opened, opened.house.database.transaction(reading=True) as db:
        for ids in _in_chunks(hall):
            ended = select(func.count()).where(Attempt.id.in_(ids), Attempt.state == AttemptState.CLOSED)
            closed += db.scalar(ended) or 0
            scored += db.scalar(select(func.count()).where(ScoringRun.attempt_id.in_(ids))) or 0
            rows = db.execute(
                select(Response.attempt_id, Response.position, Response.revision)
                .where(Response.attempt_id.in_(ids))
                .order_by(Response.attempt_id)
            )
            folded = {key: {row[1]: row[2] for row in own} for key, own in groupby(rows, key=lambda row: row[0])}
            for one in hall:
                if one.attempt_id in ids:
                    wrong += folded.get(one.attempt_id, {}) != {at: revision for at, revision, _ in one.acknowledged}
    whole = closed == scored == len(hall) and not wrong
    said = f"{closed} closed and {scored} scored of {len(hall)}, {wrong} with other responses than acknowledged"
    return [f"  {'' if whole else 'ERROR '}{said}"]


def _in_chunks(hall: Sequence[Candidate]) -> list[set[int]]:
    return [{one.attempt_id for one in hall[first : first + _CHUNK]} for first in range(0, len(hall), _CHUNK)]


def _most_memory(process_id: int) -> float:
    """The largest resident size so far, in MB."""
    said = Path(f"/proc/{process_id}/status").read_text().partition("VmHWM:")[2].split()
    return int(said[0]) / 1024
