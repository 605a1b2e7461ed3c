"""Walking the pages as people do: every address that a page links to, from the home page on, and what it says."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.support.client import BASE, Client

HAN = re.compile(r"[\u4e00-\u9fff]+")
_NUMBER = re.compile(r"\d+")
_VOID = frozenset(
    {"meta", "link", "img", "input", "br", "hr", "rect", "line", "path", "circle", "source", "col", "wbr"}
)
_SPOKEN = frozenset({"alt", "aria-label", "placeholder", "title"})


class Page(HTMLParser):
    """What a page says: its links, its headings, and its Chinese outside what is marked as Chinese."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.unmarked: list[str] = []
        self.headings = 0
        self.title = ""
        self.shown_as_data: list[str] = []
        self.current_in_band = False
        self._stack: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what concerns us of a tag."""
        given = {name: value or "" for name, value in attrs}
        marked = self._marked() or given.get("lang", "").startswith("zh")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if given.get("aria-current") == "page" and self._within("header"):
                self.current_in_band = True
        self.headings += tag == "h1"
        if not marked:
            self.unmarked += [given[name] for name in _SPOKEN & given.keys() if HAN.search(given[name])]
        if tag not in _VOID:
            self._stack.append((tag, marked if tag != "html" else False))

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost such tag."""
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place][0] == tag:
                del self._stack[place:]
                return

    def handle_data(self, data: str) -> None:
        """Keep Chinese that nobody marked; what stands in a title or in fields is data too, and cannot be marked."""
        if self._within("title") and not self._within("svg"):
            self.title += data
        if not HAN.search(data) or self._within("script"):
            return
        if self._marked() or self._within("option", "textarea", "title"):
            self.shown_as_data.append(data)
        else:
            self.unmarked.append(" ".join(data.split()))

    def _marked(self) -> bool:
        return bool(self._stack) and self._stack[-1][1]

    def _within(self, *tags: str) -> bool:
        return any(tag in tags for tag, _ in self._stack)


@dataclass
class Found:
    """One page that was walked: who saw it, where, how it answered."""

    who: str
    path: str
    status: int
    kind: str
    text: str = field(repr=False)

    @cached_property
    def page(self) -> Page:
        """What it says."""
        return Page(self.text)


def shape(path: str) -> str:
    """An address without its numbers: pages of one shape are made by one template."""
    parts = urlsplit(path)
    names = sorted(item.partition("=")[0] for item in parts.query.split("&") if item)
    return _NUMBER.sub("#", parts.path) + ("?" + "&".join(names) if names else "")


def walk(client: Client, who: str, *, starts: Iterable[str] = ("/",), each: int = 3) -> Iterator[Found]:
    """Every page that can be reached by links from `starts`; of each shape of address at most `each`."""
    waiting, seen, counted = deque(starts), set(starts), dict[str, int]()
    while waiting:
        path = waiting.popleft()
        counted[shape(path)] = counted.get(shape(path), 0) + 1
        if counted[shape(path)] > each:
            continue
        answer = client.get(path)
        kind = answer.headers.get("content-type", "")
        text = answer.text if kind.startswith("text/html") else ""
        found = Found(who, path, answer.status_code, kind, text)
        yield found
        onward = [answer.headers["location"]] if "location" in answer.headers else found.page.links if text else []
        for link in onward:
            target = urlsplit(urljoin(BASE + path, link))
            onto = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == urlsplit(BASE).netloc and onto not in seen:
                seen.add(onto)
                waiting.append(onto)
