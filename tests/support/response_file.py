"""A response file as a candidate's page makes it, without a browser."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.attempts.response_files.book import KIND


def shut_file(*, exam_id: int, key: str, content: dict[str, Any]) -> bytes:
    """`content` shut with the public `key` of the exam."""
    own = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), urlsafe_b64decode(key))
    shared = own.exchange(ec.ECDH(), theirs)
    agreed = HKDF(algorithm=SHA256(), length=32, salt=b"", info=KIND.encode()).derive(shared)
    point = urlsafe_b64encode(own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).decode()
    iv = os.urandom(12)
    sealed = AESGCM(agreed).encrypt(iv, json.dumps(content).encode(), f"{KIND}|{exam_id}|{point}".encode())
    text = {"iv": urlsafe_b64encode(iv).decode(), "sealed": urlsafe_b64encode(sealed).decode()}
    return json.dumps({"kind": KIND, "exam": exam_id, "key": point, **text}).encode()
