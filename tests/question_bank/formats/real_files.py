"""The real files, one by one: `python -m tests.question_bank.formats.real_files` prints what was expected and found.

What is expected stands in the tests beside this module, which hold each file to it; the report runs the same checks.
Ends with 1 where a file differs, is not known, or is not there.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from question_bank.errors import UnreadableFile
from question_bank.formats import ImportReport, read_bank
from tests.question_bank.formats import test_real_exchange as exchange
from tests.question_bank.formats import test_real_files as banks

# Files that are no banks: what holds them, by where they lie.
HELD_ELSEWHERE = {
    "README.md": "the table itself",
    "expected.json": "the table of exchange files",
    "txt/EXPECTED.tsv": "the table of some texts",
    "facts.tsv": "a start for question_bank/starter/facts.tsv",
    "gift/fuhrmanator/tests/questions/*.json": "what another reader makes of the file of this name",
    "grading/moodle_grading_vectors.json": "tests/question_bank/test_moodle_vectors.py",
    "grading/qti_scoring_vectors.json": "test_response_processing_agrees_with_another_engine",
    "ata/eatATA/items_mini.csv": "tests/question_bank/assembly/test_optimal.py",
    "ata/eatATA/items_*.csv": "pools of items without texts; no bank",
    "psychometrics/moodle-quiz-statistics/**/*.csv": "tests/question_bank/statistics/test_published_figures.py",
    "psychometrics/*": "tests/question_bank/statistics/test_published_figures.py",
}


@dataclass(frozen=True)
class Entry:
    """One file: what is expected of it in words, and the check that holds it; None for what is no bank."""

    path: str
    expected: str
    check: Callable[[], object] | None = None


def entries(folder: Path) -> Iterator[Entry]:
    """Every file that is known, in the order of their folders; a path may stand in two of them."""
    for path, wanted in banks.FILES.items():
        words = f"{_by_type(wanted.counts)}, flagged {wanted.flagged}, refused {wanted.refused}"
        yield Entry(path, words, lambda path=path: _check_bank(path))
    for kind in ("gift", "moodle-xml"):
        for name, counts in exchange.expected()[kind].items():
            words = ", ".join(f"{count} {what}" for what, count in counts.items() if not what.startswith("_"))
            check = exchange.test_every_item_is_read_or_counted_under_its_name
            yield Entry(f"{kind}/{name}", words or "no item", lambda kind=kind, name=name, run=check: run(kind, name))
    for name, (counts, unsupported) in exchange.QTI.items():
        words = ", ".join(f"{count} {what}" for what, count in counts.items()) + f", refused {unsupported}"
        yield Entry(f"qti/packages/{name}", words, lambda name=name: exchange.test_qti_packages(name))
    for name, code, items, refused in exchange.BROKEN:
        words = code or f"{items} items, refused {refused}"
        case = (name, code, items, refused)
        yield Entry(f"qti/broken/{name}", words, lambda case=case: exchange.test_broken_packages(*case))
    for path in sorted(folder.glob("aiken/**/*.txt")):
        yield Entry(_name(folder, path), "items and messages by line", exchange.test_aiken_errors_are_named_by_line)
    scored = {vector["item"]: vector for vector in exchange.vectors()}
    for item, vector in scored.items():
        check = exchange.test_response_processing_agrees_with_another_engine
        yield Entry(item, f"SCORE {vector['expected_SCORE']}", lambda vector=vector, run=check: run(vector))
    for path in (*sorted(folder.glob("qti/scoring/**/*.xml")), *sorted(folder.glob("ata/**/*.xlsx"))):
        if _name(folder, path) not in scored:
            yield Entry(_name(folder, path), "read, or refused by name", lambda path=path: _read(path))
    named = set()
    for pattern, holder in HELD_ELSEWHERE.items():
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and path not in named:
                named.add(path)
                yield Entry(_name(folder, path), holder)


def unknown(folder: Path) -> list[str]:
    """Files of the folder that no entry names."""
    there = {_name(folder, path) for path in folder.rglob("*") if path.is_file()}
    return sorted(there - {entry.path for entry in entries(folder)})


def differs(entry: Entry) -> str:
    """Why a file is not as expected; empty where it is."""
    try:
        if entry.check is not None:
            entry.check()
    except AssertionError as difference:
        return str(difference).split("\n", 1)[0] or "differs"
    except OSError:
        return "not there"
    return ""


def found(folder: Path, entry: Entry) -> str:
    """What the importer makes of it, in words."""
    if entry.check is None:
        return "–"
    try:
        report = _read(folder / entry.path)
    except OSError:
        return "not there"
    if isinstance(report, str):
        return f"refused: {report}"
    counts = ", ".join(f"{count} {item_type}" for item_type, count in report.counts.items())
    return f"{counts or 'no item'}; flagged {len(report.doubtful)}, refused {len(report.refused)}"


def _check_bank(path: str) -> None:
    wanted, report = banks.FILES[path], banks.read(path)
    seen = (banks.counts(report), len(report.doubtful), len(report.topics), report.encoding, len(report.refused))
    assert seen == (wanted.counts, wanted.flagged, wanted.topics, wanted.encoding, wanted.refused), f"read {seen}"


def _read(path: Path) -> ImportReport | str:
    try:
        return read_bank(path.name, path.read_bytes())
    except UnreadableFile as refusal:
        return refusal.code


def _by_type(counts: tuple[int, ...]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in zip(banks.TYPES, counts, strict=True) if count)


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def main() -> int:
    """The report; 1 where anything is not as expected."""
    if not os.environ.get("CHIZHENG_REAL_DATA"):
        print("CHIZHENG_REAL_DATA names no folder with real files")
        return 2
    folder = Path(os.environ["CHIZHENG_REAL_DATA"])
    wrong = 0
    for entry in entries(folder):
        difference = differs(entry)
        wrong += bool(difference)
        print(f"{'≠' if difference else '='} {entry.path}\n    expected: {entry.expected}")
        print(f"    found:    {found(folder, entry)}{f'  [{difference}]' if difference else ''}")
    for path in unknown(folder):
        wrong += 1
        print(f"? {path}\n    nobody says what is expected of it")
    print(f"{wrong} not as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
