"""Long bodies on real sockets: of a stranger none is read, and of uploads so many at a time."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.accounts.models import Account
from app.accounts.sessions import open_session
from app.operation import House, acting_as
from app.security.permissions import Role
from app.web.caller import cookie_name
from app.web.gate import STRANGERS_LIMIT, UPLOADS_AT_ONCE, UPLOADS_OF_ONE
from tests.support.databases import Databases
from tests.support.house import open_house
from tests.support.personas import make_staff
from tests.support.served import answering

LONGEST = 1024 * 1024
PATIENCE_SECONDS = 30
UPLOAD = "content-type: multipart/form-data; boundary=x"
IMPORTS = "/api/v1/banks/1/imports"


@pytest.fixture(scope="module")
def served(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, int]]:
    """A house that takes uploads of a megabyte, and the port at which it answers."""
    with databases.fresh("sqlite") as url, open_house(url, tmp_path_factory.mktemp("served")) as house:
        house.settings = house.settings.model_copy(update={"upload_limit_mb": 1})
        with socket.create_server(("127.0.0.1", 0)) as listener, answering(house, listener):
            yield house, listener.getsockname()[1]


def begin(port: int, *headers: str, path: str = IMPORTS) -> socket.socket:
    """Send the head of a POST, and nothing of a body before the server asks for it."""
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    line.sendall("\r\n".join((f"POST {path} HTTP/1.1", "host: x", "expect: 100-continue", *headers, "", "")).encode())
    return line


def told(line: socket.socket) -> tuple[int, str]:
    """The status that the server says next (100: it asks for the body), and its head."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = line.recv(65536)
        assert piece, said
        said += piece
    head = said.split(b"\r\n\r\n")[0].decode("latin-1")
    return int(head.split()[1]), head.lower()


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ((UPLOAD, f"content-length: {STRANGERS_LIMIT + 1}"), IMPORTS, 401),
        ((UPLOAD, f"content-length: {LONGEST}", "accept: text/html"), "/banks/1/imports", 303),
        ((UPLOAD, f"content-length: {LONGEST}", "cookie: chizheng=guessed"), IMPORTS, 401),
        ((UPLOAD, "transfer-encoding: chunked"), IMPORTS, 401),
        (("content-type: application/json", "content-length: 100000"), "/api/v1/notices/1/objections", 401),
        ((UPLOAD, f"content-length: {LONGEST + 1}"), IMPORTS, 413),
        ((UPLOAD, f"content-length: {STRANGERS_LIMIT}"), IMPORTS, 100),
        (("content-type: application/x-www-form-urlencoded", "content-length: 300"), "/sign-in", 100),
    ],
)
def test_of_a_stranger_a_page_of_text_is_read_and_no_more(served, headers, path, status):  # P43, P45
    with closing(begin(served[1], *headers, path=path)) as line:
        assert told(line)[0] == status


def test_uploads_beyond_the_room_for_them_are_put_off_and_nothing_else_is(served):  # P45
    house, port = served
    personas = [make_staff(house, Role.ITEM_AUTHOR) for _ in range(UPLOADS_AT_ONCE // UPLOADS_OF_ONE + 1)]
    with acting_as(house, "test") as op:
        tokens = [open_session(op, op.db.get_one(Account, one.account_id), factor=True) for one in personas]
    cookie, *others = (f"cookie: {cookie_name(house.settings)}={token}" for token in tokens)
    longest = UPLOAD, f"content-length: {LONGEST}"
    refused = 503, True

    def answered(*headers: str) -> tuple[int, bool]:
        with closing(begin(port, *headers)) as line:
            status, head = told(line)
            return status, "retry-after: 10" in head

    lines = [begin(port, *longest, cookie) for _ in range(UPLOADS_OF_ONE)]
    assert [told(line)[0] for line in lines] == [100] * UPLOADS_OF_ONE
    assert answered(*longest, cookie) == refused  # one account's share is taken, and no more than that
    last, *others = others
    lines += [begin(port, *longest, other) for other in others for _ in range(UPLOADS_OF_ONE)]
    assert {told(line)[0] for line in lines[UPLOADS_OF_ONE:]} == {100}
    assert len(lines) == UPLOADS_AT_ONCE
    assert answered(*longest, last) == refused
    assert answered(UPLOAD, f"content-length: {STRANGERS_LIMIT}", last) == (100, False)
    assert answered("content-type: application/json", f"content-length: {2 * STRANGERS_LIMIT}", last) == (100, False)
    lines.pop().close()  # its sender is gone, and there is room again
    until = time.monotonic() + PATIENCE_SECONDS
    while (said := answered(*longest, last)) == refused:
        assert time.monotonic() < until
    assert said == (100, False)
    for line in lines:
        line.close()
