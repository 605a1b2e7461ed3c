"""P33: what is signed is read by others, and every altered or forged certificate is rejected."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from app.certificates import credential
from app.certificates.credential import Attested, CredentialRefused, Flaw, Issuer, StatusEntry, StatusPurpose
from app.security.key_pairs import Algorithm, PrivateKey
from question_bank.items import Level

# The oracle reads the wall clock, so these documents are in date for a long time.
FROM, UNTIL = datetime(2025, 11, 21, 1, 2, 3, 456789, tzinfo=UTC), datetime(2125, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ISSUER = Issuer(name="中共示范县委组织部", base_url="https://cert.example")
LIST = "https://cert.example/credentials/status/revocation/1"
ATTESTED = Attested(
    credential_id=UUID(int=1),
    holder_id=UUID(int=2),
    holder_name="张 伟",
    salt="c2FsdA",
    certificate_number="SF-2026-P-00042",
    level=Level.PRIMARY,
    awarded_at=FROM,
    valid_from=FROM,
    valid_until=UNTIL,
    status=(
        StatusEntry(StatusPurpose.REVOCATION, LIST, 77),
        StatusEntry(StatusPurpose.SUSPENSION, LIST.replace("revocation", "suspension"), 78),
    ),
)


@pytest.fixture(scope="module")
def key():
    return PrivateKey.generate(Algorithm.RS256)


@pytest.fixture(scope="module")
def token(key):
    return credential.sign(credential.compose(ATTESTED, issuer=ISSUER), key, issuer=ISSUER)


def parts(token):
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def verify(token, key, *, now=NOW, issuer=ISSUER):
    return credential.verify(token, issuer=issuer, find_key={key.kid: key.public}.get, now=now)


def flaw(token, key, **given):
    with pytest.raises(CredentialRefused) as refusal:
        verify(token, key, **given)
    assert refusal.value.status == 422
    assert "无效" in refusal.value.sentence("zh")
    assert "not valid" in refusal.value.sentence("en")
    return refusal.value.flaw


def resigned(key, change, **given):
    payload = credential.compose(ATTESTED, issuer=ISSUER)
    change(payload)
    return credential.sign(payload, key, issuer=given.get("issuer", ISSUER))


def test_a_reader_of_open_badges_made_by_others_accepts_it(key, token):
    read = OB3Verifier(key.public.pem).verify(token)
    assert read.issuer.id == ISSUER.id
    assert read.issuer.name == "中共示范县委组织部"
    assert read.achievement.name == "初级党务工作者资格 / Party-affairs worker, primary level"
    assert read.recipient_id == UUID(int=2).urn
    assert [entry["statusListIndex"] for entry in read.credential_status] == ["77", "78"]


def test_that_reader_rejects_the_same_under_another_key(token):
    with pytest.raises(OB3VerificationError):
        OB3Verifier(PrivateKey.generate(Algorithm.RS256).public.pem).verify(token)


def test_the_payload_is_the_credential_and_the_claims_repeat_it(key, token):
    header, payload = parts(token)
    assert header == {"alg": "RS256", "kid": f"https://cert.example/.well-known/jwks.json#{key.kid}", "typ": "JWT"}
    assert payload["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert "vc" not in payload
    assert "proof" not in payload
    assert payload["iss"] == payload["issuer"]["id"]
    assert payload["jti"] == payload["id"]
    assert payload["sub"] == payload["credentialSubject"]["id"]
    assert payload["validFrom"] == "2025-11-21T01:02:03Z"
    assert payload["nbf"] == int(FROM.timestamp())
    assert payload["exp"] == int(UNTIL.timestamp())
    assert payload["credentialSubject"]["licenseNumber"] == "SF-2026-P-00042"
    assert payload["credentialStatus"][0] == {
        "id": f"{LIST}#77",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "77",
        "statusListCredential": LIST,
    }


def test_nothing_is_null_or_empty_and_no_name_stands_in_clear(token):
    _, payload = parts(token)

    def walk(value):
        assert value not in (None, "", [], {})
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    walk(payload)
    text = json.dumps(payload, ensure_ascii=False)
    assert "张" not in text
    assert payload["credentialSubject"]["identifier"][0]["identityType"] == "name"


@pytest.mark.parametrize("level", Level)
def test_each_level_has_its_achievement_in_two_languages(key, level):
    found = credential.achievement(level, issuer=ISSUER)
    assert found["id"] == f"https://cert.example/credentials/achievements/{level.value}"
    assert " / " in found["name"]
    assert {"id", "type", "name", "description", "criteria"} <= found.keys()
    assert verify(resigned(key, lambda p: p["credentialSubject"].update(achievement=found)), key).level is level


def test_it_says_what_was_attested(key, token):
    read = verify(token, key)
    assert read.certificate_number == "SF-2026-P-00042"
    assert read.level is Level.PRIMARY
    assert read.status == ATTESTED.status
    assert read.valid_from == FROM.replace(microsecond=0)
    assert read.belongs_to("张伟")
    assert not read.belongs_to("张玮")
    assert verify(f"\n{token}\n", key) == read


def test_the_same_certificate_gives_the_same_document(key, token):
    assert credential.sign(credential.compose(ATTESTED, issuer=ISSUER), key, issuer=ISSUER) == token


def test_it_is_valid_from_its_first_second_to_before_its_last(key, token):
    first = FROM.replace(microsecond=0)
    assert verify(token, key, now=first)
    assert flaw(token, key, now=first - timedelta(seconds=1)) is Flaw.NOT_YET
    assert verify(token, key, now=UNTIL - timedelta(seconds=1))
    assert flaw(token, key, now=UNTIL) is Flaw.EXPIRED


def test_every_altered_letter_is_seen(key, token):
    for place in range(0, len(token), 97):
        other = "A" if token[place] != "A" else "B"
        assert flaw(token[:place] + other + token[place + 1 :], key) is Flaw.SIGNATURE


def test_an_altered_number_level_or_date_is_seen(key, token):
    header, body, signature = token.split(".")
    for old, new in (("00042", "00043"), ("primary", "advanced"), ("2125-01-01", "2225-01-01")):
        text = base64.urlsafe_b64decode(body + "==").decode()
        assert old in text
        forged = base64.urlsafe_b64encode(text.replace(old, new).encode()).decode().rstrip("=")
        assert flaw(f"{header}.{forged}.{signature}", key) is Flaw.SIGNATURE


def test_a_forger_with_a_key_of_their_own_gets_nowhere(key):
    forger = PrivateKey.generate(Algorithm.RS256)
    forged = resigned(forger, lambda _: None)
    assert flaw(forged, key) is Flaw.SIGNATURE
    assert verify(forged, forger)  # only the key was wrong


def test_a_key_of_ours_named_under_another_s_address_is_not_found(key):
    other = Issuer(name=ISSUER.name, base_url="https://evil.example")
    assert flaw(resigned(key, lambda _: None, issuer=other), key) is Flaw.SIGNATURE


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(iss="https://evil.example"),
        lambda p: p["issuer"].update(id="https://evil.example"),
        lambda p: p.update(jti="urn:uuid:other"),
        lambda p: p.update(sub="urn:uuid:other"),
        lambda p: p.update(nbf=0),
        lambda p: p.update(exp=10**12),
        lambda p: p.update(validUntil="2225-01-01T00:00:00Z"),
        lambda p: p.update(validUntil="2125-01-01"),
        lambda p: p.update(validUntil=None),
        lambda p: p.pop("credentialStatus"),
        lambda p: p.update(credentialStatus=[{}]),
        lambda p: p.update(credentialStatus=7),
        lambda p: p.update(type=["VerifiableCredential"]),
        lambda p: p.update({"@context": []}),
        lambda p: p.update(credentialSubject=[]),
        lambda p: p["credentialSubject"].pop("identifier"),
        lambda p: p["credentialSubject"].update(identifier=[]),
        lambda p: p["credentialSubject"]["achievement"].update(id="https://evil.example/achievements/primary"),
        lambda p: p["credentialSubject"]["achievement"].update(id=7),
        lambda p: p.clear(),
    ],
)
def test_what_does_not_agree_with_itself_is_refused_though_signed(key, change):
    assert flaw(resigned(key, change), key) is Flaw.CLAIMS


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "{}", "令", "\ud800", "A" * 100_000])
def test_what_is_no_credential_is_refused_with_a_sentence(key, text):  # P41
    assert flaw(text, key) is Flaw.SIGNATURE


def test_es256_by_setting(key):
    signer = PrivateKey.generate(Algorithm.ES256)
    token = resigned(signer, lambda _: None)
    find_key = {signer.kid: signer.public}.get
    assert credential.verify(token, issuer=ISSUER, find_key=find_key, now=NOW, algorithm=Algorithm.ES256)
    with pytest.raises(CredentialRefused):
        credential.verify(token, issuer=ISSUER, find_key=find_key, now=NOW)
    OB3Verifier(signer.public.pem).verify(token)
