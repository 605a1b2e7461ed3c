"""The checker of syncs, on records of strace: what it calls synced, and each way in which it is not."""

import pytest

from tests.support.traced import Acknowledged, Call, acknowledgements, read_calls

ASKED = '7   read(19<socket:[80]>, "POST /api/v1/attempts/4/saves HTTP/1.1\\r\\nHost: 127.0"..., 65536) = 210\n'
BODY = '7   recvfrom(19<socket:[80]>, "{\\"changes\\": [{\\"position\\": 2, "..., 65536, 0, NULL, NULL) = 88\n'
WRITTEN = '9   pwrite64(21</tmp/a b/test.db-wal>, "\\0\\0\\0\\2"..., 24, 8272) = 24\n'
SYNCED = "9   fdatasync(21</tmp/a b/test.db-wal>) = 0\n"
SYNC_BEGUN = "9   fdatasync(21</tmp/a b/test.db-wal> <unfinished ...>\n"
SYNC_ENDED = "9   <... fdatasync resumed>)             = 0\n"
ANSWERED = '7   sendto(19<socket:[80]>, "HTTP/1.1 200 OK\\r\\ncontent-length:"..., 400, 0, NULL, 0) = 400\n'
SEGMENT = "52</var/pg/data/pg_wal/00000001000000000000000A>"
BY_POSTGRESQL = f'40  pwrite64({SEGMENT}, "\\23\\321"..., 8192, 0) = 8192\n40  fdatasync({SEGMENT}) = 0\n'


def test_whole_and_interrupted_calls_are_read():
    read, sent, synced = read_calls(
        "7   read(19<socket:[80]>,  <unfinished ...>\n"
        '8   +++ exited with 0 +++\n'
        '7   <... read resumed>"GET / HTTP/1.1\\r\\n", 65536) = 16\n'
        '7   writev(19<socket:[80]>, [{iov_base="HTTP/1.1 200 OK\\r\\n", iov_len=17}], 1) = 17\n'
        "9   --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---\n"
        "9   fsync(3</a/pg_wal/00000001000000000000000A>) = -1 EIO (Input/output error)\n"
        "9   read(4<pipe:[12]>, <unfinished ...>) = ?\n"
        "9   fsync(3</a/test.db> <unfinished ...>\n"
    )  # fmt: skip
    assert read == Call(7, "read", 19, "socket:[80]", "GET / HTTP/1.1\\r\\n", 16, 0, 2)
    assert sent == Call(7, "writev", 19, "socket:[80]", "HTTP/1.1 200 OK\\r\\n", 17, 3, 3)
    assert synced == Call(9, "fsync", 3, "/a/pg_wal/00000001000000000000000A", "", -1, 5, 5)


@pytest.mark.parametrize(
    ("record", "synced"),
    [
        (ASKED + BODY + WRITTEN + SYNCED + ANSWERED, True),
        (ASKED + BODY + BY_POSTGRESQL + ANSWERED, True),
        (ASKED + WRITTEN + SYNC_BEGUN + '8   read(3<pipe:[1]>, "", 1) = 0\n' + SYNC_ENDED + ANSWERED, True),
        (ASKED + BODY + WRITTEN + ANSWERED, False),
        (ASKED + BODY + WRITTEN + ANSWERED + SYNCED, False),
        (ASKED + BODY + WRITTEN + SYNC_BEGUN + ANSWERED + SYNC_ENDED, False),
        (ASKED + WRITTEN + SYNCED + BODY + ANSWERED, False),  # before the last byte was there
        (ASKED + BODY + SYNCED + WRITTEN + ANSWERED, False),
        (ASKED + BODY + SYNC_BEGUN + WRITTEN + SYNC_ENDED + ANSWERED, False),
        (ASKED + BODY + WRITTEN + SYNCED.replace("= 0", "= -1 EIO (Input/output error)") + ANSWERED, False),
        (ASKED + BODY + (WRITTEN + SYNCED).replace("-wal", "") + ANSWERED, False),
        (ASKED + BODY + WRITTEN + SYNCED.replace("test.db-wal", "server.log") + ANSWERED, False),
    ],
)
def test_synced_is_what_is_on_the_disk_between_last_byte_and_answer(record, synced):
    assert acknowledgements(read_calls(record)) == [Acknowledged("/api/v1/attempts/4/saves", synced)]


def test_only_acknowledged_posts_are_judged_each_by_its_own_connection():
    refused = ANSWERED.replace("200 OK", "503 Service Unavailable")
    other, answered = ((ASKED + BODY).replace("19<", "22<"), ANSWERED.replace("19<", "22<"))
    looked = ASKED.replace("POST", "GET").replace("saves", "time") + ANSWERED
    record = ASKED + refused + looked + ASKED + WRITTEN + SYNCED + other + ANSWERED + answered
    assert [one.synced for one in acknowledgements(read_calls(record))] == [True, False]
