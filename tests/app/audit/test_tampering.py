"""P36: each way to touch the log is reported, by its kind, with the first bad record; always on both databases.

In the log of the fixture, records 1 to 4, 5, and 6 to 10 are sealed (leaf = id - 1); 11 and 12 are not yet.
"""

import json
import shutil
from datetime import timedelta

import pytest

from app.audit.anchor_file import AnchorFile, Lines
from app.audit.anchors import make_anchor, read_lines
from app.audit.canonical import leaf_content
from app.audit.export import export
from app.audit.findings import Finding, Tampering
from app.audit.merkle import hash_leaf
from app.audit.sealing import AnchorsDisagree, anchor_now, seal
from app.audit.verification import verify
from app.operation import House
from app.security.key_pairs import Algorithm, PrivateKey
from app.security.signing_keys import Keyring
from tests.support.audit_log import act, check, force, hash_again

T = Tampering
COLUMNS = (
    "at, actor_account_id, actor_kind, action, subject_kind, subject_id, before, after, reason, request_id,"
    " address_digest"
)


def found(house):
    finding = check(house).finding
    return finding and (finding.kind, finding.record_id, finding.leaf_index)


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'x'",
        "actor_account_id = 1",
        "actor_kind = 'person'",
        "action = 'case:open'",
        "subject_id = '4'",
        "subject_kind = 'cas'",
        "before = NULL",
        """after = '{"state":"open"}'""",
        """after = '{"state": "closed"}'""",
        "at = (SELECT MAX(at) FROM audit_record)",
        "request_id = ''",
        "address_digest = 'x'",
    ],
)
def test_an_edit_of_any_column_is_found(log, change):
    force(log, f"UPDATE audit_record SET {change} WHERE id = 3")
    assert found(log) == (T.EDIT, 3, 2)


@pytest.mark.parametrize("value", ["'last week'", "x'ff00'", "CAST(x'ff' AS TEXT)", "5.5"])
@pytest.mark.parametrize("column", ["at", "reason", "after", "actor_account_id", "request_id"])
def test_what_no_column_should_hold_on_sqlite_is_an_edit_too(sqlite_log, column, value):
    force(sqlite_log, f"UPDATE audit_record SET {column} = {value} WHERE id = 3")
    assert found(sqlite_log) == (T.EDIT, 3, 2)
    act(sqlite_log)
    seal(sqlite_log)
    assert found(sqlite_log) == (T.EDIT, 3, 2)


@pytest.mark.parametrize("value", ["'last week'", "x'ff00'", "CAST(x'ff' AS TEXT)"])
def test_a_record_that_cannot_be_read_does_not_stop_the_sealing(sqlite_log, value):
    force(sqlite_log, f"UPDATE audit_record SET reason = {value} WHERE id = 11")
    assert seal(sqlite_log).records == 2
    assert check(sqlite_log).ok


def test_an_edited_leaf_is_found(log):
    force(log, f"UPDATE audit_leaf SET leaf_hash = '{'0' * 64}' WHERE leaf_index = 6")
    assert found(log) == (T.EDIT, 7, 6)


def test_the_first_of_several_edits_is_named(log):
    force(log, "UPDATE audit_record SET reason = 'x' WHERE id IN (9, 4, 6)")
    assert found(log) == (T.EDIT, 4, 3)


@pytest.mark.parametrize("record_id", [1, 4, 5, 9])
@pytest.mark.parametrize("leaf_too", [False, True])
def test_a_deleted_record_is_found(log, record_id, leaf_too):
    force(log, f"DELETE FROM audit_record WHERE id = {record_id}")
    if leaf_too:
        force(log, f"DELETE FROM audit_leaf WHERE record_id = {record_id}")
    assert found(log) == (T.DELETE, record_id, record_id - 1)


def test_a_deletion_is_found_where_everything_was_hashed_again(log):
    force(log, "DELETE FROM audit_record WHERE id = 4", "DELETE FROM audit_record WHERE id > 10")
    hash_again(log)
    assert found(log) == (T.DELETE, 4, 3)


def test_a_deleted_leaf_is_found(log):
    force(log, "DELETE FROM audit_leaf WHERE leaf_index = 5")
    assert found(log) == (T.DELETE, 6, 5)


def test_a_deletion_is_found_where_the_later_records_were_numbered_anew(log):
    force(log, "DELETE FROM audit_record WHERE id > 10", "DELETE FROM audit_record WHERE id = 4")
    for record_id in range(5, 11):
        force(log, f"UPDATE audit_record SET id = {record_id - 1} WHERE id = {record_id}")
    hash_again(log)
    assert found(log) == (T.DELETE, 4, 3)


def insert_copy(house, *, record_id, of, **changes):
    columns = COLUMNS
    for name, value in changes.items():
        columns = columns.replace(name, value, 1)
    force(
        house,
        f"INSERT INTO audit_record (id, {COLUMNS}) SELECT {record_id}, {columns} FROM audit_record WHERE id = {of}",
    )


def test_an_insert_between_records_is_found_where_everything_was_hashed_again(log):
    force(log, "DELETE FROM audit_record WHERE id > 10")
    for record_id in range(10, 4, -1):
        force(log, f"UPDATE audit_record SET id = {record_id + 1} WHERE id = {record_id}")
    insert_copy(log, record_id=5, of=2, reason="'forged'")
    hash_again(log)
    assert found(log) == (T.INSERT, 5, 4)


def test_an_insert_into_the_past_is_found_before_it_is_sealed_and_after(log):
    log.clock.advance(timedelta(hours=1))
    act(log)
    seal(log)
    log.clock.advance(timedelta(hours=1))
    seal(log)
    insert_copy(log, record_id=0, of=2)
    assert found(log) == (T.INSERT, 0, None)
    force(log, "DELETE FROM audit_record WHERE id = 0")
    insert_copy(log, record_id=500, of=2)
    assert found(log) == (T.INSERT, 500, None)
    seal(log)
    assert found(log)[:2] == (T.INSERT, 500)
    log.clock.advance(timedelta(hours=1))
    act(log, 3)
    seal(log)
    assert found(log)[:2] == (T.INSERT, 500)


def test_a_leaf_that_no_anchor_covers_is_found(log):
    insert_copy(log, record_id=700, of=10)
    lines = [json.loads(line) for line in export(log.database, {})]
    said = next(line["record"] for line in lines if line["line"] == "unsealed" and line["record"]["id"] == 700)
    leaf = hash_leaf(leaf_content(said)).hex()
    force(
        log,
        f"INSERT INTO audit_leaf (leaf_index, record_id, leaf_hash, subtree_hash) VALUES (10, 700, '{leaf}', '{leaf}')",
    )
    assert found(log) == (T.INSERT, 700, 10)


@pytest.mark.parametrize("pair", [(2, 3), (3, 9), (4, 5)])
@pytest.mark.parametrize("thorough", [False, True])
def test_two_records_that_changed_places_are_found(log, pair, thorough):
    one, other = pair
    force(
        log,
        "DELETE FROM audit_record WHERE id > 10",
        f"UPDATE audit_record SET id = 1000 WHERE id = {one}",
        f"UPDATE audit_record SET id = {one} WHERE id = {other}",
        f"UPDATE audit_record SET id = {other} WHERE id = 1000",
    )
    if thorough:
        hash_again(log)
    assert found(log) == (T.REORDER, one, one - 1)


def test_leaves_that_changed_places_are_found(log):
    force(
        log,
        "UPDATE audit_leaf SET leaf_index = 1000 WHERE leaf_index = 2",
        "UPDATE audit_leaf SET leaf_index = 2 WHERE leaf_index = 7",
        "UPDATE audit_leaf SET leaf_index = 7 WHERE leaf_index = 1000",
    )
    assert found(log) == (T.REORDER, 3, 2)


@pytest.mark.parametrize("leaves_too", [False, True])
def test_a_cut_tail_is_found(log, leaves_too):
    force(log, "DELETE FROM audit_record WHERE id > 7")
    if leaves_too:
        force(log, "DELETE FROM audit_leaf WHERE record_id > 7")
    assert found(log) == (T.TAIL_CUT, 8, 7)


def test_a_tail_cut_at_an_anchor_is_found_with_or_without_its_anchors(log):
    force(log, "DELETE FROM audit_record WHERE id > 5", "DELETE FROM audit_leaf WHERE record_id > 5")
    assert found(log) == (T.TAIL_CUT, 6, 5)
    force(log, "DELETE FROM audit_anchor WHERE tree_size > 5")
    assert found(log) == (T.OLD_BACKUP, 6, 5)


def test_a_total_deletion_is_found(log):
    force(log, "DELETE FROM audit_record")
    assert found(log) == (T.TOTAL_DELETION, 1, 0)
    force(log, "DELETE FROM audit_leaf", "DELETE FROM audit_anchor")
    assert found(log) == (T.TOTAL_DELETION, 1, 0)
    act(log)
    assert found(log) == (T.TOTAL_DELETION, 1, 0)
    with pytest.raises(AnchorsDisagree):
        seal(log)


@pytest.mark.parametrize("forge_anchors", [False, True])
def test_a_chain_hashed_again_is_found(log, forge_anchors):
    force(log, "DELETE FROM audit_record WHERE id > 10", "UPDATE audit_record SET reason = 'x' WHERE id = 5")
    hash_again(log, forge_anchors=forge_anchors)
    assert found(log) == (T.REHASH, 5, 4)


def test_a_chain_hashed_again_and_signed_by_a_strangers_key_is_found(log):
    force(log, "DELETE FROM audit_record WHERE id > 10", "UPDATE audit_record SET reason = 'x' WHERE id = 5")
    hash_again(log)
    key = PrivateKey.generate(Algorithm.ES256)
    previous = None
    for line in [json.loads(line) for line in export(log.database, {})]:
        if line["line"] == "anchor":
            said = line["anchor"]
            previous = make_anchor(
                previous,
                kind=said["kind"],
                tree_size=said["tree_size"],
                root=bytes.fromhex(said["root_hash"]),
                at=log.clock.now(),
                sign=lambda message: (key.kid, key.sign(message)),
            )
            force(
                log,
                f"UPDATE audit_anchor SET previous_anchor_hash = '{previous.previous_anchor_hash}',"
                f" key_id = '{key.kid}', signature = '{previous.signature}' WHERE id = {previous.id}",
            )
    assert found(log) == (T.REHASH, 5, 4)


def branch(house, tmp_path, acts):
    """The same log, gone on elsewhere: another folder of anchors, the same key, the same database."""
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(house.settings.anchor_folder, elsewhere)
    settings = house.settings.model_copy(update={"anchor_folder": elsewhere})
    other = House(settings, house.database, house.clock, tools={Keyring: house.tool(Keyring)})
    acts(other)
    seal(other)


def test_a_fork_is_found(log, tmp_path):
    """The service's own key signs two histories: one stands outside, the database holds the other."""
    branch(log, tmp_path, lambda other: act(other, 3))
    shutil.copytree(tmp_path / "elsewhere", tmp_path / "first")
    force(
        log,
        "DELETE FROM audit_anchor WHERE tree_size > 10",
        "DELETE FROM audit_leaf WHERE leaf_index >= 10",
        "UPDATE audit_record SET reason = 'another history' WHERE id = 12",
    )
    log.clock.advance(timedelta(seconds=7))
    seal(log)
    assert check(log).ok  # each history is sound by itself
    ours, theirs = AnchorFile(log.settings.anchor_folder), AnchorFile(tmp_path / "first")
    verdict = verify(export(log.database, {}), Lines(theirs.anchors), theirs.public_keys())
    assert (verdict.finding.kind, verdict.finding.record_id) == (T.FORK, 12)
    # Both histories in one file, one after the other, are a fork too.
    both = [line.text() for line in read_lines(Lines(theirs.anchors))]
    both.append([line.text() for line in read_lines(Lines(ours.anchors))][-1])
    verdict = verify(export(log.database, {}), both, ours.public_keys())
    assert (verdict.finding.kind, verdict.finding.record_id, verdict.finding.leaf_index) == (T.FORK, 11, 10)


def test_a_missing_or_emptied_file_of_anchors_is_found(log):
    outside = AnchorFile(log.settings.anchor_folder)
    outside.anchors.write_text("")
    assert found(log) == (T.ANCHORS_MISSING, None, None)
    outside.anchors.unlink()
    assert found(log) == (T.ANCHORS_MISSING, None, None)
    with pytest.raises(AnchorsDisagree):
        seal(log)
    assert not outside.exists()


def test_anchors_altered_outside_are_found(log):
    outside = AnchorFile(log.settings.anchor_folder)
    whole = outside.anchors.read_text().splitlines()
    for altered in (
        [whole[0], *whole[2:]],
        whole[1:],
        [*whole[:2], whole[2].replace('"tree_size":5', '"tree_size":4'), *whole[3:]],
        [*whole[:2], whole[2].replace('"leaves":[[', '"leaves":[[5,"00"],['), *whole[3:]],
        [whole[0], whole[2], whole[1], whole[3]],
    ):
        outside.anchors.write_text("\n".join(altered) + "\n")
        assert found(log)[0] in {T.ANCHORS_ALTERED, T.FORK}, altered
    outside.anchors.write_text("\n".join(whole) + "\n")
    assert check(log).ok
    (log.settings.anchor_folder / "keys.jsonl").write_text("")
    assert found(log)[0] == T.ANCHORS_ALTERED


def test_anchors_altered_in_the_database_are_found(log):
    force(log, "UPDATE audit_anchor SET signature = '00' WHERE id = 2")
    assert check(log).finding == Finding(T.ANCHORS_ALTERED, anchor_id=2)
    force(log, "DELETE FROM audit_anchor WHERE id = 2")
    assert check(log).finding == Finding(T.ANCHORS_ALTERED, anchor_id=3)
    force(log, "DELETE FROM audit_anchor")
    assert check(log).finding == Finding(T.ANCHORS_ALTERED, anchor_id=4)


def test_an_anchor_that_claims_more_than_there_is_is_found(log, tmp_path):
    branch(log, tmp_path, lambda _other: None)
    force(log, "DELETE FROM audit_record WHERE id > 10", "DELETE FROM audit_leaf WHERE leaf_index >= 10")
    assert found(log) == (T.TAIL_CUT, None, 10)


def test_the_sealer_does_not_build_on_a_log_that_was_touched(log):
    for statement in (
        "UPDATE audit_leaf SET subtree_hash = leaf_hash WHERE leaf_index = 7",
        "DELETE FROM audit_leaf WHERE leaf_index = 7",
        "DELETE FROM audit_leaf WHERE leaf_index = 9",
        "DELETE FROM audit_anchor WHERE id = 4",
    ):
        force(log, statement)
        with pytest.raises(AnchorsDisagree):
            seal(log)
    assert len(list(read_lines(Lines(AnchorFile(log.settings.anchor_folder).anchors)))) == 4


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t[:3], lambda t: [], lambda t: [*t[:2], "{", *t[2:]]])
def test_an_export_that_is_cut_or_garbled_is_not_verified(log, spoil):
    outside = AnchorFile(log.settings.anchor_folder)
    lines = spoil(list(export(log.database, {})))
    verdict = verify(lines, Lines(outside.anchors), outside.public_keys())
    assert verdict.finding.kind == T.UNREADABLE
    assert verdict.finding.line is not None


@pytest.mark.parametrize(
    "line",
    ["null", "[]", "5", "{}", '{"line":"leaf"}', '{"line":"anchor","anchor":{}}', '{"line":"x"}', "[" * 100000,
     '{"line":"leaf","index":0,"hash":"","record_id":1,"record":{"at":NaN}}',
     '{"line":"leaf","index":0,"hash":"","record_id":1,"record":[]}',
     '{"line":"unsealed","record":{"id":"x","at":5}}'],
)  # fmt: skip
def test_nonsense_in_an_export_is_a_finding_never_a_crash(sqlite_house, line):
    seal(sqlite_house)
    outside = AnchorFile(sqlite_house.settings.anchor_folder)
    verdict = verify([line, '{"line":"end","leaves":0}'], Lines(outside.anchors), outside.public_keys())
    assert not verdict.ok


def test_leaves_altered_in_the_database_and_outside_alike_do_not_fit_the_signed_root(log):
    outside = AnchorFile(log.settings.anchor_folder)
    before = [json.loads(line) for line in export(log.database, {})]
    force(log, "DELETE FROM audit_record WHERE id > 10", "UPDATE audit_record SET reason = 'x' WHERE id = 7")
    hash_again(log, forge_anchors=False)
    after = [json.loads(line) for line in export(log.database, {})]
    hashes = [[line["hash"] for line in lines if line["line"] == "leaf"][6] for lines in (before, after)]
    outside.anchors.write_text(outside.anchors.read_text().replace(*hashes))
    # No list of true leaves is left: the first record under the first root that does not fit is named.
    assert found(log) == (T.REHASH, 6, 5)


def test_a_forged_end_is_found_against_an_older_copy_of_the_anchors(log):
    outside = AnchorFile(log.settings.anchor_folder)
    older = outside.anchors.read_text().splitlines()[:3]
    keys = outside.public_keys()
    assert verify(export(log.database, {}), older, keys).ok
    force(log, "DELETE FROM audit_record WHERE id > 10", "UPDATE audit_record SET reason = 'x' WHERE id = 7")
    hash_again(log)
    finding = verify(export(log.database, {}), older, keys).finding
    assert (finding.kind, finding.record_id, finding.leaf_index) == (T.INSERT, 6, 5)


def test_an_anchor_taken_out_of_the_file_is_missed_though_it_added_no_leaf(log):
    for _ in range(3):
        anchor_now(log)
    outside = AnchorFile(log.settings.anchor_folder)
    lines = outside.anchors.read_text().splitlines()
    del lines[-2]
    outside.anchors.write_text("\n".join(lines) + "\n")
    assert check(log).finding == Finding(T.ANCHORS_ALTERED, leaf_index=12, anchor_id=7)


def test_the_sealer_adds_to_the_file_only_what_follows_there(log):
    outside = AnchorFile(log.settings.anchor_folder)
    outside.anchors.write_text("\n".join(outside.anchors.read_text().splitlines()[:2]) + "\n")
    force(log, f"UPDATE audit_anchor SET previous_anchor_hash = '{'0' * 64}' WHERE id = 3")
    with pytest.raises(AnchorsDisagree):
        seal(log)
    assert len(list(Lines(outside.anchors))) == 2
