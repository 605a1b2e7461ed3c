import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.security import tokens
from app.security.fields import MasterKey, Unreadable
from app.security.key_pairs import Algorithm, PublicKey
from app.security.rewrapping import rewrap_some
from app.security.signing_keys import ALGORITHMS, PRIVATE_KEYS, KeyPurpose, Keyring, NoSigningKey, SigningKey

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))
ANCHOR, ACCESS = KeyPurpose.ANCHOR, KeyPurpose.ACCESS


@pytest.fixture
def keyring():
    return Keyring(MasterKey(FIRST))


def test_the_first_use_makes_the_key_and_the_next_uses_the_same(database, keyring):
    with database.transaction() as session:
        kid, signature = keyring.sign(session, ANCHOR, b"head", now=NOW)
    other = Keyring(MasterKey(FIRST))  # another process
    with database.transaction(reading=True) as session:
        assert other.current(session, ANCHOR, now=NOW).kid == kid
        assert other.verify(session, ANCHOR, kid, b"head", signature)
        assert not other.verify(session, ANCHOR, kid, b"another head", signature)
        assert not other.verify(session, ANCHOR, "unknown", b"head", signature)


def test_a_transaction_that_only_reads_makes_no_key(database, keyring):
    with database.transaction(reading=True) as session, pytest.raises(NoSigningKey):
        keyring.sign(session, ANCHOR, b"head", now=NOW)


def test_a_key_serves_its_purpose_alone(database, keyring):
    with database.transaction() as session:
        kid, signature = keyring.sign(session, ANCHOR, b"head", now=NOW)
        assert keyring.find(session, ACCESS, kid) is None
        assert not keyring.verify(session, ACCESS, kid, b"head", signature)
        assert keyring.current(session, ACCESS, now=NOW).kid != kid


def test_after_rotation_the_new_key_signs_and_the_old_still_verifies(database, keyring):  # P40
    other = Keyring(MasterKey(FIRST))
    with database.transaction() as session:
        old, signature = keyring.sign(session, ANCHOR, b"head", now=NOW)
        other.current(session, ANCHOR, now=NOW)
    with database.transaction() as session:
        new = keyring.rotate(session, ANCHOR, now=NOW + timedelta(days=1))
    with database.transaction(reading=True) as session:
        assert other.current(session, ANCHOR, now=NOW).kid == new != old  # at once, in every process
        assert other.verify(session, ANCHOR, old, b"head", signature)
        rows = {row.kid: row for row in session.scalars(select(SigningKey))}
        assert rows[old].retired_at == NOW + timedelta(days=1) == rows[new].active_from
        assert rows[new].retired_at is None
        assert {key["kid"] for key in keyring.public_jwks(session)["keys"]} == {old, new}


def test_rotation_may_be_the_first_use(database, keyring):
    with database.transaction() as session:
        kid = keyring.rotate(session, ANCHOR, now=NOW)
        assert keyring.current(session, ANCHOR, now=NOW).kid == kid


def test_what_is_published_holds_no_private_member(database, keyring):  # P40
    with database.transaction() as session:
        for purpose in KeyPurpose:
            keyring.current(session, purpose, now=NOW)
        published = keyring.public_jwks(session)["keys"]
    assert {key["alg"] for key in published} == {algorithm.value for algorithm in ALGORITHMS.values()}
    for key in published:
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & key.keys()
        assert key["use"] == "sig"
        assert PublicKey.from_jwk(key).kid == key["kid"]
    assert ALGORITHMS[KeyPurpose.CREDENTIAL] is Algorithm.RS256


def test_what_is_stored_is_wrapped_and_bound_to_its_key(database, keyring):
    with database.transaction() as session:
        anchor = keyring.current(session, ANCHOR, now=NOW).kid
        access = keyring.current(session, ACCESS, now=NOW).kid
        rows = {row.kid: row for row in session.scalars(select(SigningKey))}
        assert all("PRIVATE" not in row.private_cipher for row in rows.values())
        rows[anchor].private_cipher = rows[access].private_cipher
    with database.transaction() as session, pytest.raises(Unreadable):
        Keyring(MasterKey(FIRST)).current(session, ANCHOR, now=NOW)


def test_another_field_key_opens_no_signing_key_until_it_is_rewrapped(database, keyring):
    with database.transaction() as session:
        kid = keyring.current(session, ANCHOR, now=NOW).kid
    with database.transaction() as session, pytest.raises(Unreadable):
        Keyring(MasterKey(SECOND)).current(session, ANCHOR, now=NOW)
    with database.transaction() as session:
        both = MasterKey(SECOND, previous=(FIRST,))
        assert rewrap_some(session, both, PRIVATE_KEYS) == 1
        assert rewrap_some(session, both, PRIVATE_KEYS) == 0
    with database.transaction() as session:
        assert Keyring(MasterKey(SECOND)).current(session, ANCHOR, now=NOW).kid == kid


def test_instances_that_start_together_agree_on_one_key(database):
    kids, failures = [], []
    together = threading.Barrier(4)

    def start():
        try:
            together.wait(timeout=10)
            with database.transaction() as session:
                kids.append(Keyring(MasterKey(FIRST)).current(session, ANCHOR, now=NOW).kid)
        except Exception as failure:  # noqa: BLE001 - reported below, whatever it is
            failures.append(failure)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(kids)) == 1
    assert len(kids) == 4


def test_the_keyring_serves_tokens(database, keyring):
    with database.transaction() as session:
        token = tokens.issue(
            tokens.ACCESS, keyring.current(session, ACCESS, now=NOW), issuer="https://x", subject="7", now=NOW
        )
        keyring.rotate(session, ACCESS, now=NOW)
        find_key = keyring.finder(session, ACCESS)
        assert tokens.read(tokens.ACCESS, token, issuer="https://x", find_key=find_key, now=NOW).subject == "7"
        with pytest.raises(tokens.TokenRefused):
            tokens.read(tokens.ACCESS, token, issuer="https://x", find_key=keyring.finder(session, ANCHOR), now=NOW)
