"""What the yardsticks have in common: a bare ASGI application, its reply, and a process that serves it."""

import gc
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OK = b'{"ok":true}'


def bare(handler: App, start_up: Callable[[], Awaitable[None]]) -> App:
    """An application that is nothing but its handler."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await handler(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await start_up()
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return

    return app


async def reply(send: Send, body: bytes = OK, kind: bytes = b"application/json") -> None:
    """A 200 with that body."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Receive) -> bytes:
    """The whole body."""
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


def tune_collector() -> None:
    """Few, late collections: pending requests are many live objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


def serve(app: Any) -> None:
    """Serve on the socket that was handed down as standard input."""
    listener = socket.socket(fileno=sys.stdin.fileno())
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", access_log=False, log_level="warning", timeout_keep_alive=75
    )
    uvicorn.Server(config).run(sockets=[listener])
