"""What a reader notes beside one item: features that are lost, and what a person must look at."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from question_bank.formats.report import Place, Problem
from question_bank.wording import Wording

_LONGEST_TITLE = 30
# How the sentences begin that tell of contents without which an item may make no sense.
_ESSENTIAL = ("图片", "音视频", "公式")


@dataclass(kw_only=True)
class Notes:
    """Notes on the item at a place of a file."""

    place: Place
    lost: list[Wording] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)

    def lose(self, zh: str, en: str) -> None:
        """Note a feature that no item of ours can hold; once is enough."""
        feature = Wording(zh.rstrip("。"), en.rstrip("."))
        if feature not in self.lost:
            self.lost.append(feature)

    def lose_all(self, features: Iterable[tuple[str, str]]) -> None:
        """Note several."""
        for zh, en in features:
            self.lose(zh, en)

    def lose_content(self, features: Iterable[tuple[str, str]]) -> None:
        """Note what a text could not keep; without a picture, a sound or a formula a person must look at the item."""
        for zh, en in features:
            self.lose(zh, en)
            if zh.startswith(_ESSENTIAL):
                self.doubt("content.lost", zh, en)

    def doubt(self, code: str, zh: str, en: str) -> None:
        """Note what a person must look at."""
        self.doubts.append(Problem(code, zh, en, self.place))

    def lost_as_problem(self, title: str) -> Problem:
        """One sentence for all that the item of this title cannot keep."""
        shown = " ".join(title.split())[:_LONGEST_TITLE]
        zh, en = "、".join(one.zh for one in self.lost), ", ".join(one.en for one in self.lost)
        return Problem("item.features_lost", f"“{shown}”未能保留：{zh}。", f"Not kept of {shown}: {en}.", self.place)


@dataclass
class Refusals:
    """What of a file was refused, and the types that cannot be held with their counts."""

    refused: list[Problem] = field(default_factory=list)
    unsupported: dict[str, int] = field(default_factory=dict)

    def refuse_type(self, name: str, place: Place) -> None:
        """Count and name an item of a type that cannot be held."""
        name = name[:60]
        self.unsupported[name] = self.unsupported.get(name, 0) + 1
        self.refuse(
            "item.unsupported_type",
            f"暂不支持的题型“{name}”，未读入。",
            f"Items of the type {name} cannot be held; not read.",
            place,
        )

    def refuse(self, code: str, zh: str, en: str, place: Place) -> None:
        """Name what looked like an item and could not be one."""
        self.refused.append(Problem(code, zh, en, place))
