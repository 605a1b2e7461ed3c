"""The settings of Safe Exam Browser as the program itself reads them: the canonical text, the Config Key, the file.

The Config Key is the SHA-256 of the settings as one line of text (its developers' specification of Config Keys). The
text is no JSON: nothing in it is escaped. The programs that make it differ in corners, so that `canonical_text` takes
all that has been published, and `check_settings` keeps our own settings to what they all read alike.
"""

import hashlib
import plistlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence

Value = str | bool | int | bytes | None | Sequence["Value"] | Mapping[str, "Value"]
Settings = Mapping[str, Value]

_LEFT_OUT = "originatorversion"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ESCAPED_BY_SOME = re.compile(r'["\\\x00-\x1f\x7f]')


def canonical_text(settings: Settings) -> str:
    """The settings as their key is made of: names sorted without regard to case, no white space, nothing escaped,
    data in base64, `originatorVersion` and empty dictionaries left out."""
    return _dictionary({name: value for name, value in settings.items() if name.lower() != _LEFT_OUT})


def config_key(settings: Settings) -> str:
    """The Config Key: SHA-256 of `canonical_text` in UTF-8, 64 lower-case hex digits."""
    return hashlib.sha256(canonical_text(settings).encode()).hexdigest()


def property_list(settings: Settings) -> bytes:
    """The settings file (.seb): an Apple property list in XML, UTF-8, without encryption. Raises ValueError, as
    `check_settings` does."""
    check_settings(settings)
    return plistlib.dumps(dict(settings), fmt=plistlib.FMT_XML, sort_keys=True)


def check_settings(value: Value, *, name: str = "settings") -> None:
    """Raises ValueError, naming the place, for anything that two versions of the program, or a server and the program,
    read differently: names that differ only in case, empty dictionaries, quotes and control characters in text, a value
    that comes twice in a list."""
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(f"{name}: an empty dictionary is left out by some")
        if len({key.lower() for key in value}) < len(value):
            raise ValueError(f"{name}: two names differ only in case")
        for key, inside in value.items():
            if not _NAME.fullmatch(key):
                raise ValueError(f"{name}.{key}: a name is of letters and digits")
            check_settings(inside, name=f"{name}.{key}")
    elif isinstance(value, str):
        if _ESCAPED_BY_SOME.search(value):
            raise ValueError(f"{name}: a character that some escape")
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        if any(one in value[:place] for place, one in enumerate(value)):
            raise ValueError(f"{name}: the same value twice")
        for place, inside in enumerate(value):
            check_settings(inside, name=f"{name}[{place}]")
    elif not isinstance(value, bool | int | bytes):
        raise ValueError(f"{name}: {type(value).__name__} is not read alike")  # noqa: TRY004 - one error for one check


def _dictionary(settings: Settings) -> str:
    kept = ((name, settings[name]) for name in sorted(settings, key=str.lower))
    return "{" + ",".join(f'"{name}":{_said(value)}' for name, value in kept if not _is_empty(value)) + "}"


def _is_empty(value: Value) -> bool:
    return isinstance(value, Mapping) and not value


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return _dictionary(value)
    if isinstance(value, bytes):
        return f'"{b64encode(value).decode()}"'
    if value is None or isinstance(value, str):
        return f'"{value or ""}"'
    return "[" + ",".join(map(_said, value)) + "]"
