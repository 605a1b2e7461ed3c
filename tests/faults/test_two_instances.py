"""Two instances behind one address: candidates move from one to the other with every request, and each instance is
restarted in the middle of the exam, as an update of the service does (P1, P51)."""

import http.client
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pytest

from tests.support.house import open_house
from tests.support.live_server import LiveServer, live_server
from tests.support.sealed_exam import make_sealed_exam, open_session_for
from tests.support.sitters import Sitter, broken_promises

CANDIDATES = 4


class Wanderer:
    """A candidate whom the load balancer sends to the other instance each time, and again where one is away."""

    def __init__(self, sitter: Sitter, servers: list[LiveServer]) -> None:
        self.sitter = sitter
        self.saved_at: Counter[int] = Counter()
        self._servers = servers

    def run(self, stop: threading.Event) -> None:
        """Start, then save without pause, until `stop`."""
        revision = int(time.time() * 1000)
        for server in cycle(self._servers):
            if stop.wait(0.03):
                return
            revision += 1
            with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
                try:
                    if self.sitter.attempt_id:
                        self.sitter.save(connection, revision)
                        self.saved_at[server.port] += 1
                    else:
                        self.sitter.start(connection)
                except (OSError, http.client.HTTPException, ValueError):
                    self.sitter.unanswered += 1


@pytest.mark.fault
def test_candidates_move_between_instances_while_each_is_restarted(postgresql_url: str, tmp_path: Path) -> None:
    with open_house(postgresql_url, tmp_path, now=datetime.now(UTC)) as house, ExitStack() as opened:
        exam = make_sealed_exam(house, candidates=CANDIDATES, remote=True, earliest_hand_in_minutes=0)
        servers = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            servers.append(opened.enter_context(live_server(postgresql_url, tmp_path / name)))
        tokens = [open_session_for(house, candidate, checked_in=False)[0] for candidate in exam.candidates]
        wanderers = [
            Wanderer(Sitter(token, candidate.registration_id, servers[0].port), servers)
            for candidate, token in zip(exam.candidates, tokens, strict=True)
        ]
        stop = threading.Event()
        threads = [threading.Thread(target=wanderer.run, args=(stop,)) for wanderer in wanderers]
        for thread in threads:
            thread.start()
        while not all(wanderer.saved_at.total() > 2 for wanderer in wanderers):
            time.sleep(0.05)
        for away, there in (servers, reversed(servers)):
            away.stop()
            before = sum(wanderer.saved_at[there.port] for wanderer in wanderers)
            time.sleep(0.5)
            assert sum(wanderer.saved_at[there.port] for wanderer in wanderers) > before  # nobody waits for the update
            away.start()
        time.sleep(0.3)
        stop.set()
        for thread, wanderer in zip(threads, wanderers, strict=True):
            thread.join()
            wanderer.sitter.hand_in_at_last()
        assert broken_promises(house, [wanderer.sitter for wanderer in wanderers]) == []
        for wanderer in wanderers:
            assert wanderer.sitter.handed_in
            assert set(wanderer.sitter.statuses) <= {200, 503}, servers[0].log + servers[1].log
            assert all(wanderer.saved_at[server.port] > 3 for server in servers)
