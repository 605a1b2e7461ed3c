"""Large files: read and brought in by the worker, cancelled without a trace, refused with a sentence."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from app.authoring.models import BankImport
from app.authoring.pages.imports import show_import
from app.authoring.queries.imports import find_import
from app.authoring.queries.listing import ItemFilter, list_items
from app.authoring.queries.pairs import bank_mark
from app.authoring.queries.staging import entry_at, entry_count, hidden_ids
from app.authoring.reading import Fate
from app.authoring.rules import BankBusy, ImportMoveRefused, ImportState, ImportUnderWay, NotOwnImport
from app.authoring.searching import spell
from app.authoring.service import commits, import_jobs, imports, turns
from app.authoring.service.commits import enter_span, read_span, weigh_commit, withdraw_abandoned
from app.authoring.service.indexing import index_pending
from app.authoring.uploads import UnreadFile
from app.jobs.models import Job
from app.jobs.rules import JobOver, JobState
from app.wiring import make_worker
from question_bank.formats import read_bank

BESIDE = ("item_search", "item_tag", "citation", "item_version", "item_involvement")
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


def test_a_large_file_is_read_and_brought_in_by_the_worker_as_a_small_one_is_at_once(group, bank_docx, monkeypatch):
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
    spelt = []
    monkeypatch.setattr(commits, "spell", lambda fold: spelt.append(fold) or spell(fold))
    with group.acting(group.author) as op:
        mended = replace(entry_at(op.db, import_id, 7).item, stem="另换一句题干（　）。")
        imports.mend_entry(op, import_id=import_id, position=7, item=mended)
    ask(group, import_id, 120)
    with group.acting(group.author) as op, pytest.raises(ImportUnderWay):  # nobody mends what is being brought in
        imports.discard_import(op, import_id=import_id)
    assert not group.items()
    worker.drain()
    found, job = stored(group, import_id)
    assert (found.state, job.state, job.total) == (ImportState.COMMITTED, JobState.DONE, 120)
    items = group.items()
    assert len(items) == 120
    assert spelt == [items[7].stem_fold] == ["另换一句题干"]  # of the others that was known since they were read
    assert all((item.pinyin, item.initials) == spell(item.stem_fold)[:2] for item in items)
    with group.acting(group.author) as op:  # found from that moment on, by every way
        assert entry_count(op.db, import_id) == 0
        for item, words in ((items[0], items[0].stem_fold[2:6]), (items[0], items[0].initials[:6]), (items[7], "换一")):
            assert item.id in {
                row[0] for row in list_items(op.db, op.actor, group.bank_id, ItemFilter(search=words), limit=150)
            }
    assert index_pending(group.house) == 0
    assert all(group.involved(i.id) == {(group.author.person_id, "imported")} for i in items[:5])
    assert group.involved(items[7].id) == {(group.author.person_id, "imported"), (group.author.person_id, "wrote")}
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
    enter_span = import_jobs.enter_span
    written = []

    def cancel_meanwhile(db, commit, span):
        enter_span(db, commit, span)
        db.commit()
        written.append(span)
        if len(written) == 2:
            with group.acting(group.author) as op:
                import_jobs.cancel_job(op, import_id=import_id)
            with group.house.database.transaction(reading=True) as other:  # nobody sees what is there already
                assert len(hidden_ids(other, import_id, limit=99)) == 60
                assert group.items() == []
                assert list_items(other, op.actor, group.bank_id, ItemFilter(), limit=9) == []
                assert bank_mark(other, group.bank_id) == "0/0/0"

    monkeypatch.setattr(turns, "_MOST", {"sqlite": 120, "postgresql": 30})
    monkeypatch.setattr(turns, "_ALONE", turns.Pace(0, 0))
    monkeypatch.setattr(turns, "_FEWEST", 30)
    monkeypatch.setattr(import_jobs, "enter_span", cancel_meanwhile)
    make_worker(group.house).drain()
    found, job = stored(group, import_id)
    assert (found.state, found.entering, job.state) == (ImportState.CHECKED, False, JobState.CANCELLED)
    with group.house.database.transaction(reading=True) as db:
        assert (hidden_ids(db, import_id, limit=99), group.items()) == ([], [])
        assert [db.scalar(text(f"SELECT COUNT(*) FROM {table}")) for table in BESIDE] == [0] * len(BESIDE)
    assert len(group.acts("import:cancel")) == 2


def test_what_a_worker_that_died_has_written_is_taken_back(group, bank_docx):
    """P50: the next attempt begins anew; where there is none, a tick takes it back."""
    import_id = group.start(bank_docx)

    def half_a_commit():
        with group.acting(group.author) as op:
            found = find_import(op.db, op.actor, import_id, lock=True)
            commit = weigh_commit(op, found, seen=120, submit=False)
            found.entering = True
            enter_span(op.db, commit, read_span(op.db, commit, (0, 50)))

    half_a_commit()
    assert group.items() == []
    with group.acting(group.author) as op, pytest.raises(ImportUnderWay):
        imports.commit_import(op, import_id=import_id, seen=120, submit=False)
    other = group.start(ONE_ITEM, "题.txt", by=group.colleague)
    with group.acting(group.colleague) as op, pytest.raises(BankBusy):
        imports.commit_import(op, import_id=other, seen=1, submit=False)
    withdraw_abandoned(group.house)
    assert not stored_import(group, import_id).entering
    half_a_commit()
    with group.acting(group.author) as op:
        found = find_import(op.db, op.actor, import_id, lock=True)
        found.entering = False  # so that a job can be asked for, which finds it as its own attempt left it
    ask(group, import_id, 120)
    with group.acting(group.author) as op:
        find_import(op.db, op.actor, import_id, lock=True).entering = True
    make_worker(group.house).drain()
    assert [i.import_position for i in group.items()] == list(range(120))


def stored_import(group, import_id):
    with group.house.database.transaction(reading=True) as db:
        return db.get_one(BankImport, import_id)


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
    for lang in ("zh", "en"):
        template = read_bank("模板.xlsx", client.get(f"/import-template?lang={lang}").content)
        assert template.items
        assert template.lost == ()
    with group.acting(group.author) as op:
        imports.discard_import(op, import_id=import_id)
    assert client.get(f"/imports/{import_id}/marked").status_code == 404


def test_a_commit_gives_way_where_others_write(group, bank_docx, monkeypatch):
    import_id = group.start(bank_docx)
    ask(group, import_id, 120)
    enter_span, sizes = import_jobs.enter_span, []

    def enter(db, commit, span):
        enter_span(db, commit, span)
        sizes.append(len(span))

    def pause(_seconds):
        if len(sizes) == 2:
            with group.house.database.transaction() as db:
                db.execute(text("UPDATE bank SET name = name"))

    monkeypatch.setattr(turns, "_MOST", {"sqlite": 40, "postgresql": 60})
    monkeypatch.setattr(turns, "_FEWEST", 15)
    monkeypatch.setattr(turns, "_ALONE", turns.Pace(3600, 0))
    monkeypatch.setattr(turns, "_BESIDE", turns.Pace(0, 0))
    monkeypatch.setattr(import_jobs, "enter_span", enter)
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=time.monotonic, sleep=pause))
    make_worker(group.house).drain()
    assert len(group.items()) == 120
    # A careful beginning, as much as may be while nobody else writes, and little from then on.
    assert sizes == ([10, 40, 15, 15, 15, 15, 10] if group.house.database.dialect == "sqlite" else [60, 60])
