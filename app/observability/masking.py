"""What a log line must never hold (P46): ID numbers, passwords, tokens, cookies, one-time and check codes. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MASK = "***"

# Parts of a name that mark its value as secret, wherever they stand: `session_token`, `set-cookie`, `totp_code`.
_SECRET_WORDS = frozenset(
    {
        "authorization",
        "code",
        "codes",
        "cookie",
        "cookies",
        "credential",
        "csrf",
        "key",
        "keys",
        "nonce",
        "otp",
        "passphrase",
        "passwd",
        "password",
        "pin",
        "secret",
        "secrets",
        "seed",
        "signature",
        "token",
        "tokens",
        "totp",
    }
)
_PLAIN_NAMES = frozenset({"error_code", "status_code", "dedupe_key"})

# `\d` takes full-width digits too. Groups may stand apart, as people type them.
_ID_NUMBER = re.compile(r"(?<!\d)\d{6}[\s\-]?\d{4}[\s\-]?\d{4}[\s\-]?\d{3}[\dXxＸｘ](?![\dXxＸｘ])")
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]*\.?[\w-]*")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}")
_COOKIE_HEADER = re.compile(r"(?i)\b((?:set-)?cookie\s*:)[^\r\n]*")
_PAIR = re.compile(
    r"""(?ix) ( \b [\w-]* (?: password | passwd | token | secret | cookie | otp | csrf | (?<![a-z]) code ) ['"]?
        \s* [=:] \s* ['"]? ) [^\s'"&,;)}\]]+ """
)
# What the drivers quote: the values that a statement was bound with, and the row that broke a constraint.
_BOUND = re.compile(r"\[parameters: .*?\](?=\n|\Z)", re.DOTALL)
_DETAIL = re.compile(r"(DETAIL:\s*)[^\n]*")


# Nothing below matches a text without one of these: most values of a line (a method, a route, a word) are done here.
_SUSPECT = re.compile(r"[=:\[]|eyJ|\d{6}|\s")


def mask_text(text: str) -> str:
    """`text` with everything that looks like one of those replaced by `***`."""
    if not _SUSPECT.search(text):
        return text
    text = _BOUND.sub(f"[parameters: {MASK}]", text)
    text = _DETAIL.sub(rf"\1{MASK}", text)
    text = _COOKIE_HEADER.sub(rf"\1 {MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _PAIR.sub(rf"\1{MASK}", text)
    return _ID_NUMBER.sub(MASK, text)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether a value under that name is never to be written."""
    lowered = name.lower()
    return lowered not in _PLAIN_NAMES and not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z]+", lowered))


def mask(value: Any) -> Any:
    """`value` with all that is secret masked, at any depth; what is not text, number or container becomes text."""
    if isinstance(value, str):
        return mask_text(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return MASK if _ID_NUMBER.fullmatch(str(value)) else value
    if isinstance(value, Mapping):
        return {
            mask_text(str(name)): MASK if is_secret_name(str(name)) else mask(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(inner) for inner in value]
    return mask_text(str(value))
