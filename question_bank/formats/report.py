"""What came of reading a file: the items as they will look, what is doubtful, what was refused, what was lost.

Nothing here is written to a bank. A person looks at the report and decides.
"""

from collections import Counter
from dataclasses import dataclass, field

from question_bank.content import Picture
from question_bank.items import Item, ItemType


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file. Rows, paragraphs and lines count from 1, as Excel, Word and editors show them; `entry` is the
    name of a file within a package."""

    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    paragraph: int | None = None
    line: int | None = None
    entry: str | None = None

    @property
    def zh(self) -> str:
        """For the page, such as 工作表「单选题」第 4 行; empty when the place is the file as a whole."""
        words = "" if self.sheet is None else f"工作表「{self.sheet}」"
        if self.entry is not None:
            words += f"包内文件 {self.entry} "
        if self.row is not None:
            words += f"第 {self.row} 行"
        if self.column is not None:
            words += f"{self.column} 列"
        if self.paragraph is not None:
            words += f"第 {self.paragraph} 段"
        return words if self.line is None else f"{words}第 {self.line} 行"

    @property
    def en(self) -> str:
        """The same in English, such as: sheet "单选题", row 4."""
        words = [f'sheet "{self.sheet}"' if self.sheet is not None else ""]
        words += [f"file {self.entry}" if self.entry is not None else ""]
        words += [f"row {self.row}" if self.row is not None else ""]
        words += [f"column {self.column}" if self.column is not None else ""]
        words += [f"paragraph {self.paragraph}" if self.paragraph is not None else ""]
        words += [f"line {self.line}" if self.line is not None else ""]
        return ", ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person must know, in both languages. `code` is stable and never translated."""

    code: str
    zh: str
    en: str
    place: Place = field(default=Place())


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One item and where it stood. With any doubt it may not be imported without a person's word."""

    item: Item
    place: Place
    doubts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What `read_bank` found.

    `format` is docx, xlsx, xls, csv, txt, gift, aiken, moodle-xml, qti2.0 to qti3.0 or json, by content; `encoding` is
    that of a text file, else empty. `unsupported` counts, under the names that the file uses, the items of types that
    cannot be held, each of which is refused as well; `pictures` are those that the texts of the items show.
    `refused` names what looked like an item and could not be one; `lost` names what was read past or cannot
    be carried. `topics` are the paths met, in order. `duplicates` are groups of positions in `items`, at least
    two in each, whose type and stem are the same after folding (`question_bank.canonical.stem_fold`);
    `identical` are those groups that white space alone tells apart, if anything does.
    """

    format: str
    encoding: str
    items: tuple[ReadItem, ...]
    refused: tuple[Problem, ...] = ()
    lost: tuple[Problem, ...] = ()
    topics: tuple[tuple[str, ...], ...] = ()
    duplicates: tuple[tuple[int, ...], ...] = ()
    identical: tuple[tuple[int, ...], ...] = ()
    unsupported: tuple[tuple[str, int], ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def counts(self) -> dict[ItemType, int]:
        """How many items of each type were read; types that do not occur are left out."""
        found = Counter(read.item.item_type for read in self.items)
        return {item_type: found[item_type] for item_type in ItemType if found[item_type]}

    @property
    def doubtful(self) -> tuple[ReadItem, ...]:
        """The items that need a person's word, in the order of the file."""
        return tuple(read for read in self.items if read.doubts)
