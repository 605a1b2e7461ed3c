"""One QTI item being read: its declarations, its score, its texts, and the notes on it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from question_bank.content import from_html
from question_bank.formats.markup import Shelf
from question_bank.formats.notes import Notes
from question_bank.formats.qti.declarations import Declaration, Declarations, read_declarations
from question_bank.formats.qti.expressions import NotInterpreted
from question_bank.formats.qti.hypertext import HypertextWriter
from question_bank.formats.qti.names import attribute
from question_bank.formats.qti.processing import Response, processing_of, score_item
from question_bank.formats.qti.rules import find_rule
from question_bank.items import Body, ItemType
from question_bank.scoring import Scoring

Load = Callable[[str], bytes | None]
"""From a path, as an item gives it, to the bytes of that file; None where there is none."""


@dataclass(kw_only=True)
class QtiItem(Notes):
    """An item under way. `shelf` takes its pictures, `load` finds the files that it names."""

    element: etree._Element
    shelf: Shelf
    load: Load
    is_composite: bool = False
    """Whether it is several bodies in one: then points are those of a part, and no part is processed by itself."""
    declarations: Declarations = field(init=False)
    processing: etree._Element | None = field(init=False)

    def __post_init__(self) -> None:
        self.declarations = read_declarations(self.element)
        self.processing = processing_of(self.element)

    @property
    def title(self) -> str:
        """Its title, else its identifier."""
        return attribute(self.element, "title") or attribute(self.element, "identifier")

    def declaration(self, interaction: etree._Element) -> Declaration:
        """What is declared for the response of an interaction; nothing is right where nothing is declared."""
        identifier = attribute(interaction, "responseIdentifier")
        found = self.declarations.responses.get(identifier)
        return found if found is not None else Declaration(identifier, "single", "")

    def text(
        self,
        element: etree._Element,
        blank: Callable[[etree._Element], str] = lambda _: "",
        *,
        with_prompts: bool = True,
    ) -> str:
        """What stands inside an element, as an item text."""
        html = HypertextWriter(self, blank, with_prompts=with_prompts).write(element)
        converted = from_html(html, picture=self._picture)
        self.lose_content(converted.lost)
        return converted.text.strip()

    def _picture(self, source: str) -> str | None:
        data = self.load(source)
        return self.shelf.keep(data) if data else None

    def score(self, response: Response) -> Fraction:
        """SCORE of a response by the item's own processing. Raises `NotInterpreted`."""
        return score_item(self.declarations, self.processing, response)

    def full_score(self, keys: Response) -> Fraction | None:
        """SCORE of the right response, None where it cannot be told or is nothing."""
        try:
            full = self.score(keys)
        except NotInterpreted:
            return None
        return full if full > 0 else None

    def lose_processing(self, name: str = "") -> None:
        """Note that its processing is not kept, for an expression of that name that is not interpreted."""
        whose_zh, whose_en = ("各小题的", " of the parts") if self.is_composite else ("", "")
        why = f"（{name}）" if name else ""
        self.lose(f"{whose_zh}评分处理{why}", f"response processing{whose_en}{f' ({name})' if name else ''}")

    def note_points(self, full: Fraction) -> None:
        """Note points that only a blueprint may give; those of a part are its share."""
        if full != 1 and not self.is_composite:
            self.lose("分值", "points")

    def rule(
        self,
        item_type: ItemType,
        body: Body,
        candidates: Iterable[Scoring],
        responses: Sequence[tuple[Response, object]],
        right: Response,
    ) -> Scoring | None:
        """The named rule that its processing is; where it is none of them that is noted as lost."""
        if self.processing is None:
            return None
        try:
            full = self.score(right)
            found = find_rule(item_type, body, candidates, responses=responses, score=self.score, full=full)
        except NotInterpreted as unknown:
            self.lose_processing(unknown.name)
            return None
        if found is None:
            self.lose_processing()
        else:
            self.note_points(full)
        return found
