"""Files are read in a process of their own before any transaction opens: nobody's save waits for them (P43)."""

import threading

import pytest

from app.authoring import uploads
from app.authoring.models import BankImport
from app.authoring.rules import FileRefused
from app.authoring.uploads import read_file
from app.errors import Unavailable
from app.operation import acting_as
from app.security.permissions import Capability, Role
from app.shapes import Done
from app.web.desk import Desk
from app.web.faces import Upload
from tests.support.client import open_app
from tests.support.personas import make_staff, make_unit, signed_in


def test_a_file_is_read_in_a_child(bank_docx):
    found = read_file("题库.docx", bank_docx, seconds=30, memory_mb=512)
    assert (found.format, found.figures["items"], found.name) == ("docx", 120, "题库.docx")


def test_a_refusal_says_what_to_do_in_both_languages():
    with pytest.raises(FileRefused) as refused:
        read_file("空.docx", b"", seconds=30, memory_mb=512)
    assert "空.docx" in refused.value.sentence("zh")
    assert "empty" in refused.value.sentence("en")
    assert refused.value.fields[0].field == "file"


def test_no_more_than_two_files_are_read_at_once(monkeypatch):
    monkeypatch.setattr(uploads, "_TURN_SECONDS", 0.01)
    with uploads._AT_ONCE, uploads._AT_ONCE, pytest.raises(Unavailable):
        read_file("题库.docx", b"", seconds=30, memory_mb=512)
    for _ in range(3):  # whoever is refused has given the turn back
        with pytest.raises(FileRefused):
            read_file("题库.docx", b"", seconds=30, memory_mb=512)


def probe(house, calls):
    """A desk of one command whose preparation writes to the database itself, as anybody else may meanwhile."""
    desk = Desk("probe")

    def prepare(house, caller, *, file, number):
        assert caller.session_token
        with acting_as(house, "somebody else") as op:
            make_unit(op)
        calls.append((threading.current_thread().name, number))
        return file.content.decode().upper()

    @desk.command("/probe/{number}", Capability.BANK_IMPORT, then="/probe/{id}", prepare=prepare)
    def act(op, *, number: int, file: Upload, prepared: str) -> Done:
        calls.append((prepared, number))
        return Done(id=number + 1)

    return desk


@pytest.fixture
def probed(house):
    """The application with that desk, and a way to sign in."""
    calls = []
    with open_app(house) as (app, portal):
        app.include_router(probe(house, calls).router)
        yield calls, lambda *roles: signed_in(house, make_staff(house, *roles), app, portal)


def test_what_is_slow_is_done_before_the_transaction_and_handed_over(probed):
    calls, sign_in = probed
    client = sign_in(Role.ITEM_AUTHOR)
    answer = client.submit("/probe/7", files={"file": ("a", b"abc")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/probe/8")
    assert [number for _, number in calls] == [7, 7]
    assert calls[1][0] == "ABC"
    client.close()


def test_nothing_is_prepared_for_who_may_not_act(probed):
    calls, sign_in = probed
    client = sign_in(Role.ITEM_REVIEWER)
    assert client.submit("/probe/7", files={"file": ("a", b"abc")}).status_code == 403
    assert client.submit("/probe/7").status_code == 403  # not even whether a file is missing
    assert calls == []
    client.close()


def test_a_repeated_act_is_not_prepared_again(probed):  # P4
    calls, sign_in = probed
    client = sign_in(Role.ITEM_AUTHOR)
    for _ in range(2):
        answer = client.submit("/probe/7", {"_key": "once"}, files={"file": ("a", b"abc")})
        assert answer.headers["location"] == "/probe/8"
    assert len(calls) == 2
    client.close()


def test_nothing_is_read_for_a_bank_that_is_not_ones_own(sqlite_group, sqlite_browsers, bank_docx):
    group = sqlite_group
    with acting_as(group.house, "test") as op:
        elsewhere = make_unit(op)
    client = sqlite_browsers(make_staff(group.house, Role.ITEM_AUTHOR, unit=elsewhere))
    for content in (bank_docx, b"no bank at all"):
        answer = client.submit(f"/banks/{group.bank_id}/imports", files={"file": ("a.docx", content)})
        assert answer.status_code == 404
    with group.house.database.transaction(reading=True) as db:
        assert db.query(BankImport).count() == 0
    assert not group.acts("import:refuse", "import:prepare")
