"""What a child process does with the input that it is given, from its first breath to its last (P43).

It stands apart from what starts it (`app.jobs.child`) and imports little: whatever stands here is loaded for each file.
"""

import gc
import os
import pickle
import resource
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.errors import AppError
from question_bank.errors import ContentError

_NICENESS = 10
_OPEN_FILES = 32
_COLLECTED_EVERY = 50_000


@dataclass(frozen=True)
class Orders:
    """What a child is told to do, and within which limits."""

    function: Callable[[Any], Any]
    payload: object
    seconds: float
    memory_mb: int
    in_parts: bool

    def carry_out(self, pipe: Connection) -> object:
        """The value of the function; where it comes in parts, all but the last are sent ahead."""
        made = self.function(self.payload)
        return _send_parts(pipe, made) if self.in_parts else made


def live(descriptor: int) -> None:
    """The child's whole life: hear its orders on the standard input, limit itself, work, say through the pipe what
    came of it.

    It stands behind the saves of others in the line for the processor, can write no file and open few, and what the
    service was told in its environment (the keys, the database) is not there for its input to find.
    """
    orders: Orders = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    sys.stdin.close()
    pipe = Connection(descriptor, readable=False)
    os.nice(_NICENESS)
    os.environ.clear()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    limit = _address_space() + orders.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Were the parent killed, nobody would stop the child: processor time is the limit that needs no parent.
    processor = int(orders.seconds) * 2 + 5
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    # What stands is looked at no more for what could be forgotten, and the rest more seldom: the child is soon gone.
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)
    gc.enable()
    pipe.send(("ready", None))
    try:
        said: tuple[str, Any] = ("made", orders.carry_out(pipe))
    except MemoryError:
        said = ("memory", None)
    except (AppError, ContentError) as error:
        said = ("refused", (type(error), error.args, error.__dict__))
    except Exception:  # noqa: BLE001 - whatever the input does to its reader ends here, as one refusal
        said = ("broken", traceback.format_exc(limit=-8))
    try:
        pipe.send(said)
    except MemoryError:
        pipe.send(("memory", None))


def _send_parts(pipe: Connection, parts: Iterator[Any]) -> object:
    """Send each part but the last, which is returned."""
    last = next(parts)
    for part in parts:
        pipe.send(("part", last))
        last = part
    return last


def _address_space() -> int:
    """Bytes of address space that this process has taken already; libraries that are only loaded count, too."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
