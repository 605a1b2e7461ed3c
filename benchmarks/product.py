"""The product as a process of its own, exactly as `chizheng serve` runs it, on a socket that is handed down."""

import os
import socket
import sys

from app.commands.service import run
from app.main import make_house
from app.observability import logs
from app.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    settings = Settings.from_environ(os.environ)
    logs.configure(settings.log_level)
    run(make_house(settings), socket.socket(fileno=sys.stdin.fileno()))


if __name__ == "__main__":
    main()
