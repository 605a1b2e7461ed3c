"""A caller of the whole application, in process: real middleware, real routing, real transactions."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any, cast

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from app.main import create_app
from app.operation import House

# httpx looks for this package at each request that it does not send; not to find it takes longer than to know so.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = cast("ModuleType", None)

BASE = "http://chizheng.test"
_CSRF = re.compile(r'name="_csrf"[^>]*value="([0-9a-f]*)"')


@lru_cache(5000)
def _address(path: str) -> httpx.URL:
    """The address of a path, read once: a client of httpx reads it three times for each request."""
    return httpx.URL(f"{BASE}/{path.lstrip('/')}") if path.startswith("/") else httpx.URL(path)


class _Cookies(httpx.Cookies):
    """Cookies that look at answers with cookies alone; most of ours have none."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


class Client:
    """One browser or program: keeps cookies; speaks as a page (`get`, `submit`) or as a program (`api_get`, `api`)."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, *, address: str = "127.0.0.1") -> None:
        self._portal = portal
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 40000))
        self.http = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.http._cookies = _Cookies()
        self._tokens: dict[str, str] = {}

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Any request, as it is."""

        async def send() -> httpx.Response:
            return await self.http.request(method, _address(path), **kwargs)

        return self._portal.call(send)

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """Open a page."""
        return self.request("GET", path, headers={"accept": "text/html", **kwargs.pop("headers", {})}, **kwargs)

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> httpx.Response:
        """Send a form, as a browser that stands on one of our pages would."""
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin", **kwargs.pop("headers", {})}
        fields = {"_csrf": self.csrf(), **(data or {})}
        return self.request("POST", path, data=fields, headers=headers, **kwargs)

    def api_get(self, path: str, **kwargs: Any) -> httpx.Response:
        """Read as a program."""
        return self.request("GET", f"/api/v1{path}", **kwargs)

    def api(self, path: str, body: Any = None, **kwargs: Any) -> httpx.Response:
        """Act as a program."""
        headers = {"sec-fetch-site": "same-origin", **kwargs.pop("headers", {})}
        return self.request("POST", f"/api/v1{path}", json={} if body is None else body, headers=headers, **kwargs)

    def upload(self, path: str, name: str, content: bytes, *, field: str = "upload") -> httpx.Response:
        """Send a file as a program."""
        files = {field: (name, content, "application/octet-stream")}
        headers = {"sec-fetch-site": "same-origin"}
        return self.request("POST", f"/api/v1{path}", files=files, headers=headers)

    def keep(self, name: str, value: str) -> None:
        """Have this cookie as if the service had set it: the next one of that name takes its place."""
        self.http.cookies.set(name, value, domain=httpx.URL(BASE).host)

    def csrf(self) -> str:
        """The token that this session's forms carry; asked of a page once for each session."""
        session = "; ".join(sorted(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar))
        if session not in self._tokens:
            found = _CSRF.search(self.get("/").text)
            self._tokens[session] = found.group(1) if found else ""
        return self._tokens[session]

    def close(self) -> None:
        """Hang up."""
        self._portal.call(self.http.aclose)


@contextmanager
def open_app(house: House) -> Iterator[tuple[FastAPI, BlockingPortal]]:
    """The application over `house`, and the event loop it runs on. The lifespan is not run: tests tick by hand."""
    with start_blocking_portal() as portal:
        yield create_app(house), portal
