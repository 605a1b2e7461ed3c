"""What is done to banks and items, and the facts that higher features append to item versions."""

from collections.abc import Mapping

from sqlalchemy import insert

from app.authoring.models import ItemUsage
from app.operation import Operation


def note_usage(op: Operation, exam_id: int, counts: Mapping[int, int]) -> None:
    """Append how many forms of an exam hold each item version (`counts`: forms by version id)."""
    rows = [
        {"item_version_id": version_id, "exam_id": exam_id, "forms": forms, "at": op.now}
        for version_id, forms in sorted(counts.items())
    ]
    if rows:
        op.db.execute(insert(ItemUsage), rows)
