"""One text for one value: what is hashed and signed must come out the same on every machine, for decades."""

import json
from datetime import UTC, datetime
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Chinese as itself. For values made of str, int, bool, None, lists and dicts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def moment_text(moment: datetime) -> str:
    """An aware moment as UTC text of fixed width (microseconds, Z): text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
