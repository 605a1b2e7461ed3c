"""The guard at the sockets holds."""

import socket
from urllib.request import urlopen

import pytest

from tests.support.sockets import OutsideWorldError

ELSEWHERE = "192.0.2.1"  # an address that RFC 5737 sets aside for documents


def test_no_connection_leaves_this_machine() -> None:
    with socket.socket() as connection, pytest.raises(OutsideWorldError, match=ELSEWHERE):
        connection.connect((ELSEWHERE, 80))
    with socket.socket() as connection, pytest.raises(OutsideWorldError):
        connection.connect_ex((ELSEWHERE, 80))
    with socket.socket(socket.AF_INET6) as connection, pytest.raises(OutsideWorldError):
        connection.connect(("2001:db8::1", 80))


def test_no_datagram_leaves_this_machine() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(OutsideWorldError):
        datagrams.sendto(b"x", (ELSEWHERE, 53))


def test_no_foreign_name_is_looked_up() -> None:
    with pytest.raises(OutsideWorldError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)
    with pytest.raises(OutsideWorldError):
        socket.gethostbyname("example.org")
    with pytest.raises(OutsideWorldError):
        urlopen(f"http://{ELSEWHERE}/", timeout=1)


def test_loopback_and_unix_sockets_stay_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass
    assert socket.getaddrinfo("localhost", 80)
    near, far = socket.socketpair()
    with near, far:
        near.sendall(b"x")
        assert far.recv(1) == b"x"
