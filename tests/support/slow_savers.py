"""Saves whose bodies come slowly, over sockets of their own."""

import json
import socket
from contextlib import suppress
from typing import Any, Self

from tests.support.savers import Running


class SlowSave:
    """One save: its head is sent at once, of its body what is asked for."""

    def __init__(self, seat: Running, port: int, *, position: int, revision: int, response: int = 1) -> None:
        self.key = (seat.attempt_id, position, revision)
        self.told = json.dumps([response])
        change = {"position": position, "revision": revision, "response": [response], "epoch": 1}
        self._left = json.dumps({"changes": [change]}).encode()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            f"POST /api/v1/attempts/{seat.attempt_id}/saves HTTP/1.1",
            "host: 127.0.0.1",
            "content-type: application/json",
            "sec-fetch-site: same-origin",
            f"cookie: chizheng={seat.token}",
            f"content-length: {len(self._left)}",
        )
        self._socket.sendall("\r\n".join((*head, "", "")).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def dribble(self) -> None:
        """Send one byte more, never the last."""
        if len(self._left) > 1:
            self._socket.sendall(self._left[:1])
            self._left = self._left[1:]

    def finish(self) -> tuple[int, dict[str, Any]]:
        """Send the rest; the status and what was said."""
        self._socket.sendall(self._left)
        with self._socket.makefile("rb") as file:
            status, size = int(file.readline().split()[1]), 0
            while line := file.readline().strip():
                name, _, value = line.partition(b":")
                with suppress(ValueError):
                    size = int(value) if name == b"content-length" else size
            return status, json.loads(file.read(size))
