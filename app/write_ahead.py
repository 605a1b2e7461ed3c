"""SQLite's write-ahead log is moved into the database by a beat of every serving process, not by the commit that
somebody waits for (decision 0040).

Left to itself SQLite has the commit that comes upon a thousand pages of log move them, and wait for the disk twice
more: under a steady load those were the longest waits of all (measured). A beat moves what has been committed while
others go on writing and reading. It may never quite catch up with those who write without pause, and what a reader
still sees cannot be moved: at `MOST_PAGES` whoever commits moves the rest, which is little by then, and the log begins
anew; where a reader held it for long, its file is cut back to that size afterwards.
"""

import sqlite3
from pathlib import Path

from app.errors import Unavailable

MOST_PAGES = 16_000
"""Of 4 kB each, 64 MB."""
_PAGE_BYTES = 4096
LIMITS = (f"wal_autocheckpoint={MOST_PAGES}", f"journal_size_limit={MOST_PAGES * _PAGE_BYTES}")
"""What every connection that may write is told."""


class WriteAheadLog:
    """The log of the database at `path`, for one thread at a time; several processes may each have theirs."""

    moved_every = 6.0
    """Seconds. Each move waits for the disk twice, and commits wait behind it there: the fewer moves, the shorter were
    the long waits of a day (measured). With nothing to move the disk is left in peace."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.pages = 0
        """What the log held when it was looked at last."""
        self.moved = 0
        """How many of them were in the database then."""

    def move(self) -> None:
        """Move what can be moved while others write and read; nobody waits for it, and it waits for nobody.

        Raises Unavailable where there is no database, no room or no right to write; the log stands as it was.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            busy, pages, moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            self.close()
            raise Unavailable from error
        if not busy:  # else another process is at it
            self.pages, self.moved = pages, moved

    def close(self) -> None:
        """Hang up; the next `move` connects anew."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        # Never made where it is missing: an empty database would look like one. Closed by whoever ends the process.
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
