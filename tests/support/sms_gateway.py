"""A gateway of short messages, played on loopback: it sends once for each key, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Sms:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, str]
    raw: str


@dataclass
class SmsGateway:
    """`answers` are the statuses of the next requests, 202 when they are used up; 0 hangs up without a word."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    requests: list[Sms] = field(default_factory=list)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    """What left for a telephone, by its key: each key once."""

    def take(self, request: Sms) -> int:
        self.requests.append(request)
        status = self.answers.pop(0) if self.answers else 202
        if status == 202:
            self.sent.setdefault(request.headers["Idempotency-Key"], request.body)
        return status


@contextmanager
def open_gateway() -> Iterator[SmsGateway]:
    """Lend a gateway that listens until the block ends."""
    gateway = SmsGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status = gateway.take(Sms(self.path, dict(self.headers), json.loads(raw), raw))
            if not status:
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{gateway.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
