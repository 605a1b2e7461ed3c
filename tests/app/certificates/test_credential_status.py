"""The status list: read by others, bounded, in date, and telling nothing by its order (P32, P33)."""

import base64
import gzip
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier, decode_encoded_list, set_indices

from app.certificates import credential, status_list
from app.certificates.credential import Attested, CredentialRefused, Flaw, Issuer, StatusEntry, StatusPurpose
from app.certificates.status_list import SIZE, ListFull
from app.security.key_pairs import Algorithm, PrivateKey
from question_bank.items import Level

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ISSUER = Issuer(name="中共示范县委组织部", base_url="https://cert.example")
URL = "https://cert.example/credentials/status/revocation/1"
REVOCATION, SUSPENSION = StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION


@pytest.fixture(scope="module")
def key():
    return PrivateKey.generate(Algorithm.RS256)


def signed(key, indexes, *, now=NOW, change=lambda _: None):
    payload = status_list.compose(url=URL, purpose=REVOCATION, indexes=indexes, issuer=ISSUER, now=now)
    change(payload)
    return credential.sign(payload, key, issuer=ISSUER)


def read(token, key, *, now=NOW):
    return status_list.read(token, issuer=ISSUER, find_key={key.kid: key.public}.get, now=now)


def flaw(token, key, **given):
    with pytest.raises(CredentialRefused) as refusal:
        read(token, key, **given)
    return refusal.value.flaw


@given(st.sets(st.integers(0, SIZE - 1), max_size=40))
def test_what_is_set_is_read_and_others_read_the_same(indexes):
    encoded = status_list.encode(indexes)
    assert set_indices(decode_encoded_list(encoded)) == indexes == set_indices(status_list.decode(encoded))


def test_place_0_is_the_leftmost_bit_and_the_list_has_the_standard_s_size():
    bits = status_list.decode(status_list.encode([0]))
    assert bits[0] == 0x80
    assert len(bits) * 8 == SIZE == 131_072
    assert status_list.encode([0]).startswith("u")
    assert "=" not in status_list.encode([0])
    assert status_list.encode([5, 3]) == status_list.encode([3, 5])
    packed_at = base64.urlsafe_b64decode(status_list.encode([0])[1:] + "===")[4:8]
    assert packed_at == bytes(4)  # no time of packing: the same set is the same text tomorrow


@pytest.mark.parametrize("index", [-1, SIZE])
def test_a_place_outside_the_list_is_refused(index):
    with pytest.raises(ValueError, match="outside"):
        status_list.encode([index])


def packed(raw):
    return "u" + base64.urlsafe_b64encode(gzip.compress(raw, mtime=0)).decode().rstrip("=")


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "u",
        "令",
        "u令",
        "z" + packed(bytes(SIZE // 8))[1:],
        packed(b""),
        packed(bytes(SIZE // 8 - 1)),
        packed(bytes(SIZE // 8 + 1)),
        packed(bytes(50_000_000)),
        packed(bytes(SIZE // 8))[:-8],
        "u" + base64.urlsafe_b64encode(b"not gzip").decode(),
    ],
)
def test_a_list_of_another_form_or_size_is_refused(encoded):  # P43: 50 MB of nothing are not unpacked
    with pytest.raises(ValueError, match=r"list|base64url|ascii"):
        status_list.decode(encoded)


def test_a_signed_list_answers_for_its_own_entries_alone(key):
    found = read(signed(key, [77]), key)
    assert found.says(StatusEntry(REVOCATION, URL, 77))
    assert not found.says(StatusEntry(REVOCATION, URL, 78))
    for elsewhere in (
        StatusEntry(SUSPENSION, URL, 77),
        StatusEntry(REVOCATION, URL + "0", 77),
        StatusEntry(REVOCATION, URL, SIZE),
        StatusEntry(REVOCATION, URL, -1),
    ):
        with pytest.raises(CredentialRefused):
            found.says(elsewhere)


def test_yesterday_s_list_is_refused(key):
    token = signed(key, [])
    assert read(token, key, now=NOW + timedelta(hours=24, seconds=-1))
    assert flaw(token, key, now=NOW + timedelta(hours=24)) is Flaw.EXPIRED
    assert flaw(token, key, now=NOW - timedelta(seconds=1)) is Flaw.NOT_YET


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(iss="https://evil.example"),
        lambda p: p.update(issuer={"id": ISSUER.id}),
        lambda p: p.update(jti="other"),
        lambda p: p.update(nbf=0),
        lambda p: p.update(exp=10**12),
        lambda p: p.update(type=["VerifiableCredential"]),
        lambda p: p.update(type=None),
        lambda p: p["credentialSubject"].update(type="Other"),
        lambda p: p["credentialSubject"].update(statusPurpose="message"),
        lambda p: p["credentialSubject"].update(encodedList="uAAAA"),
        lambda p: p["credentialSubject"].update(encodedList=7),
        lambda p: p.pop("credentialSubject"),
    ],
)
def test_a_list_that_does_not_agree_with_itself_is_refused_though_signed(key, change):
    assert flaw(signed(key, [], change=change), key) is Flaw.CLAIMS


def test_a_credential_is_no_list_and_a_list_is_no_credential(key):
    with pytest.raises(CredentialRefused):
        credential.verify(signed(key, []), issuer=ISSUER, find_key={key.kid: key.public}.get, now=NOW)


def test_a_forged_or_altered_list_is_refused(key):
    token = signed(key, [77])
    assert flaw(token, PrivateKey.generate(Algorithm.RS256)) is Flaw.SIGNATURE
    for place in range(0, len(token), 61):
        other = "A" if token[place] != "A" else "B"
        assert flaw(token[:place] + other + token[place + 1 :], key) is Flaw.SIGNATURE


def test_a_full_list_still_fits_what_is_read(key):
    busy = random.Random(7).sample(range(SIZE), SIZE // 2)  # the set that compresses worst
    assert len(signed(key, busy)) < status_list.LIMIT
    assert set_indices(read(signed(key, busy), key).bits) == set(busy)


def test_a_reader_made_by_others_sees_the_revocation(key):
    now = datetime.now(UTC)  # the oracle reads the wall clock

    def attested(index):
        return Attested(
            credential_id=UUID(int=1),
            holder_id=UUID(int=2),
            holder_name="张伟",
            salt="c2FsdA",
            certificate_number="SF-1",
            level=Level.PRIMARY,
            awarded_at=now,
            valid_from=now,
            valid_until=now + timedelta(days=1),
            status=(StatusEntry(REVOCATION, URL, index),),
        )

    def verify(index):
        token = credential.sign(credential.compose(attested(index), issuer=ISSUER), key, issuer=ISSUER)
        serve = {URL: signed(key, [77], now=now).encode()}.__getitem__
        return OB3Verifier(key.public.pem).verify(token, check_status=True, download=serve)

    assert verify(78)
    with pytest.raises(OB3VerificationError, match="revocation"):
        verify(77)


def test_places_are_free_random_and_run_out():
    draw = random.Random(7).randrange
    taken = set()
    for _ in range(200):
        index = status_list.place(taken, draw=draw)
        assert index not in taken
        taken.add(index)
    assert min(taken) > 10  # not given out in order
    last = set(range(SIZE)) - {4711}
    assert status_list.place(last, draw=draw) == 4711
    with pytest.raises(ListFull):
        status_list.place(set(range(SIZE)), draw=draw)
