"""Large files: read and brought in by the worker, cancelled without a trace, refused with a sentence."""

import pytest

from app.authoring.models import BankImport
from app.authoring.pages.imports import show_import
from app.authoring.reading import Fate
from app.authoring.rules import ImportMoveRefused, ImportState, ImportUnderWay, NotOwnImport
from app.authoring.service import import_jobs, imports
from app.authoring.uploads import UnreadFile
from app.jobs.models import Job
from app.jobs.rules import JobOver, JobState
from app.wiring import make_worker
from question_bank.formats import read_bank

ONE_ITEM = "一、单选题\n1、党的基层组织任期多少年？\nA、二年\nB、三至五年\n正确答案：B\n".encode()


def wait(group, content, name="题库.docx"):
    with group.acting(group.author) as op:
        return import_jobs.wait_to_read(op, bank_id=group.bank_id, file=UnreadFile(name, content)).id


def stored(group, import_id):
    with group.house.database.transaction(reading=True) as db:
        found = db.get_one(BankImport, import_id)
        return found, db.get_one(Job, found.job_id)


def page(group, import_id):
    with group.acting(group.author) as op:
        return show_import(op, import_id=import_id)


def ask(group, import_id, seen):
    with group.acting(group.author) as op:
        return import_jobs.wait_to_commit(op, import_id=import_id, seen=seen, submit=True)


def test_a_large_file_is_read_and_brought_in_by_the_worker_as_a_small_one_is_at_once(group, bank_docx):
    import_id = wait(group, bank_docx)
    shown = page(group, import_id)
    assert (shown.state, shown.job.living, shown.entries) == (ImportState.READING, True, [])
    with group.acting(group.author) as op, pytest.raises(ImportUnderWay):
        imports.commit_import(op, import_id=import_id, seen=1, submit=False)
    worker = make_worker(group.house)
    worker.drain()
    shown = page(group, import_id)
    assert (shown.state, shown.job, shown.format, shown.fates[Fate.TAKEN]) == (ImportState.CHECKED, None, "docx", 120)
    with group.acting(group.colleague) as op, pytest.raises(NotOwnImport):
        import_jobs.cancel_job(op, import_id=import_id)
    ask(group, import_id, 120)
    with group.acting(group.author) as op, pytest.raises(ImportUnderWay):  # nobody mends what is being brought in
        imports.discard_import(op, import_id=import_id)
    assert not group.items()
    worker.drain()
    found, job = stored(group, import_id)
    assert (found.state, job.state, job.total) == (ImportState.COMMITTED, JobState.DONE, 240)
    items = group.items()
    assert len(items) == len(group.acts("item:create")) == 120
    assert all(group.involved(i.id) == {(group.author.person_id, "imported")} for i in items[:5])
    with group.acting(group.author) as op:
        assert imports.undo_import(op, import_id=import_id) == 120


def test_a_cancelled_job_leaves_nothing(group, bank_docx, monkeypatch):
    import_id = wait(group, bank_docx)
    with group.acting(group.author) as op:
        import_jobs.cancel_job(op, import_id=import_id)
    found, job = stored(group, import_id)
    assert (found.state, found.read, job.state) == (ImportState.DISCARDED, b"", JobState.CANCELLED)
    with group.acting(group.author) as op, pytest.raises(JobOver):
        import_jobs.cancel_job(op, import_id=import_id)
    import_id = group.start(bank_docx)
    ask(group, import_id, 120)
    get_ready, enter_items = import_jobs.get_ready, imports.enter_items

    def cancel_meanwhile(ahead, told):
        with group.acting(group.author) as op:
            import_jobs.cancel_job(op, import_id=import_id)
        return get_ready(ahead, lambda _done: None)

    def enter_half(op, *, items, told, **more):
        enter_items(op, items=items[:60], **more)
        while True:  # until the worker hears of it, with half of the items in the open transaction
            told(60)

    monkeypatch.setattr(import_jobs, "get_ready", cancel_meanwhile)
    monkeypatch.setattr(imports, "enter_items", enter_half)
    make_worker(group.house).drain()
    found, job = stored(group, import_id)
    assert (found.state, job.state, group.items()) == (ImportState.CHECKED, JobState.CANCELLED, [])
    assert len(group.acts("import:cancel")) == 2


def test_what_the_worker_refuses_is_said_on_the_page(group):
    import_id = wait(group, b"%PDF-1.7 no bank", "题库.pdf")
    worker = make_worker(group.house)
    worker.drain()
    shown = page(group, import_id)
    assert (shown.state, shown.job.living) == (ImportState.DISCARDED, False)
    assert "题库.pdf" in shown.job.zh
    assert "PDF" in shown.job.en
    assert len(group.acts("import:refuse")) == 1
    import_id = group.start(ONE_ITEM, "题.txt")
    ask(group, import_id, 7)  # the page had said another number
    worker.drain()
    shown = page(group, import_id)
    assert (shown.state, shown.job.living, "7" in shown.job.zh) == (ImportState.CHECKED, False, True)
    with group.acting(group.author) as op:
        assert imports.commit_import(op, import_id=import_id, seen=1, submit=False) == 1
        with pytest.raises(ImportMoveRefused):
            import_jobs.wait_to_commit(op, import_id=import_id, seen=1, submit=False)


def test_a_doubtful_file_is_taken_back_as_a_table_to_mend(sqlite_group, sqlite_browsers):
    group = sqlite_group
    import_id = group.start(ONE_ITEM + "\n2、没有答案\nA、甲\nB、乙\n".encode(), "题.txt")
    client = sqlite_browsers(group.author)
    page = client.get(f"/imports/{import_id}").text
    assert f"/imports/{import_id}/marked?lang=zh" in page
    taken = client.get(f"/imports/{import_id}/marked?lang=zh")
    report = read_bank("改.xlsx", taken.content)
    assert [len(read.doubts) for read in report.items] == [0, 1]
    assert "/import-template?lang=en" in client.get(f"/banks/{group.bank_id}/imports").text
    assert read_bank("模板.xlsx", client.get("/import-template?lang=en").content).items
    with group.acting(group.author) as op:
        imports.discard_import(op, import_id=import_id)
    assert client.get(f"/imports/{import_id}/marked").status_code == 404
