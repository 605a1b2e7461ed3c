"""Key pairs for signatures: two algorithms, the keys that fit them, and the forms in which they travel.

What is refused here, the libraries below accept: python-jose signs ES256 with a P-384 key without complaint, and takes
a public key in DER form for an HMAC secret (F16). So a key exists in this service only after its kind, curve and size
were looked at, and it leaves only as PEM or, public, as JWK.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

RSA_BITS = 3072
"""Size of new RSA keys: what is signed with them is looked at for years."""
_RSA_BITS_ACCEPTED = range(2048, 8193)
_COORDINATE_BYTES = 32
_KINDS = (("EC", "P-256"), ("RSA", None))
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Algorithm(StrEnum):
    """The signature algorithms in use (RFC 7518 names). Each key belongs to exactly one of them."""

    RS256 = "RS256"
    ES256 = "ES256"


class KeyRefused(ValueError):
    """The key is not one that the algorithm may be used with, or not in a form that is accepted."""


class PublicKey:
    """A public key that was checked to fit its algorithm. Equal where the key is equal."""

    def __init__(self, algorithm: Algorithm, material: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> None:
        """Raises KeyRefused where `material` does not fit `algorithm`: kind, curve P-256, RSA size."""
        if algorithm is Algorithm.ES256:
            if not (isinstance(material, ec.EllipticCurvePublicKey) and isinstance(material.curve, ec.SECP256R1)):
                raise KeyRefused("ES256 needs a key on P-256")
        elif not (isinstance(material, rsa.RSAPublicKey) and material.key_size in _RSA_BITS_ACCEPTED):
            raise KeyRefused("RS256 needs an RSA key of 2048 bits or more")
        self.algorithm = algorithm
        self._material = material
        self.pem = material.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.kid = _thumbprint(self._members())

    @classmethod
    def from_pem(cls, pem: str, algorithm: Algorithm) -> Self:
        """Read PEM text. Raises KeyRefused for anything else (DER, OpenSSH, a private key) and for an unfit key."""
        if not pem.startswith("-----BEGIN PUBLIC KEY-----"):
            raise KeyRefused("a public key is read from PEM only")
        try:
            material = load_pem_public_key(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise KeyRefused("not a readable public key") from None
        return cls(algorithm, material)  # type: ignore[arg-type]  # the constructor refuses every other kind

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:
        """Read a public JWK as `jwk()` writes it. Raises KeyRefused where it is malformed, unfit, holds a private
        member, or carries a `kid` that is not its thumbprint."""
        if _PRIVATE_MEMBERS & jwk.keys():
            raise KeyRefused("a published key holds a private member")
        kind = (jwk.get("kty"), jwk.get("crv"))
        if kind not in _KINDS:
            raise KeyRefused("a kind of key that is not in use")
        try:
            if kind[0] == "EC":
                point = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
                key = cls(Algorithm.ES256, point.public_key())
            else:
                numbers = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"]))
                key = cls(Algorithm.RS256, numbers.public_key())
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
            raise KeyRefused("not a readable JWK") from None
        if jwk.get("alg", key.algorithm) != key.algorithm or jwk.get("kid", key.kid) != key.kid:
            raise KeyRefused("the JWK's alg or kid is not that of its key")
        return key

    def jwk(self) -> dict[str, str]:
        """The public JWK: members of the key, `kid` (RFC 7638 thumbprint), `use`, `alg`; built from the public key."""
        return {**self._members(), "kid": self.kid, "use": "sig", "alg": self.algorithm.value}

    def verify(self, payload: bytes, signature: bytes) -> bool:
        """Whether `signature` (form as `PrivateKey.sign` makes it) is this key's over exactly `payload`."""
        try:
            if isinstance(self._material, rsa.RSAPublicKey):
                self._material.verify(signature, payload, padding.PKCS1v15(), SHA256())
            else:
                if len(signature) != 2 * _COORDINATE_BYTES:
                    return False
                r, s = signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]
                der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
                self._material.verify(der, payload, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    def _members(self) -> dict[str, str]:
        if isinstance(self._material, rsa.RSAPublicKey):
            rsa_numbers = self._material.public_numbers()
            return {"kty": "RSA", "n": _text(rsa_numbers.n), "e": _text(rsa_numbers.e)}
        numbers = self._material.public_numbers()
        x, y = (_text(value, _COORDINATE_BYTES) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and (self.algorithm, self.kid) == (other.algorithm, other.kid)

    def __hash__(self) -> int:
        return hash((self.algorithm, self.kid))


class PrivateKey:
    """A private key that was checked to fit its algorithm; its repr and its JWK are those of the public half."""

    def __init__(self, algorithm: Algorithm, material: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
        """Raises KeyRefused where `material` does not fit `algorithm`."""
        self.public = PublicKey(algorithm, material.public_key())
        self.algorithm = algorithm
        self.kid = self.public.kid
        self.material = material

    @classmethod
    def generate(cls, algorithm: Algorithm) -> Self:
        """A new key from the operating system's randomness: P-256, or RSA of 3072 bits."""
        if algorithm is Algorithm.ES256:
            return cls(algorithm, ec.generate_private_key(ec.SECP256R1()))
        return cls(algorithm, rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS))

    @classmethod
    def from_pem(cls, pem: str, algorithm: Algorithm) -> Self:
        """Read PKCS#8 PEM text as `pem()` writes it. Raises KeyRefused for anything else."""
        if not pem.startswith("-----BEGIN PRIVATE KEY-----"):
            raise KeyRefused("a private key is read from PKCS#8 PEM only")
        try:
            material = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyRefused("not a readable private key") from None
        return cls(algorithm, material)  # type: ignore[arg-type]  # the constructor refuses every other kind

    def pem(self) -> str:
        """PKCS#8 PEM text, not encrypted: to be wrapped before it is stored."""
        return self.material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def sign(self, payload: bytes) -> bytes:
        """The signature over `payload`, in the form of JWS (RFC 7518): PKCS#1 v1.5, or r and s of 32 bytes each."""
        if isinstance(self.material, rsa.RSAPrivateKey):
            return self.material.sign(payload, padding.PKCS1v15(), SHA256())
        r, s = decode_dss_signature(self.material.sign(payload, ec.ECDSA(SHA256())))
        return r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")

    def __repr__(self) -> str:
        return f"PrivateKey(kid={self.kid})"


def _thumbprint(members: Mapping[str, str]) -> str:
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def _text(number: int, length: int | None = None) -> str:
    size = length or (number.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(number.to_bytes(size, "big")).rstrip(b"=").decode()


def _number(text: str) -> int:
    raw = text.encode("ascii")
    return int.from_bytes(base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True), "big")
