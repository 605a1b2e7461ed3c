"""What a set of canonical responses says together: how many say anything, and what a record of them commits to."""

import hashlib
import json
from collections.abc import Mapping, Sequence


def answered(responses: Sequence[str]) -> int:
    """How many of these canonical responses say anything."""
    return sum(1 for response in responses if response not in SAYS_NOTHING)


SAYS_NOTHING = frozenset(
    {
        "[]",
        '""',
        *(json.dumps([nothing] * count, separators=(",", ":")) for nothing in ("", None) for count in range(1, 21)),
    }
)
"""Every canonical response in which a candidate gave nothing: no option or order, no text, no text in any of up to 20
blanks, no choice for any of up to 20 premises."""


def hash_responses(responses: Mapping[int, str]) -> str:
    """SHA-256 (hex) over positions and responses in the order of positions: what the audit record commits to."""
    said = json.dumps([[position, responses[position]] for position in sorted(responses)], separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
