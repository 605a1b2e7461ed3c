"""HTTP as the load sends and reads it: whole requests as bytes, whole replies, nothing between."""

import re
from dataclasses import dataclass

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, its head as it came, and its body."""

    status: int
    head: bytes
    body: bytes


def whole_reply(buffer: bytes) -> Reply | None:
    """The reply that these bytes are; None while some of it is still to come."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end]
    length = _LENGTH.search(head)
    body = buffer[end + 4 :]
    if len(body) < (int(length[1]) if length else 0):
        return None
    return Reply(int(head[9:12]), head, body)


def post(path: str, body: bytes, *, token: str = "", address: str = "", kind: str = "application/json") -> bytes:
    """A request as a page of the product sends it."""
    extra = f"cookie: chizheng={token}\r\n" if token else ""
    if address:
        extra += f"x-forwarded-for: {address}\r\n"
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: same-origin\r\ncontent-type: {kind}\r\n"
        f"{extra}content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, *, token: str = "", accept: str = "application/json") -> bytes:
    """A reading request."""
    cookie = f"cookie: chizheng={token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: {accept}\r\n{cookie}\r\n".encode()


def must_succeed(reply: Reply, *signs: bytes) -> None:
    """Raise ValueError where the reply is not a success that holds each of `signs`."""
    if not 200 <= reply.status < 400 or any(sign not in reply.body for sign in signs):
        raise ValueError(f"{reply.status}: {reply.body[:300].decode(errors='replace')}")
