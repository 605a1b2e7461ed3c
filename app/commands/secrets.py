"""Secrets of one's own for who starts the service without any: made once, kept in files that only their owner reads."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from app.settings import Mode

_BYTES = {"CHIZHENG_SECRET_KEY": 48, "CHIZHENG_FIELD_KEY": 32}


HOME = Path("var") / "secrets"
"""Where the demo's secrets lie; every command that is given none takes those that are there."""


def with_secrets(environ: Mapping[str, str], folder: Path = HOME, *, make: bool = False) -> dict[str, str]:
    """`environ`, with the secrets that it does not name taken from `folder`, where `make` makes them on first use.

    Never in production, which names its own. Raises OSError where the folder cannot be written.
    """
    found = dict(environ)
    if environ.get("CHIZHENG_MODE") == Mode.PRODUCTION:
        return found
    for name, length in _BYTES.items():
        if name in environ or f"{name}_FILE" in environ:
            continue
        path = folder / name.removeprefix("CHIZHENG_").lower()
        if not path.exists():
            if not make:
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written whole beside its place: a file that a crash left half would lock everyone out of the database.
            unfinished = path.with_suffix(".new")
            unfinished.unlink(missing_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(base64.b64encode(secrets.token_bytes(length)).decode())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        found[f"{name}_FILE"] = str(path)
    return found
