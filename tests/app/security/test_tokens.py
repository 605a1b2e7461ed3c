"""The attack table of python-jose, and the door that closes it (F16, P40)."""

import ast
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from jose import jwt

from app.security import tokens
from app.security.key_pairs import Algorithm, PrivateKey
from app.security.tokens import ACCESS, Reason, TokenClass, TokenRefused

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ISSUER = "https://exam.example"
MAIL = TokenClass(purpose="mail", audience="chizheng-api", algorithm=Algorithm.ES256, lifetime=timedelta(minutes=10))


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def finder(*keys):
    return {key.kid: key.public for key in keys}.get


def claims(**changes):
    now = int(NOW.timestamp())
    base = {
        "iss": ISSUER,
        "sub": "7",
        "aud": "chizheng-api",
        "purpose": "access",
        "jti": "one",
        "iat": now,
        "exp": now + 600,
    }
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def forge(key, payload, header=None):
    """A token signed with our own key, whatever it says: what a mistaken issuer elsewhere in the house might make."""
    header = {"alg": "ES256", "kid": key.kid, "typ": "JWT"} | (header or {})
    header = {name: value for name, value in header.items() if value is not None}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = f"{b64(json.dumps(header).encode())}.{b64(body)}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def refusal(token, key, *, kind=ACCESS, now=NOW, find_key=None):
    with pytest.raises(TokenRefused) as refused:
        tokens.read(kind, token, issuer=ISSUER, find_key=find_key or finder(key), now=now)
    assert refused.value.status == 401
    assert refused.value.sentence("en") == TokenRefused.en
    return refused.value.reason


def test_a_token_says_what_was_said(ec_key):
    token = tokens.issue(ACCESS, ec_key, issuer=ISSUER, subject="7", now=NOW)
    read = tokens.read(ACCESS, token, issuer=ISSUER, find_key=finder(ec_key), now=NOW + timedelta(minutes=9))
    assert (read.subject, read.issued_at, read.expires_at) == ("7", NOW, NOW + timedelta(minutes=10))
    other = tokens.issue(ACCESS, ec_key, issuer=ISSUER, subject="7", now=NOW)
    assert tokens.read(ACCESS, other, issuer=ISSUER, find_key=finder(ec_key), now=NOW).token_id != read.token_id


def test_the_forger_of_these_tests_makes_good_tokens_too(ec_key):
    good = forge(ec_key, claims())
    assert tokens.read(ACCESS, good, issuer=ISSUER, find_key=finder(ec_key), now=NOW).subject == "7"


def test_a_token_ends_at_its_second(ec_key):
    token = tokens.issue(ACCESS, ec_key, issuer=ISSUER, subject="7", now=NOW)
    assert refusal(token, ec_key, now=NOW + timedelta(minutes=10)) is Reason.EXPIRED


def test_a_key_of_another_algorithm_signs_nothing(rsa_key):
    with pytest.raises(ValueError, match="algorithm"):
        tokens.issue(ACCESS, rsa_key, issuer=ISSUER, subject="7", now=NOW)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exp": None}, Reason.CLAIM_MISSING),  # the library accepts it
        ({"aud": None}, Reason.CLAIM_MISSING),  # the library accepts it, even where an audience is asked for
        ({"jti": None}, Reason.CLAIM_MISSING),
        ({"iat": None}, Reason.CLAIM_MISSING),
        ({"sub": None}, Reason.CLAIM_MISSING),
        ({"iss": None}, Reason.CLAIM_MISSING),
        ({"purpose": None}, Reason.CLAIM_MISSING),
        ({"role": "admin"}, Reason.CLAIM_UNKNOWN),
        ({"iss": "https://other.example"}, Reason.WRONG_ISSUER),
        ({"iss": [ISSUER]}, Reason.WRONG_ISSUER),
        ({"aud": "another"}, Reason.WRONG_AUDIENCE),
        ({"aud": ["chizheng-api", "another"]}, Reason.WRONG_AUDIENCE),
        ({"purpose": "mail"}, Reason.WRONG_PURPOSE),
        ({"iat": int(NOW.timestamp()) + 60, "exp": int(NOW.timestamp()) + 120}, Reason.NOT_YET),  # the library: fine
        ({"exp": int(NOW.timestamp())}, Reason.EXPIRED),
        ({"exp": int(NOW.timestamp()) + 601}, Reason.LIVES_TOO_LONG),
        ({"exp": "4102444800"}, Reason.CLAIM_MALFORMED),
        ({"exp": 1e12}, Reason.CLAIM_MALFORMED),
        ({"exp": True}, Reason.CLAIM_MALFORMED),
        ({"exp": 10**30}, Reason.CLAIM_MALFORMED),
        ({"iat": -1}, Reason.CLAIM_MALFORMED),
        ({"sub": 7}, Reason.CLAIM_MALFORMED),
        ({"sub": ""}, Reason.CLAIM_MALFORMED),
        ({"sub": "x" * 256}, Reason.CLAIM_MALFORMED),
        ({"jti": {"a": 1}}, Reason.CLAIM_MALFORMED),
    ],
)
def test_every_claim_is_required_and_right(ec_key, change, reason):
    assert refusal(forge(ec_key, claims(**change)), ec_key) is reason


def test_a_token_of_one_kind_is_none_of_another(ec_key):
    token = tokens.issue(MAIL, ec_key, issuer=ISSUER, subject="7", now=NOW)
    assert refusal(token, ec_key) is Reason.WRONG_PURPOSE


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, Reason.ALGORITHM),
        ({"alg": "HS256"}, Reason.ALGORITHM),
        ({"alg": "RS256"}, Reason.ALGORITHM),
        ({"alg": ["ES256"]}, Reason.ALGORITHM),
        ({"alg": None}, Reason.HEADER),
        ({"typ": None}, Reason.HEADER),
        ({"typ": "JWE"}, Reason.HEADER),
        ({"kid": None}, Reason.HEADER),
        ({"kid": 7}, Reason.HEADER),
        ({"kid": {"kid": 7}}, Reason.HEADER),
        ({"kid": "' OR 1=1 --"}, Reason.UNKNOWN_KEY),
        ({"kid": "../../etc/passwd"}, Reason.UNKNOWN_KEY),
        ({"kid": ""}, Reason.UNKNOWN_KEY),
        ({"jwk": {"kty": "EC"}}, Reason.HEADER),
        ({"jku": "https://evil.example/jwks"}, Reason.HEADER),
        ({"x5u": "https://evil.example/x"}, Reason.HEADER),
        ({"crit": ["exp"]}, Reason.HEADER),
        ({"zip": "DEF"}, Reason.HEADER),
        ({"b64": False}, Reason.HEADER),
    ],
)
def test_the_header_decides_nothing(ec_key, header, reason):
    assert refusal(forge(ec_key, claims(), header), ec_key) is reason


def test_an_unsigned_token_is_refused(ec_key):
    header = b64(json.dumps({"alg": "none", "kid": ec_key.kid, "typ": "JWT"}).encode())
    for signature in ("", b64(b"x")):
        token = f"{header}.{b64(json.dumps(claims()).encode())}.{signature}"
        assert refusal(token, ec_key) in {Reason.MALFORMED, Reason.ALGORITHM}


def public_forms(key):
    material = load_pem_public_key(key.public.pem.encode())
    return {
        "pem": key.public.pem.encode(),
        "der": material.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "jwk": json.dumps(key.public.jwk()).encode(),
        "openssh": material.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    }


@pytest.mark.parametrize("form", ["pem", "der", "jwk", "openssh"])
@pytest.mark.parametrize("claimed", ["HS256", "ES256"])
def test_the_public_key_is_no_secret_to_sign_with(ec_key, form, claimed):
    header = {"alg": claimed, "kid": ec_key.kid, "typ": "JWT"}
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims()).encode())}"
    mac = hmac.new(public_forms(ec_key)[form], signed.encode(), hashlib.sha256).digest()
    assert refusal(f"{signed}.{b64(mac)}", ec_key) in {Reason.ALGORITHM, Reason.SIGNATURE}


def test_the_confusion_is_real_in_the_bare_library(ec_key):
    # If this ever fails the library has been mended; the door stays shut all the same.
    der = public_forms(ec_key)["der"]
    signed = f"{b64(json.dumps({'alg': 'HS256'}).encode())}.{b64(b'{}')}"
    forged = f"{signed}.{b64(hmac.new(der, signed.encode(), hashlib.sha256).digest())}"
    assert jwt.decode(forged, der) == {}


def test_a_key_on_another_curve_signs_nothing_that_is_read(ec_key):
    foreign = ec.generate_private_key(ec.SECP384R1())
    pem = foreign.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    forged = jwt.encode(claims(), pem, algorithm="ES256", headers={"kid": ec_key.kid})  # the library does not mind
    assert refusal(forged, ec_key) is Reason.SIGNATURE


def test_another_s_key_under_our_kid_signs_nothing_that_is_read(ec_key):
    stranger = PrivateKey.generate(Algorithm.ES256)
    assert refusal(forge(stranger, claims(), {"kid": ec_key.kid}), ec_key) is Reason.SIGNATURE
    assert refusal(forge(stranger, claims()), ec_key) is Reason.UNKNOWN_KEY


def test_a_key_of_ours_for_another_algorithm_is_not_used(ec_key, rsa_key):
    token = forge(ec_key, claims(), {"kid": rsa_key.kid})
    assert refusal(token, ec_key, find_key=finder(ec_key, rsa_key)) is Reason.ALGORITHM


def test_every_changed_letter_is_seen(ec_key):
    token = forge(ec_key, claims())
    for place in range(0, len(token), 7):
        if token[place] != ".":
            other = "A" if token[place] != "A" else "B"
            refusal(token[:place] + other + token[place + 1 :], ec_key)


def test_the_same_token_in_another_spelling_is_refused(ec_key):
    token = forge(ec_key, claims())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(token[-1]) ^ 1]  # 64 bytes leave spare bits in the last letter
    for other in (token[:-1] + last, token + "=", token + "\n", token.replace(".", "..", 1), token + ".x", " " + token):
        assert refusal(other, ec_key) is Reason.MALFORMED


def test_a_long_token_is_not_even_opened(ec_key):
    assert refusal(forge(ec_key, claims(jti="x" * 5000)), ec_key) is Reason.TOO_LONG
    assert refusal("." * 10_000_000, ec_key) is Reason.TOO_LONG


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"7",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 2500,
        json.dumps(claims(exp=float("nan"))).encode(),
        json.dumps(claims(exp=float("inf"))).encode(),
        json.dumps(claims()).encode().replace(b'"sub"', b'"sub": "1", "sub"'),
    ],
)
def test_a_payload_that_is_no_plain_object_is_refused(ec_key, payload):  # P41, F11
    assert refusal(forge(ec_key, payload), ec_key) is Reason.MALFORMED


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "a.b.c", "\0.\0.\0", "令.牌.！", "\ud800.a.b", "a.b.c.d.e"])
def test_what_is_no_token_is_refused(ec_key, token):
    assert refusal(token, ec_key) is Reason.MALFORMED


def test_the_key_comes_from_our_own_table_before_anything_is_verified(ec_key):
    asked = []

    def find_key(kid):
        asked.append(kid)

    assert refusal(forge(ec_key, claims()), ec_key, find_key=find_key) is Reason.UNKNOWN_KEY
    assert asked == [ec_key.kid]


def test_no_other_module_speaks_to_the_library():
    root = Path(__file__).resolve().parents[3]
    users = set()
    for folder in ("app", "question_bank", "migrations", "benchmarks", "tools"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if any(name.split(".")[0] in {"jose", "jwt", "joserfc", "authlib"} for name in names):
                    users.add(path.relative_to(root).as_posix())
    assert users == {"app/security/tokens.py"}
