"""What an export would hold and not hold, before anybody asks for it. No file is made for it.

What a format does to a version of an item stays the same as long as the item is filed alike, and is remembered: only
what is new in a bank is looked at again.
"""

from collections.abc import Sequence

from app.authoring.filing import file_under
from app.authoring.queries import find_bank, read_content, versions_by_id
from app.authoring.queries.items import FiledVersion, newest_filed
from app.authoring.queries.pictures import pictures_by_hash
from app.authoring.rules import Confidentiality
from app.authoring.service.exports import ExportFormat
from app.operation import Operation
from question_bank.formats import Problem, Written
from question_bank.formats.bank_json import pictures_of
from question_bank.formats.writers.outlay import Fate
from question_bank.formats.writers.outlook import foresee

Known = tuple[Fate, str]
Key = tuple[str, FiledVersion]
_AT_ONCE = 1_000
_WHOLE: Known = (Fate(), "")


class Outlooks:
    """What is known of versions, as they are filed, in a format."""

    most = 500_000

    def __init__(self) -> None:
        self.known: dict[Key, Known] = {}

    def remember(self, key: Key, known: Known) -> None:
        """Keep it; what was kept is forgotten where it becomes too much."""
        if len(self.known) >= self.most:
            self.known.clear()
        self.known[key] = known


def would_lose(op: Operation, *, bank_id: int, file_format: ExportFormat) -> Written:
    """What an export in that format would hold and not hold; `data` is empty. Raises NotFound."""
    find_bank(op.db, op.actor, bank_id)
    every = newest_filed(op.db, bank_id)
    filed = [one for one, confidentiality in every if confidentiality is not Confidentiality.SECRET]
    items, lost = len(filed), list[Problem]()
    if file_format is not ExportFormat.JSON:
        fates = _fates(op, filed, file_format.value)
        items -= sum(fate.refused is not None for fate, _ in fates)
        told = (fate.told(number, title) for number, (fate, title) in enumerate(fates, start=1))
        lost = [one for one in told if one is not None]
    if secret := len(every) - len(filed):
        withheld = f"{secret} 道秘密试题不导出。", f"{secret} secret items stay in the bank."
        lost.insert(0, Problem("item.secret", *withheld))
    return Written(b"", items, tuple(lost))


def _fates(op: Operation, filed: Sequence[FiledVersion], file_format: str) -> list[Known]:
    outlooks = op.house.tool(Outlooks)
    found = {one.version_id: known for one in filed if (known := outlooks.known.get((file_format, one))) is not None}
    new = [one for one in filed if one.version_id not in found]
    for start in range(0, len(new), _AT_ONCE):
        chunk = {one.version_id: one for one in new[start : start + _AT_ONCE]}
        contents = {
            version.item_version_id: file_under(
                read_content(version.content), chunk[version.item_version_id].topic, chunk[version.item_version_id].tags
            )
            for version in versions_by_id(op.db, chunk)
        }
        shown = {version_id: pictures_of(item) for version_id, item in contents.items()}
        pictures = pictures_by_hash(op.db, {sha256 for every in shown.values() for sha256 in every})
        for version_id, item in contents.items():
            fate, title = foresee(item, file_format, pictures)
            known = (fate, title) if fate != Fate() else _WHOLE
            found[version_id] = known
            if pictures.keys() >= set(shown[version_id]):  # one that is missing may come
                outlooks.remember((file_format, chunk[version_id]), known)
    return [found[one.version_id] for one in filed]
