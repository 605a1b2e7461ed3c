"""No test reaches beyond this machine: whatever Python code tries is refused before a packet leaves."""

import ipaddress
import socket
import sys
from typing import Any


class OutsideWorldError(RuntimeError):
    """A test tried to reach another machine."""


def close_to_outsiders() -> None:
    """Refuse, for the rest of this process, every address but loopback and unix sockets, and every foreign name.

    An audit hook, because it sees every socket of Python, whichever class or library opened it.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        connection, address = arguments
        if connection.family in (socket.AF_INET, socket.AF_INET6) and address and not _is_here(address[0]):
            raise OutsideWorldError(f"a test may not reach {address[0]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_here(arguments[0]):
        raise OutsideWorldError(f"a test may not look up {arguments[0]}")


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", "localhost.", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
