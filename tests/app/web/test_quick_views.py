"""Views on the express lane share few threads: more of them would only fight for the interpreter."""

import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest
from starlette.requests import Request

from app.shapes import Shown
from app.web import quick_views
from app.web.faces import Declared


class _Nothing(Shown):
    """An empty view."""


@pytest.mark.parametrize(("dialect", "at_once"), quick_views._AT_ONCE.items())
def test_no_more_views_are_made_at_once_than_the_processor_has_use_for(dialect: str, at_once: int) -> None:
    under_way, most = 0, 0
    lock, together = threading.Lock(), threading.Barrier(at_once, timeout=10)
    house = SimpleNamespace(database=SimpleNamespace(dialect=dialect))
    app = SimpleNamespace(state=SimpleNamespace(house=house))

    def face(_spec: Declared, *, request: Request) -> Shown:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        time.sleep(0.02)  # long enough for one too many to come in
        with lock:
            under_way -= 1
        return _Nothing()

    route = quick_views.quick_route(cast("Declared", SimpleNamespace()), "/lists", face, {})

    async def ask() -> None:
        scope: dict[str, Any] = {"type": "http", "path_params": {}, "query_string": b"", "headers": [], "app": app}
        response = await route.endpoint(Request(scope))
        assert response.body == b"{}"

    async def ask_all() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3 * at_once):
                group.start_soon(ask)

    anyio.run(ask_all)
    assert most == at_once
