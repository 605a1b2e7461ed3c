"""What every writer gives back: bytes, and what the target could not carry, item by item."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape

from question_bank.content import Picture, from_html, plain, render
from question_bank.content.dialect import Formula, inlines_of, parse
from question_bank.formats.notes import Notes
from question_bank.formats.report import Place, Problem
from question_bank.items import Item
from question_bank.kinds import problems_of
from question_bank.wording import Wording

FormulaWriter = Callable[[Formula, str], str]
"""From a formula and the HTML that pages of ours show for it to the HTML of a target."""

_MADE_FORMULA = re.compile(r'<math.*?</math>|<code class="unread">.*?</code>', re.DOTALL)
_MATHML = re.compile(r"(<math[^>]*>)(.*)</math>", re.DOTALL)

Pictures = Mapping[str, Picture]
"""The pictures that the items show, by hash."""


@dataclass(frozen=True)
class Written:
    """A file as bytes. `lost` names, item by item, what it does not carry; `items` is how many it holds."""

    data: bytes
    items: int
    lost: tuple[Problem, ...] = ()


@dataclass(kw_only=True)
class ItemOut(Notes):
    """One item on its way out. `number` counts from 1 in the order given."""

    item: Item
    number: int
    pictures: Pictures
    used: dict[str, Picture] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The stem without markup, on one line and cut where it is long."""
        words = " ".join(plain(self.item.stem).split())
        return words if len(words) <= 60 else words[:59] + "…"

    def html(self, text: str, address: Callable[[Picture], str], *, formula: FormulaWriter) -> str:
        """The text as inert HTML, its formulas as `formula` writes them. What would not come back is noted as lost."""

        def picture(sha256: str) -> str | None:
            known = self.pictures.get(sha256)
            if known is None:
                self.lose("图片（文件未提供）", "a picture that was not given")
                return None
            self.used[sha256] = known
            return address(known)

        formulas = iter([part for part in inlines_of(parse(text)) if isinstance(part, Formula)])
        made = _MADE_FORMULA.sub(lambda found: formula(next(formulas), found[0]), render(text, picture=picture))
        if from_html(made, picture=_hash_in).text != text:
            self.lose("部分空格或标记", "some spaces or markup")
        return made


def formula_as_tex(formula: Formula, _: str) -> str:
    r"""The formula between `\\( \\)` or `\\[ \\]`, as pages with MathJax take it."""
    latex = escape(formula.latex, quote=False)
    return rf"\[{latex}\]" if formula.display else rf"\({latex}\)"


def formula_as_mathml(formula: Formula, made: str) -> str:
    """The MathML with its LaTeX beside it; a formula that cannot be read stays the code that it is."""
    found = _MATHML.fullmatch(made)
    if found is None:
        return made
    latex = escape(formula.latex, quote=False)
    note = f'<annotation encoding="application/x-tex">{latex}</annotation>'
    return f"{found[1]}<semantics><mrow>{found[2]}</mrow>{note}</semantics></math>"


def _hash_in(source: str) -> str | None:
    name = source.rsplit("/", 1)[-1].split(".", 1)[0]
    return name if len(name) == 64 else None


def picture_name(picture: Picture) -> str:
    """The file name of a picture: its hash and the ending of its type."""
    return f"{picture.sha256}.{picture.media_type.rsplit('/', 1)[-1].replace('jpeg', 'jpg')}"


class CannotCarry(Exception):
    """The target has no place for an item of this type."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Fate:
    """What becomes of an item in a format: why it is not written at all, or what it is written without."""

    refused: Wording | None = None
    lost: tuple[Wording, ...] = ()

    def told(self, number: int, title: str) -> Problem | None:
        """The sentence for the item at that number, where there is anything to tell."""
        if self.refused is not None:
            return Problem(
                "item.not_written",
                f"第 {number} 题“{title[:30]}”未写入：{self.refused.zh}。",
                f"Item {number} ({title[:30]}) was not written: {self.refused.en}.",
            )
        if not self.lost:
            return None
        zh, en = "、".join(one.zh for one in self.lost), ", ".join(one.en for one in self.lost)
        return Problem(
            "item.features_lost",
            f"第 {number} 题“{title[:30]}”未能写入：{zh}。",
            f"Item {number} ({title[:30]}) without: {en}.",
        )


def fate_of(out: ItemOut, write: Callable[[ItemOut], object]) -> Fate:
    """What becomes of an item that `write` writes. One that nobody could answer (see `problems_of`) is not written:
    another system would take it for one."""
    try:
        _refuse_unanswerable(out.item)
        write(out)
    except CannotCarry as reason:
        return Fate(Wording(reason.zh, reason.en))
    return Fate(lost=tuple(out.lost))


def write_each(
    items: Sequence[Item], pictures: Pictures, write: Callable[[ItemOut], object]
) -> tuple[list[ItemOut], list[Problem]]:
    """(items that were written, what was lost): `write` is called for each valid item in order."""
    written: list[ItemOut] = []
    lost: list[Problem] = []
    for number, item in enumerate(items, start=1):
        out = ItemOut(place=Place(row=None), item=item, number=number, pictures=pictures)
        fate = fate_of(out, write)
        if fate.refused is None:
            written.append(out)
        told = fate.told(number, out.title)
        if told is not None:
            lost.append(told)
    return written, lost


def _refuse_unanswerable(item: Item) -> None:
    for problem in problems_of(item):
        raise CannotCarry(problem.zh.rstrip("。"), problem.en.rstrip("."))


def number_text(number: Fraction) -> str:
    """A fraction in plain digits, rounded to seven decimals where it has no end."""
    scaled = round(number * 10**7)
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):08d}"
    return f"{sign}{digits[:-7]}.{digits[-7:]}".rstrip("0").rstrip(".")
