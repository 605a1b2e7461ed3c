"""Items from a file, under keys that tell their place in it."""

from pathlib import Path

from question_bank.errors import UnreadableFile
from question_bank.formats import ImportReport, read_bank
from question_bank.items import Item


def load_bank(path: Path) -> tuple[ImportReport, dict[str, Item]]:
    """(report, items by key). Keys are "000001", "000002", … in the order of the file.

    Raises `UnreadableFile` for a file that cannot be read, and where not one item could be.
    """
    report = read_bank(path.name, path.read_bytes())
    if not report.items:
        raise UnreadableFile(
            "file.no_items", zh=f"“{path.name}”：没有可用的试题。", en=f"{path.name}: it holds no usable item."
        )
    return report, {f"{number:06d}": read.item for number, read in enumerate(report.items, start=1)}
