"""One text for one value: what is hashed and signed must come out the same on every machine, for decades."""

import json
from datetime import UTC, datetime
from typing import Any

FIELDS = (
    "id",
    "at",
    "actor_account_id",
    "actor_kind",
    "action",
    "subject_kind",
    "subject_id",
    "before",
    "after",
    "reason",
    "request_id",
    "address_digest",
)
"""The members of a record, in its hash and in an export."""


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Chinese as itself. For values made of str, int, bool, None, lists and dicts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def moment_text(moment: datetime) -> str:
    """An aware moment as UTC text of fixed width (microseconds, Z): text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf_content(said: dict[str, Any]) -> bytes:
    """The bytes whose hash is the record's leaf."""
    return canonical({"format": "chizheng-audit/1", **said}).encode("utf-8", "surrogatepass")
