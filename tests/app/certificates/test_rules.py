"""The lifecycles of batch, certificate and act as full products; numbers, codes, ends of validity."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.certificates.rules import (
    ACT_TRANSITIONS,
    BATCH_TRANSITIONS,
    CERTIFICATE_TRANSITIONS,
    CODE_ALPHABET,
    PROPOSABLE,
    ActAction,
    ActState,
    BatchAction,
    BatchState,
    CertificateAction,
    CertificateMoveRefused,
    CertificateState,
    OwnCertificate,
    SameApprover,
    Standing,
    actions_from,
    check_code,
    last_valid_day,
    move_act,
    move_batch,
    move_certificate,
    number_in,
    read_code,
    read_number,
    refuse_one_person,
    series_of,
    standing_of,
    valid_until_for,
)
from question_bank.items import Level

B, A = BatchState, BatchAction
C, D = CertificateState, CertificateAction
BATCH = {
    (B.PROPOSED, A.APPROVE): B.APPROVED,
    (B.PROPOSED, A.DECLINE): B.DECLINED,
    (B.APPROVED, A.FINISH): B.ISSUED,
}
CERTIFICATE = {
    (C.ACTIVE, D.SUSPEND): C.SUSPENDED,
    (C.SUSPENDED, D.RESTORE): C.ACTIVE,
    (C.ACTIVE, D.SUPERSEDE): C.SUPERSEDED,
    (C.ACTIVE, D.CANCEL): C.CANCELLED,
    (C.SUSPENDED, D.CANCEL): C.CANCELLED,
    (C.ACTIVE, D.REVOKE): C.REVOKED,
    (C.SUSPENDED, D.REVOKE): C.REVOKED,
    (C.ACTIVE, D.RETIRE): C.RETIRED,
    (C.SUSPENDED, D.RETIRE): C.RETIRED,
}
ACT = {
    (ActState.PROPOSED, ActAction.APPROVE): ActState.DONE,
    (ActState.PROPOSED, ActAction.DECLINE): ActState.DECLINED,
}


@pytest.mark.parametrize(
    ("table", "expected", "states", "actions", "move"),
    [
        (BATCH_TRANSITIONS, BATCH, BatchState, BatchAction, move_batch),
        (CERTIFICATE_TRANSITIONS, CERTIFICATE, CertificateState, CertificateAction, move_certificate),
        (ACT_TRANSITIONS, ACT, ActState, ActAction, move_act),
    ],
)
def test_every_cell_of_the_lifecycle_is_as_written_here_and_all_others_are_refused(
    table, expected, states, actions, move
):
    assert table == expected
    for cell in product(states, actions):
        if cell in expected:
            assert move(*cell) is expected[cell]
        else:
            with pytest.raises(CertificateMoveRefused):
                move(*cell)


def test_what_people_may_do_is_offered_and_superseding_is_not_among_it():
    assert D.SUPERSEDE not in PROPOSABLE
    assert actions_from(C.ACTIVE) == (D.SUSPEND, D.CANCEL, D.REVOKE, D.RETIRE)
    assert actions_from(C.SUSPENDED) == (D.RESTORE, D.CANCEL, D.REVOKE, D.RETIRE)
    assert all(actions_from(state) == () for state in (C.SUPERSEDED, C.CANCELLED, C.REVOKED, C.RETIRED))


@pytest.mark.parametrize("state", CertificateState)
def test_expiry_is_computed_and_hides_no_end(state):
    until = datetime(2027, 1, 1, tzinfo=UTC)
    assert standing_of(state, valid_until=until, now=until - timedelta(microseconds=1)) == Standing(state.value)
    live = state in (C.ACTIVE, C.SUSPENDED)
    assert standing_of(state, valid_until=until, now=until) is (Standing.EXPIRED if live else Standing(state.value))


def test_two_people_neither_of_them_judged_nor_close():
    refuse_one_person(proposer=1, decider=2, judged=[3], close_to=[4])
    for decider in (1, None):
        with pytest.raises(SameApprover):
            refuse_one_person(proposer=1, decider=decider, judged=[3], close_to=[])
    with pytest.raises(OwnCertificate):
        refuse_one_person(proposer=1, decider=3, judged=[3, 5], close_to=[])
    with pytest.raises(OwnCertificate):
        refuse_one_person(proposer=1, decider=2, judged=[3, 5], close_to=[5])


@pytest.mark.parametrize(("level", "letter"), [(Level.PRIMARY, "C"), (Level.INTERMEDIATE, "Z"), (Level.ADVANCED, "G")])
def test_a_number_says_prefix_year_level_and_place(level, letter):
    series = series_of(prefix="SF", year=2026, level=level)
    assert number_in(series, 142) == f"SF-2026-{letter}-000142"
    assert number_in(series, 1_234_567) == f"SF-2026-{letter}-1234567"


def test_numbers_and_codes_are_read_as_people_type_them():
    for typed in ("SF-2026-C-000142", " sf-2026-c-000142 ", "ＳＦ－２０２６－Ｃ－０００１４２", "SF–2026—C‑000142"):
        assert read_number(typed) == "SF-2026-C-000142"
    for typed in (
        "",
        "SF2026C000142",
        "SF-2026-X-000142",
        "SF-2026-C-00142",
        "'; DROP",
        "SF-2026-C-000142\x00",
        "证" * 900,
    ):
        assert read_number(typed) is None
    for typed in ("7K4Q-M2XD-98RT", "7k4qm2xd98rt", "７Ｋ４Ｑ Ｍ２ＸＤ ９８ＲＴ"):
        assert read_code(typed) == "7K4Q-M2XD-98RT"
    for typed in ("", "7K4Q-M2XD-98R", "7K4Q-M2XD-98R0", "7K4Q-M2XD-98RTT"):
        assert read_code(typed) is None


def test_the_alphabet_of_codes_has_no_letter_that_looks_like_another():
    assert len(CODE_ALPHABET) == len(set(CODE_ALPHABET)) == 31
    assert not set("01OIL") & set(CODE_ALPHABET)
    assert check_code("7K4QM2XD98RT") == "7K4Q-M2XD-98RT"
    for wrong in ("7K4QM2XD98R", "7K4QM2XD98R0"):
        with pytest.raises(ValueError, match="twelve"):
            check_code(wrong)


def test_validity_ends_with_a_local_day():
    issued = datetime(2026, 12, 8, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    until = valid_until_for(issued, days=425)
    assert last_valid_day(until) == date(2028, 2, 6)
    assert until == datetime(2028, 2, 6, 16, tzinfo=UTC)
    assert valid_until_for(issued + timedelta(minutes=1), days=425) == until + timedelta(days=1)
