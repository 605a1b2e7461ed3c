import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from app.security.key_pairs import Algorithm, KeyRefused, PrivateKey, PublicKey

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture(params=["rsa", "ec"])
def key(request, rsa_key, ec_key):
    return rsa_key if request.param == "rsa" else ec_key


def test_a_signature_is_known_and_every_change_is_not(key):
    signature = key.sign(b"head 7")
    assert key.public.verify(b"head 7", signature)
    assert not key.public.verify(b"head 8", signature)
    assert not key.public.verify(b"head 7", signature[:-1] + bytes([signature[-1] ^ 1]))
    for broken in (b"", signature[:-1], signature + b"\0", bytes(len(signature))):
        assert not key.public.verify(b"head 7", broken)
    assert not PrivateKey.generate(Algorithm.ES256).public.verify(b"head 7", signature)


def test_a_signature_has_one_spelling(ec_key):
    while (signature := ec_key.sign(b"head 7"))[32]:
        pass  # until s begins with a zero byte, which could be left out
    assert ec_key.public.verify(b"head 7", signature)
    assert not ec_key.public.verify(b"head 7", signature[:32] + signature[33:])


def test_a_key_survives_its_pem_and_its_jwk(key):
    again = PrivateKey.from_pem(key.pem(), key.algorithm)
    assert again.public == key.public
    assert PublicKey.from_pem(key.public.pem, key.algorithm) == key.public
    assert PublicKey.from_jwk(key.public.jwk()) == key.public
    assert PublicKey.from_jwk(key.public.jwk()).verify(b"x", again.sign(b"x"))


def test_the_kid_is_the_thumbprint_of_rfc_7638(key):
    members = {name: value for name, value in key.public.jwk().items() if name not in {"kid", "use", "alg"}}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    expected = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
    assert key.kid == key.public.kid == key.public.jwk()["kid"] == expected


def test_the_thumbprint_of_the_rfc_s_own_example():
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5ha"
        "jrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    key = PublicKey.from_jwk({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256"})
    assert key.kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_jwk_has_no_private_member(key):  # P40
    assert not PRIVATE_MEMBERS & key.public.jwk().keys()
    assert {"kid", "use", "alg"} <= key.public.jwk().keys()


def test_a_private_key_does_not_show_itself(key):
    assert repr(key) == f"PrivateKey(kid={key.kid})"


@pytest.mark.parametrize("member", sorted(PRIVATE_MEMBERS))
def test_a_jwk_that_holds_a_private_member_is_refused(key, member):
    with pytest.raises(KeyRefused):
        PublicKey.from_jwk({**key.public.jwk(), member: "AQAB"})


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct"},
        {"kty": 7},
        {"crv": "P-384"},
        {"n": "???", "x": "???"},
        {"n": 7, "x": 7},
        {"n": "", "x": ""},
        {"n": "AQAB", "x": "AQAB"},
        {"alg": "HS256"},
        {"kid": "another"},
    ],
)
def test_a_jwk_that_is_not_ours_is_refused(key, change):
    with pytest.raises(KeyRefused):
        PublicKey.from_jwk({**key.public.jwk(), **change})
    with pytest.raises(KeyRefused):
        PublicKey.from_jwk({name: value for name, value in key.public.jwk().items() if name not in {"n", "x"}})


def _pem(material):
    return material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), Algorithm.ES256),
        (lambda: ec.generate_private_key(ec.SECP256K1()), Algorithm.ES256),
        (lambda: ec.generate_private_key(ec.SECP256R1()), Algorithm.RS256),
        (lambda: rsa.generate_private_key(65537, 1024), Algorithm.RS256),
        (lambda: rsa.generate_private_key(65537, 2048), Algorithm.ES256),
        (ed25519.Ed25519PrivateKey.generate, Algorithm.ES256),
        (ed25519.Ed25519PrivateKey.generate, Algorithm.RS256),
    ],
)
def test_a_key_of_the_wrong_kind_curve_or_size_is_refused(make, algorithm):  # F16: the library would sign with it
    material = make()
    with pytest.raises(KeyRefused):
        PrivateKey.from_pem(_pem(material), algorithm)
    public = material.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(KeyRefused):
        PublicKey.from_pem(public, algorithm)


def test_only_pem_of_the_right_half_is_read(key):  # F16: DER is what makes the confusion possible
    der = base64.b64decode("".join(key.public.pem.splitlines()[1:-1])).decode("latin-1")
    bare = load_pem_public_key(key.public.pem.encode())
    form = PublicFormat.PKCS1 if key.algorithm is Algorithm.RS256 else PublicFormat.SubjectPublicKeyInfo
    other = "\n" + bare.public_bytes(Encoding.PEM, form).decode()
    for text in ("", "secret", der, other, key.pem(), key.public.pem.replace("A", "B")):
        with pytest.raises(KeyRefused):
            PublicKey.from_pem(text, key.algorithm)
    for text in ("", der, key.public.pem, key.pem().replace("M", "N")):
        with pytest.raises(KeyRefused):
            PrivateKey.from_pem(text, key.algorithm)
