"""A small rehearsal from end to end: the real service in processes of its own, over a place of its own."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.clock import SystemClock
from app.drill.rehearsal.day import rehearse
from app.drill.rehearsal.plan import Plan, RoomShape, seated
from app.drill.rules import capacity
from app.drill.service.front import has_front, look_at
from app.drill.service.namespace import leftovers
from app.settings import PREFIX
from question_bank.blueprint_json import to_json
from tests.support.house import open_house, settings_for
from tests.support.sealed_exam import make_sealed_exam, three_sections

ROOT = Path(__file__).resolve().parents[3]


def small(**other):
    """Six candidates in a room and at home: one loses the network, one swaps machines, one opens a second page."""
    told = {
        "blueprint": to_json(three_sections()), "candidates": 6, "rooms": (RoomShape(4, False), RoomShape(4, True)),
        "reserve_forms": 1, "reserve_set": False, "arrival": 1.5, "storm": 0.2, "seconds": 2.0, "every": 0.25,
        "left": 0, "savers": 2, "step": 0.3, "most_steps": 1, "first_rate": 20, "instances": 1,
    }  # fmt: skip
    return Plan(**{**told, **other})


def settings_of(url, folder):
    update = {
        "worker_inside": True,
        "trusted_proxies": ("127.0.0.1",),
        "drill": True,
        "public_base_url": "http://127.0.0.1",
    }
    return settings_for(url, folder).model_copy(update=update)


def check(measured, *, left=0):
    assert (measured.errors, measured.first_error) == (0, "")
    assert (measured.broken, measured.wrongly_scored, measured.not_closed) == ((), 0, 0)
    assert measured.played == {"away": 1, "swapped": 1, "second_page": 1, **({"left_to_bell": left} if left else {})}
    assert measured.saves > 6 * 4
    assert min(measured.sign_in_p99_us, measured.start_p99_us, measured.save_p99_us, measured.hand_in_p99_us) > 0
    assert measured.steps[0].answered > 0


def test_a_day_in_small_keeps_every_promise(sqlite_url, tmp_path):
    heard = []
    check(rehearse(settings_of(sqlite_url, tmp_path), small(), lambda done, zh, en: heard.append(done)))
    assert heard == sorted(heard)


@pytest.mark.long
def test_the_same_on_postgresql_with_two_instances_a_worker_apart_and_the_sweeper(postgresql_url, tmp_path):
    settings = settings_of(postgresql_url, tmp_path).model_copy(update={"worker_inside": False})
    measured = rehearse(settings, small(instances=2, left=4), lambda *_: None)
    check(measured, left=2)
    assert measured.connections_left is not None
    assert 5_000_000 < measured.closing_us < 60_000_000


@pytest.mark.long
@pytest.mark.fault
def test_a_build_that_tells_before_it_keeps_is_found_out(database_url, tmp_path):
    plan = small(candidates=2, arrival=2.0)
    measured = rehearse(
        settings_of(database_url, tmp_path), plan, lambda *_: None, module="tests.support.careless_drill"
    )
    assert any("is not stored" in sentence for sentence in measured.broken)


@pytest.mark.long
def test_the_command_says_go_and_leaves_nothing_behind(database_url, tmp_path):
    now = datetime.now(UTC)
    with open_house(database_url, tmp_path, now=now) as house:
        exam = make_sealed_exam(house, candidates=3, starts_in=timedelta(days=1))
        near = make_sealed_exam(house, candidates=1, starts_in=timedelta(days=2))
        settings = house.settings.model_copy(update={"worker_inside": True, "public_base_url": "http://127.0.0.1:8000"})
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    arguments = [str(exam.exam_id), "--candidates", "6", "--minutes", "1", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "drill", *arguments],
        cwd=ROOT, env={**kept, **settings.environ()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr + done.stdout
    report = json.loads(done.stdout)["report"]
    against = {finding["rule"] for finding in report["findings"] if not finding["kept"]}
    assert against <= {"sign_in", "start", "save", "hand_in", "fsync", "capacity", "disk"}, report  # a busy machine
    assert done.returncode == bool(against)
    assert [table["name"] for table in report["tables"] if not table["same"]] == []
    assert leftovers(settings) == set()
    missing = subprocess.run(
        [sys.executable, "-m", "app.cli", "drill", str(near.exam_id + 99)],
        cwd=ROOT, env={**kept, **settings.environ()}, capture_output=True, check=False,
    )  # fmt: skip
    assert missing.returncode == 2


def test_rooms_seat_everybody_and_the_front_is_told_as_it_is(sqlite_house):
    assert seated((), 7) == (RoomShape(7, remote=True),)
    assert sum(room.capacity for room in seated((RoomShape(2, False), RoomShape(4, True, 5)), 31)) >= 31
    assert seated((RoomShape(9, False),), 7) == (RoomShape(9, False),)
    assert (has_front("http://127.0.0.1:8000"), has_front("https://exam.example")) == (False, True)
    nobody = look_at("http://127.0.0.1:1", sqlite_house.clock)
    assert not nobody.reachable
    assert capacity(()) == 0


class Proxy(BaseHTTPRequestHandler):
    """A front that is not ready and forgets a header."""

    def do_GET(self):
        self.send_response(503 if self.path == "/readyz" else 200)
        self.send_header("content-security-policy", "default-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_what_the_front_lacks_is_named():
    server = HTTPServer(("127.0.0.1", 0), Proxy)
    Thread(target=server.serve_forever, daemon=True).start()
    found = look_at(f"http://127.0.0.1:{server.server_port}", SystemClock())
    server.shutdown()
    server.server_close()
    assert (found.reachable, found.ready, found.missing) == (True, False, ("referrer-policy",))
    assert abs(found.clock_offset_us) < 2_000_000
