"""Each measurement runs with tiny numbers against the real server, without an error, and prints a ratio or says why
there is none. How fast it is, no test judges."""

import socket
import threading
import time

import pytest

from app.drill.load.open_loop import Away, Due, keep_to_time
from benchmarks.__main__ import MEASURES, main
from benchmarks.generator import Tally
from benchmarks.pairs import PRODUCT, show, take_turns
from benchmarks.places import POSTGRESQL, SQLITE


@pytest.mark.long
@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_every_measurement_of_the_exam_day_gives_a_ratio_or_says_that_there_is_none(kind, capsys):
    names = ["tickets", "starts", "sealed-starts", "saves", "pages", "hand-ins"]
    assert main([*names, "--quick", "--on", kind]) == 0
    said = capsys.readouterr().out
    assert "ERROR" not in said
    assert said.count("of 2 pairs") + said.count("not measured") >= len(names)


@pytest.mark.long
def test_every_other_measurement_gives_a_ratio_or_says_that_there_is_none(capsys):
    day = {"tickets", "starts", "sealed-starts", "saves", "pages", "hand-ins", "open-loop", "day", "soak"}
    names = sorted(set(MEASURES) - day)
    assert main([*names, "--quick", "--on", SQLITE]) == 0
    said = capsys.readouterr().out
    assert "ERROR" not in said
    assert said.count("of 2 pairs") + said.count("not measured") >= len(names)


@pytest.mark.long
@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_a_small_day_loses_nothing_and_closes_everything(kind, capsys):
    assert main(["open-loop", "day", "soak", "--quick", "--on", kind, "--candidates", "30"]) == 0
    said = capsys.readouterr().out
    assert "ERROR" not in said
    assert "0 of 30 not closed once" in said
    assert said.count(" 0 lost of ") == 3


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_the_first_turn_warms_up_and_each_further_one_gives_a_ratio():
    rates = iter([1, 2, 100, 50, 300, 100])

    def leg(_turn):
        return Tally(requests=next(rates), seconds=1.0)

    said = show("saves", take_turns({PRODUCT: (leg, None), "R": (leg, None)}, pairs=2))
    assert said[1] == "  / R          2.5 [2 to 3] of 2 pairs"


def test_an_error_is_shown_whatever_the_ratio_even_in_the_turn_that_warms_up():
    failed = iter([1, 0])

    def leg(_turn):
        return Tally(requests=5, seconds=1.0, errors=next(failed, 0), first_error="500")

    turns = take_turns({PRODUCT: (leg, None), "R": (lambda _turn: Tally(requests=5, seconds=1.0), None)}, pairs=1)
    assert any("ERROR product: 1 errors, first: 500" in line for line in show("saves", turns))


def test_the_open_loop_counts_from_the_moment_that_was_due_and_sends_again_what_was_refused_for_the_moment():
    answers = [b"503 Busy", b"200 OK", b"200 OK"]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            caller, _ = server.accept()
            with caller:
                for said in answers:
                    caller.recv(1000)
                    caller.sendall(b"HTTP/1.1 %b\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n" % said)

        thread = threading.Thread(target=serve)
        thread.start()

        def diary():
            reply = yield Due(0.02, b"GET / HTTP/1.1\r\n\r\n", "save")
            assert reply.status == 200
            until = time.perf_counter() + 0.02
            while time.perf_counter() < until:  # the generator's own time, and no wait for the server
                pass
            yield Due(0.02, b"GET / HTTP/1.1\r\n\r\n", "hand_in")
            assert (yield Away(0.05)) is None
            raise ValueError("no more")

        run = keep_to_time([diary()], server.getsockname()[1])
        thread.join()
    assert (run.retried, run.errors, run.first_error, len(run.waits["save"])) == (1, 1, "no more", 1)
    assert run.seconds >= 0.05
    assert 0 < run.percentile_bare("save", 0.5) <= run.percentile("save", 0.5) < 5000
    assert run.late >= 0.02
    assert (
        20
        <= run.percentile_added("hand_in", 0.5)
        <= run.percentile("hand_in", 0.5) - 0.9 * run.percentile_bare("hand_in", 0.5)
    )
