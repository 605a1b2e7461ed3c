"""Boards that move by themselves: one reader a room and process, whoever watches; a watcher's right is asked again
every few seconds (P23), and ends with the session or the role."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from app.errors import AppError, TooMany

READ_EVERY = 1.0
"""Seconds between two reads of a room, however many watch it."""
ASK_EVERY = 4.0
"""Seconds after which a watcher's right is asked again."""
PING_EVERY = 15.0
"""Seconds after which a stream that has nothing to say shows that it lives: proxies end silent ones."""
LIFE = 600.0
"""Seconds after which a stream ends; the page opens another, at whichever instance."""
MOST_WATCHING = 400
MOST_OF_ONE = 6
"""Streams in one process, and of one account among them; beyond, a page asks every few seconds instead."""

Read = Callable[[], tuple[str, str]]
"""What the board is: the part whose change is worth telling, and the whole as JSON."""
MayWatch = Callable[[], bool]


@dataclass
class _Room:
    """One room that is being watched."""

    watching: int = 0
    told: str = ""
    text: str = ""
    version: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None


class Boards:
    """The boards that are watched in this process. Two threads read for all of them: whatever is watched, saves keep
    the database."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="board")
        self._rooms: dict[int, _Room] = {}
        self._of: dict[int, int] = {}
        self._closing = False

    def close(self) -> None:
        """End every stream within a second, so that the process can stop."""
        self._closing = True

    def finish(self) -> None:
        """Wait until the reads under way have given their connections back; nothing is read afterwards."""
        self.close()
        self._threads.shutdown()

    def refuse_crowd(self, account_id: int) -> None:
        """Raises TooMany where this process, or this account in it, has enough streams: the page asks instead."""
        if sum(self._of.values()) >= MOST_WATCHING or self._of.get(account_id, 0) >= MOST_OF_ONE:
            raise TooMany(seconds=int(PING_EVERY))

    async def watch(self, room_id: int, *, account_id: int, read: Read, may_watch: MayWatch) -> AsyncIterator[str]:
        """The board as server-sent events, whenever it changes; `may_watch` asks the right anew."""
        loop = asyncio.get_running_loop()
        room = self._join(room_id, account_id, read)
        now = loop.time
        ends, asked, spoke, seen = now() + LIFE, now(), now(), 0
        try:
            while not self._closing and now() < ends:
                if now() - asked >= ASK_EVERY:
                    asked = now()
                    if not await loop.run_in_executor(self._threads, may_watch):
                        yield "event: end\ndata: {}\n\n"
                        return
                if room.version != seen:
                    seen, spoke = room.version, now()
                    yield f"data: {room.text}\n\n"
                elif now() - spoke >= PING_EVERY:
                    spoke = now()
                    yield ": here\n\n"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(room.changed.wait(), timeout=READ_EVERY)
        finally:
            self._leave(room_id, account_id, room)

    def _join(self, room_id: int, account_id: int, read: Read) -> _Room:
        room = self._rooms.setdefault(room_id, _Room())
        room.watching += 1
        self._of[account_id] = self._of.get(account_id, 0) + 1
        if room.reader is None:
            room.reader = asyncio.get_running_loop().create_task(self._keep_reading(room, read))
        return room

    def _leave(self, room_id: int, account_id: int, room: _Room) -> None:
        room.watching -= 1
        self._of[account_id] -= 1
        if not self._of[account_id]:
            del self._of[account_id]
        if not room.watching:
            self._rooms.pop(room_id, None)
            if room.reader is not None:
                room.reader.cancel()

    async def _keep_reading(self, room: _Room, read: Read) -> None:
        loop = asyncio.get_running_loop()
        while room.watching and not self._closing:
            began = loop.time()
            with contextlib.suppress(AppError):  # an outage: the next second asks again
                told, text = await loop.run_in_executor(self._threads, read)
                if told != room.told:
                    room.told, room.text, room.version = told, text, room.version + 1
                    changed, room.changed = room.changed, asyncio.Event()
                    changed.set()
            await asyncio.sleep(max(0.0, READ_EVERY - (loop.time() - began)))
