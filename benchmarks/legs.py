"""The legs that the generator runs, one call each, in its own process: what goes in and comes out can be pickled."""

import gc
import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from app.drill.load.open_loop import Diary, Due, Punctual, keep_to_time, times_of
from app.drill.load.wire import must_succeed, post
from benchmarks import candidates as step
from benchmarks.candidates import Candidate, Day
from benchmarks.generator import Script, Tally, drive

Step = Callable[[Candidate], Script]


def hire_generator() -> ProcessPoolExecutor:
    """A process of its own for the load, fresh: it shares no interpreter with anything that is measured. It collects no
    garbage, for it makes none that needs it: a walk through ten thousand candidates lasts longer than a save."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=gc.disable)


def each_once(
    port: int, hall: Sequence[Candidate], step_name: str, connections: int, password: str = ""
) -> tuple[Tally, list[Candidate]]:
    """Every candidate takes one step; returns the candidates as the step left them."""
    steps: dict[str, Step] = {
        "ticket_sign_in": step.ticket_sign_in,
        "password_sign_in": lambda candidate: step.password_sign_in(candidate, password),
        "make_promise": step.make_promise,
        "fetch_form": step.fetch_form,
        "start": step.start,
        "start_sealed": step.start_sealed,
        "save_page": step.save_page_once,
        "look": step.look,
        "hand_in": step.hand_in,
    }
    tally = drive(port, (steps[step_name](candidate) for candidate in hall), connections=connections)
    return tally, list(hall)


def keep_saving(
    port: int, hall: Sequence[Candidate], seconds: float, connections: int, *, pages: bool
) -> tuple[Tally, list[Candidate]]:
    """Saves without end, each connection for its own share of the candidates."""
    script = step.save_pages if pages else step.save_one_by_one

    def scripts() -> Iterator[Script]:
        for number in range(min(connections, len(hall))):
            yield script(hall[number::connections], random.Random(number))

    return drive(port, scripts(), connections=connections, seconds=seconds), list(hall)


def keep_asking(
    port: int, path: str, sign: bytes, *, token: str = "", accept: str = "*/*", seconds: float, connections: int
) -> Tally:
    """The same page again and again."""
    scripts = (step.ask_again(path, token, sign, accept) for _ in range(connections))
    return drive(port, scripts, connections=connections, seconds=seconds)


def yard_saves(port: int, cookie: str, seconds: float, connections: int, *, pages: bool) -> Tally:
    """Saves to a yardstick: any of 6,000 attempts, any of 50 positions, rising numbers."""

    def script(number: int) -> Script:
        chance = random.Random(number)
        head = f"POST /{'page' if pages else 'save'} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        head += f"cookie: {cookie}\r\ncontent-length: "
        start, rising = head.encode(), 0
        while True:
            rising += 1
            attempt, sequence = 1 + int(chance.random() * 6000), rising * 1000 + number
            if pages:
                responses = b",".join(b'[%d,"%c"]' % (q, 65 + (q + rising) % 4) for q in range(1, 51))
                body = b'{"attempt":%d,"seq":%d,"answers":[%s]}' % (attempt, sequence, responses)
            else:
                position = 1 + int(chance.random() * 50)
                body = b'{"attempt":%d,"q":%d,"answer":"%c","seq":%d}' % (
                    attempt,
                    position,
                    65 + rising % 4,
                    sequence,
                )
            reply = yield b"%s%d\r\n\r\n%s" % (start, len(body), body)
            must_succeed(reply, b"true")

    return drive(port, map(script, range(connections)), connections=connections, seconds=seconds)


def yard_storm(port: int, users: range, connections: int, *, submit: bool) -> Tally:
    """Each of these users starts at a yardstick, or hands in 50 responses there."""

    def script(user: int) -> Script:
        if submit:
            body = b'{"user":%d,"answers":[%s]}' % (user, b",".join(b"%d" % (n % 4) for n in range(50)))
            must_succeed((yield post("/submit", body)), b"score")
        else:
            must_succeed((yield post("/start", b'{"user":%d}' % user)), b"items")

    return drive(port, map(script, users), connections=connections)


def saves_on_time(
    port: int, hall: Sequence[Candidate], rate: float, seconds: float
) -> tuple[Punctual, list[Candidate]]:
    """Saves at a rate, each candidate on a connection."""
    diaries = [
        step.save_on_time(candidate, times_of(number, rate, len(hall), seconds))
        for number, candidate in enumerate(hall)
    ]
    return keep_to_time(diaries, port), list(hall)


def yard_saves_on_time(port: int, cookie: str, rate: float, seconds: float, links: int) -> Punctual:
    """The same to a yardstick."""
    head = "POST /save HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    start = f"{head}cookie: {cookie}\r\ncontent-length: ".encode()

    def diary(number: int) -> Diary:
        for rising, at in enumerate(times_of(number, rate, links, seconds), start=1):
            body = b'{"attempt":%d,"q":%d,"answer":"%c","seq":%d}' % (
                number + 1,
                1 + rising % 50,
                65 + rising % 4,
                rising,
            )
            reply = yield Due(at, b"%s%d\r\n\r\n%s" % (start, len(body), body), "save")
            if reply is not None:
                must_succeed(reply, b"true")

    return keep_to_time([diary(number) for number in range(links)], port)


def live_day(port: int, hall: Sequence[Candidate], day: Day) -> tuple[Punctual, list[Candidate]]:
    """A whole exam day, each candidate on a kept connection."""
    diaries = [step.live_through(one, day, number, random.Random(number)) for number, one in enumerate(hall)]
    return keep_to_time(diaries, port), list(hall)


def run_import(port: int, bank_id: int, token: str, csrf: str, content: bytes, items: int) -> Tally:  # noqa: PLR0917 - a call across processes
    """One workbook: uploaded for a preview, then committed as the preview said."""

    def script() -> Script:
        edge = "bench-7d1f"
        fields = f'--{edge}\r\ncontent-disposition: form-data; name="_csrf"\r\n\r\n{csrf}\r\n--{edge}\r\n'
        fields += 'content-disposition: form-data; name="file"; filename="bank.xlsx"\r\n\r\n'
        body = fields.encode() + content + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        reply = yield post(f"/api/v1/banks/{bank_id}/imports", body, token=token, kind=kind)
        must_succeed(reply, b'"id"')
        import_id = json.loads(reply.body)["id"]
        wanted = json.dumps({"seen": items}).encode()
        must_succeed((yield post(f"/api/v1/imports/{import_id}/commit", wanted, token=token)))

    return drive(port, iter([script()]), connections=1)
