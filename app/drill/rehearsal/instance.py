"""One process of the service within a drill: `serve` or `work`, exactly as the command of that name, but it stops with
whoever started it."""

import os
import signal
import sys
import threading

from app.commands.service import serve, work


def stop_with_parent() -> None:
    """Ask this process to stop once its standard input ends; returns at once."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def main() -> None:
    """Serve or work until told to stop."""
    stop_with_parent()
    if sys.argv[1:] == ["work"]:
        work(once=False)
    else:
        serve()


if __name__ == "__main__":
    main()
