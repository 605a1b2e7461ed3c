import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.audit import sealing
from app.audit.anchor_file import AnchorFile, Lines
from app.audit.anchors import read_lines
from app.audit.export import export, read_records
from app.audit.findings import Tampering
from app.audit.models import AuditAnchor, AuditLeaf, AuditRecord
from app.audit.sealing import AnchorsDisagree, anchor_now, explain_gap, seal
from app.audit.verification import verify
from app.database import Database
from app.operation import House, acting_as
from app.security.signing_keys import KeyPurpose, Keyring
from tests.support.audit_log import act, check


def outside(house):
    return AnchorFile(house.settings.anchor_folder)


def anchors(house):
    return [line.anchor for line in read_lines(Lines(outside(house).anchors))]


def counts(house):
    with house.database.transaction(reading=True) as db:
        return tuple(
            db.scalar(select(func.count()).select_from(table)) for table in (AuditRecord, AuditLeaf, AuditAnchor)
        )


def test_what_was_committed_is_sealed_once_and_anchored_outside(house):  # P36
    act(house, 3)
    sealed = seal(house)
    assert (sealed.records, sealed.anchor.tree_size) == (3, 3)
    assert counts(house) == (3, 3, 1)
    assert anchors(house) == [sealed.anchor]
    assert seal(house).records == 0
    assert counts(house) == (3, 3, 1)
    verdict = check(house)
    assert (verdict.ok, verdict.sealed, verdict.unsealed, verdict.newest_anchor) == (True, 3, 0, 1)


def test_an_idle_log_is_anchored_every_60_seconds_and_not_more_often(house):  # P36
    assert seal(house).anchor.tree_size == 0
    house.clock.advance(timedelta(seconds=59))
    assert seal(house).anchor.id == 1
    house.clock.advance(timedelta(seconds=1))
    assert seal(house).anchor.id == 2
    assert len(anchors(house)) == 2
    assert check(house).ok


def test_an_anchor_on_demand_is_always_a_fresh_one(house):  # P36
    act(house)
    first, second = anchor_now(house), anchor_now(house)
    assert (first.anchor.id, second.anchor.id) == (1, 2)
    assert anchors(house)[-1] == second.anchor
    assert check(house).ok


def test_many_records_are_sealed_in_batches_and_verify(house, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    act(house)
    seal(house)
    house.clock.advance(timedelta(hours=3))
    act(house, 20)
    house.clock.advance(timedelta(hours=3))  # the worker was away; its backlog is no insertion into the past
    assert seal(house).records == 20
    assert [anchor.tree_size for anchor in anchors(house)] == [1, 8, 15, 21]
    assert check(house).ok
    house.clock.advance(timedelta(hours=3))
    act(house, 14)
    assert anchor_now(house).records == 14
    assert check(house).ok


def test_sealing_does_not_reread_the_log(house):
    for times in (40, 2, 1):
        act(house, times)
        seal(house)
        house.clock.advance(timedelta(hours=2))
    with house.database.transaction(reading=True) as db:
        assert sealing._sealed_below(db, now=house.clock.now()) == 43
        assert sealing._sealed_below(db, now=house.clock.now() - timedelta(hours=2)) == 42
        assert sealing._sealed_below(db, now=house.clock.now() - timedelta(hours=9)) == -1


def test_sealers_at_the_same_time_seal_each_record_once(house):
    seal(house)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(act if number % 2 else seal, house) for number in range(24)]
        for job in jobs:
            job.result()
    seal(house)
    assert counts(house)[:2] == (12, 12)
    assert check(house).ok


def test_a_run_waits_for_the_one_before_it(sqlite_house):
    act(sqlite_house)
    with ThreadPoolExecutor(1) as pool:
        with outside(sqlite_house).held_alone():
            waiting = pool.submit(seal, sqlite_house)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=30).records == 1


def test_a_record_committed_late_is_sealed_behind_those_with_greater_numbers(postgresql_house):
    house = postgresql_house
    act(house)
    with acting_as(house, "slow") as op:
        sealing.record(op, sealing.AuditAction.DEMO_LOAD, subject=("demo", 1))
        act(house, 2)
        assert seal(house).records == 3
    house.clock.advance(timedelta(seconds=90))
    assert seal(house).records == 1
    assert [found["id"] for found in read_records(export(house.database, {}))] == [1, 3, 4, 2]
    assert check(house).ok


def test_an_anchor_that_a_crash_kept_from_the_file_is_added_by_the_next_run(house, monkeypatch):
    act(house)
    seal(house)
    act(house, 2)
    with monkeypatch.context() as crash:
        crash.setattr(AnchorFile, "add", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space"):
            seal(house)
    assert len(anchors(house)) == 1
    assert check(house).ok
    seal(house)
    assert [anchor.tree_size for anchor in anchors(house)] == [1, 3]
    assert check(house).ok


def test_a_crash_before_the_very_first_line_does_not_stop_the_anchoring(house, monkeypatch):
    act(house)
    with monkeypatch.context() as crash:
        crash.setattr(AnchorFile, "add", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        with pytest.raises(OSError, match="power cut"):
            seal(house)
    assert counts(house)[2] == 1
    assert seal(house).anchor.id == 1
    assert [anchor.id for anchor in anchors(house)] == [1]
    assert check(house).ok


def test_a_torn_line_is_left_and_said_again(house):
    act(house)
    seal(house)
    with outside(house).anchors.open("a") as file:
        file.write('{"anchor":{"id":2,')
    act(house)
    seal(house)
    assert [anchor.id for anchor in anchors(house)] == [1, 2]
    assert check(house).ok


def test_anchors_signed_before_a_rotation_of_the_key_still_verify(house):
    act(house)
    seal(house)
    with house.database.transaction() as db:
        house.tool(Keyring).rotate(db, KeyPurpose.ANCHOR, now=house.clock.now())
    act(house)
    seal(house)
    assert len({anchor.key_id for anchor in anchors(house)}) == 2
    assert check(house).ok


def test_a_clock_that_was_far_ahead_and_is_set_right_does_not_accuse_anyone(house):
    act(house)
    seal(house)
    house.clock.advance(timedelta(days=400))
    act(house)
    seal(house)
    house.clock.advance(timedelta(days=-400, seconds=90))
    act(house, 2)
    seal(house)
    assert check(house).ok


def test_a_longer_file_is_read_from_its_end(house):
    for _ in range(3):
        act(house)
        anchor_now(house)
    found = outside(house)
    text = found.anchors.read_text()
    found.anchors.write_text(text.replace("\n", "\n" + "x" * 150_000 + "\n"))
    assert found.last().anchor.id == 3
    assert found.find(2).anchor.id == 2
    assert found.find(9) is None


def copy_of(house, tmp_path):
    """An online backup of a SQLite house."""
    backup = tmp_path / "backup.db"
    with sqlite3.connect(house.database.url.database) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    return backup


def restored(house, backup):
    """The house on its restored backup, with the anchors as they stand outside."""
    house.database.dispose()
    restored_file = backup.with_name("restored.db")
    shutil.copyfile(backup, restored_file)
    settings = house.settings.model_copy(update={"database_url": f"sqlite:///{restored_file}"})
    return House(settings, Database(settings.database_url), house.clock, tools=house.tools)


def test_a_restored_backup_is_reported_until_its_gap_is_explained(sqlite_house, tmp_path):  # P36
    act(sqlite_house, 3)
    seal(sqlite_house)
    act(sqlite_house)
    backup = copy_of(sqlite_house, tmp_path)
    sqlite_house.clock.advance(timedelta(hours=2))
    act(sqlite_house, 2)
    seal(sqlite_house)
    house = restored(sqlite_house, backup)

    finding = check(house).finding
    assert (finding.kind, finding.record_id, finding.leaf_index) == (Tampering.OLD_BACKUP, 4, 3)
    with pytest.raises(AnchorsDisagree):
        seal(house)
    assert counts(house) == (4, 3, 1)

    house.clock.advance(timedelta(hours=1))
    gap = explain_gap(house, cause="磁盘损坏，恢复 11 月 21 日的备份")
    assert (gap.kind, gap.tree_size, gap.id) == ("gap", 3, 3)
    verdict = check(house)
    assert verdict.ok, verdict
    (gap_found,) = verdict.gaps
    assert (gap_found.anchor_id, gap_found.lost_from, gap_found.lost_to) == (3, 3, 6)
    explained = list(read_records(export(house.database, {})))[-1]
    assert explained["action"] == "audit:explain_gap"
    assert explained["reason"] == "磁盘损坏，恢复 11 月 21 日的备份"
    assert explained["after"]["lost_to"] == 6
    assert explain_gap(house, cause="again") is None

    act(house, 3)
    house.clock.advance(timedelta(minutes=5))
    seal(house)
    assert check(house).ok
    # What the older system had beyond the gap does not come back.
    house.database.dispose()
    verdict = check(sqlite_house)
    assert verdict.finding.kind in {Tampering.FORK, Tampering.INSERT, Tampering.REHASH}
    with pytest.raises(AnchorsDisagree):
        seal(sqlite_house)


def test_a_gap_on_a_gap_verifies(sqlite_house, tmp_path):
    act(sqlite_house, 2)
    seal(sqlite_house)
    backup = copy_of(sqlite_house, tmp_path)
    house = sqlite_house
    for _ in range(2):
        house.clock.advance(timedelta(minutes=10))
        act(house, 3)
        seal(house)
        house = restored(house, backup)
        assert check(house).finding.kind == Tampering.OLD_BACKUP
        explain_gap(house, cause="restore drill")
        assert check(house).ok
    assert len(check(house).gaps) == 2
    house.database.dispose()


def test_a_backup_that_lost_nothing_but_idle_anchors_is_reported_too(sqlite_house, tmp_path):
    act(sqlite_house, 2)
    seal(sqlite_house)
    backup = copy_of(sqlite_house, tmp_path)
    anchor_now(sqlite_house)
    house = restored(sqlite_house, backup)
    assert check(house).finding.kind == Tampering.OLD_BACKUP
    assert explain_gap(house, cause="restore drill") is not None
    assert check(house).ok
    house.database.dispose()


def test_an_empty_database_is_explained_against_the_anchors_outside(sqlite_house, sqlite_url, tmp_path, databases):
    act(sqlite_house, 2)
    seal(sqlite_house)
    with databases.fresh("sqlite") as url:
        settings = sqlite_house.settings.model_copy(update={"database_url": url})
        house = House(settings, Database(url), sqlite_house.clock, tools=sqlite_house.tools)
        assert check(house).finding.kind == Tampering.TOTAL_DELETION
        explain_gap(house, cause="no backup could be read")
        assert check(house).ok
        house.database.dispose()


def test_a_lost_file_of_anchors_is_rebuilt_only_with_an_explanation(house):
    act(house, 3)
    seal(house)
    outside(house).anchors.unlink()
    with pytest.raises(AnchorsDisagree):
        anchor_now(house)
    assert explain_gap(house, cause="the other disk burnt") is not None
    verdict = check(house)
    assert verdict.ok
    assert len(verdict.gaps) == 1


def test_no_gap_is_explained_where_there_is_none(house):
    act(house)
    seal(house)
    assert explain_gap(house, cause="nothing") is None
    act(house)
    anchor_now(house)
    lines = outside(house).anchors.read_text().splitlines()
    outside(house).anchors.write_text(lines[0] + "\n")  # the file only lags
    assert explain_gap(house, cause="nothing") is None
    assert counts(house)[0] == 2


def test_no_gap_leads_to_the_log_of_another_house(sqlite_house, databases):
    act(sqlite_house)
    seal(sqlite_house)
    with databases.fresh("sqlite") as url:
        settings = sqlite_house.settings.model_copy(update={"database_url": url})
        folder = settings.anchor_folder / "other"
        other = House(
            settings.model_copy(update={"anchor_folder": folder}),
            Database(url),
            sqlite_house.clock,
            tools=sqlite_house.tools,
        )
        other.clock.advance(timedelta(seconds=1))
        act(other, 2)
        for _ in range(3):
            anchor_now(other)
        sqlite_house.settings = other.settings
        with pytest.raises(AnchorsDisagree):
            explain_gap(sqlite_house, cause="these anchors are not ours")
        with pytest.raises(AnchorsDisagree):
            seal(sqlite_house)
        other.database.dispose()
    assert counts(sqlite_house) == (1, 1, 1)


def test_an_older_export_is_checked_as_of_its_moment(house):
    act(house, 2)
    seal(house)
    older, moment = list(export(house.database, {})), house.clock.now()
    house.clock.advance(timedelta(minutes=5))
    act(house)
    seal(house)
    found = outside(house)
    assert verify(older, Lines(found.anchors), found.public_keys()).finding.kind == Tampering.OLD_BACKUP
    assert verify(older, Lines(found.anchors), found.public_keys(), as_of=moment).ok


def test_a_log_is_sound_against_an_older_copy_of_the_anchors(house, tmp_path):
    """What an auditor took away earlier still vouches, and the signed anchors of the database for the rest."""
    act(house, 2)
    seal(house)
    shutil.copytree(house.settings.anchor_folder, tmp_path / "copy")
    house.clock.advance(timedelta(minutes=5))
    act(house, 2)
    seal(house)
    copy = AnchorFile(tmp_path / "copy")
    assert verify(export(house.database, {}), Lines(copy.anchors), copy.public_keys()).ok
