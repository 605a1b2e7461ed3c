"""One item of ours as an `assessmentItem`: declarations, body, processing, explanation."""

from collections.abc import Callable
from fractions import Fraction
from math import lcm

from lxml import etree

from question_bank.content import escape, plain
from question_bank.formats.moodle.marking_notes import write_marking_notes
from question_bank.formats.qti.composite import PART, part_outcome
from question_bank.formats.qti.item import EXPLANATION, TOOL
from question_bank.formats.writers.outlay import CannotCarry, ItemOut, formula_as_mathml, number_text, picture_name
from question_bank.formats.writers.qti_elements import Maker, mark_blanks
from question_bank.formats.writers.qti_scoring import (
    Mapped,
    Points,
    choice_mapping,
    declare,
    is_correct,
    outcome,
    process_case,
    process_item,
)
from question_bank.formats.writers.typed import check_normalisation
from question_bank.items import Body, ItemType
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.choice import ChoiceBody, letter_of
from question_bank.kinds.fill_blank import FillBlankBody, split_at_blanks
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ShortAnswerBody
from question_bank.scoring import Scoring, ScoringRule

_ONE = Fraction(1)
_FEEDBACK = "FEEDBACK"


class Made:
    """What a body becomes: declarations, blocks of the item's body, where its points come from (None where people say),
    and how they are processed."""

    def __init__(self) -> None:
        self.declarations: list[etree._Element] = []
        self.blocks: list[etree._Element] = []
        self.notes: list[etree._Element] = []
        self.outcomes: list[etree._Element] = []
        self.points: Points | None = None
        self.processing: etree._Element | None = None


def item_element(out: ItemOut, maker: Maker, identifier: str) -> etree._Element:
    """The item as an element of the maker's version. Raises `CannotCarry`."""
    item = out.item
    made = Made()
    if isinstance(item.body, CaseBody):
        _case(out, maker, made, item.body)
    else:
        writing = _Writing(out, maker, made, identifier="RESPONSE", stem=item.stem, scoring=item.scoring)
        writing.write(item.item_type, item.body)
        people = isinstance(item.body, ShortAnswerBody)
        made.outcomes.append(outcome(maker, "SCORE", made.points.full if made.points else _ONE, by_people=people))
        made.processing = process_item(maker, made.points) if made.points else None
    root = maker.element(
        "assessmentItem",
        identifier=identifier,
        title=_title(out),
        adaptive="false",
        timeDependent="false",
        toolName=TOOL,
    )
    root.extend([*made.declarations, *made.outcomes])
    if item.explanation:
        root.append(
            maker.element(
                "outcomeDeclaration",
                maker.element("defaultValue", maker.element("value", EXPLANATION)),
                identifier=_FEEDBACK,
                cardinality="single",
                baseType="identifier",
            )
        )
    root.append(maker.element("itemBody", *made.blocks, *made.notes))
    if made.processing is not None:
        root.append(made.processing)
    if item.explanation:
        root.append(_explanation(out, maker))
    return root


def _title(out: ItemOut) -> str:
    """That of a case is its stem, which stands nowhere else; it has no markup."""
    if not isinstance(out.item.body, CaseBody):
        return out.title
    title = " ".join(plain(out.item.stem).split())
    if escape(title) != out.item.stem:
        out.lose("案例题干中的标记或换行", "markup or line breaks of the stem of a case")
    return title


def _explanation(out: ItemOut, maker: Maker) -> etree._Element:
    blocks = maker.flow(_html(out, out.item.explanation))
    held = [maker.element("contentBody", *blocks)] if maker.is_third else blocks
    return maker.element("modalFeedback", *held, outcomeIdentifier=_FEEDBACK, identifier=EXPLANATION, showHide="show")


def _html(out: ItemOut, text: str) -> str:
    return out.html(text, lambda one: f"../pictures/{picture_name(one)}", formula=formula_as_mathml)


def _case(out: ItemOut, maker: Maker, made: Made, body: CaseBody) -> None:
    """Stimulus, then each part in a division of its own, with an outcome of its own that counts by its share."""
    made.blocks += maker.flow(_html(out, body.stimulus))
    parts: list[tuple[str, Points | None, int]] = []
    for number, part in enumerate(body.parts, start=1):
        own = Made()
        if part.explanation:
            out.lose("小题解析", "explanations of parts")
        writing = _Writing(out, maker, own, identifier=f"RESPONSE_{number}", stem=part.stem, scoring=part.scoring)
        writing.write(part.item_type, part.body)
        made.declarations += own.declarations
        made.blocks.append(maker.element("div", *own.blocks, **{"class": PART}))
        made.blocks += own.notes
        parts.append((part_outcome(number), own.points, part.share))
        people = isinstance(part.body, ShortAnswerBody)
        made.outcomes.append(outcome(maker, part_outcome(number), Fraction(part.share), by_people=people))
    made.outcomes.insert(0, outcome(maker, "SCORE", Fraction(sum(part.share for part in body.parts))))
    made.processing = process_case(maker, parts)


class _Writing:
    """Writes one body under one response variable."""

    def __init__(
        self, out: ItemOut, maker: Maker, made: Made, *, identifier: str, stem: str, scoring: Scoring | None
    ) -> None:
        self.out, self.maker, self.made = out, maker, made
        self.identifier, self.stem, self.scoring = identifier, stem, scoring

    def write(self, item_type: ItemType, body: Body) -> None:
        """Add declarations, blocks and processing of the body."""
        writers: dict[type[Body], Callable[[], None]] = {}
        if isinstance(body, ChoiceBody):
            writers[ChoiceBody] = lambda: self._choice(item_type, body)
        elif isinstance(body, FillBlankBody):
            writers[FillBlankBody] = lambda: self._blanks(body)
        elif isinstance(body, NumericBody):
            writers[NumericBody] = lambda: self._number(body)
        elif isinstance(body, OrderingBody):
            writers[OrderingBody] = lambda: self._ordering(body)
        elif isinstance(body, MatchingBody):
            writers[MatchingBody] = lambda: self._matching(body)
        elif isinstance(body, ShortAnswerBody):
            writers[ShortAnswerBody] = lambda: self._short(body)
        write = writers.get(type(body))
        if write is None:
            raise CannotCarry("QTI 没有这种题型", "QTI has no such type")
        write()

    def _stem(self) -> None:
        self.made.blocks += self.maker.flow(_html(self.out, self.stem))

    def _interaction(self, name: str, *children: etree._Element, **attributes: str) -> etree._Element:
        return self.maker.element(name, *children, responseIdentifier=self.identifier, **attributes)

    def _shown(self, name: str, identifier: str, text: str, **attributes: str) -> etree._Element:
        element = self.maker.element(name, identifier=identifier, **attributes)
        return self.maker.inline(_html(self.out, text), element)

    def _declare(
        self, cardinality: str, base_type: str, values: list[str], mapping: etree._Element | None = None
    ) -> None:
        self.made.declarations.append(
            declare(self.maker, self.identifier, cardinality, base_type, values=values, mapping=mapping)
        )

    def _by_mapping(self, mapped: Mapped | None, cardinality: str, base_type: str, values: list[str]) -> None:
        """Declaration and points, by a mapping where there is one, else by what is right."""
        full = _ONE if mapped is None else Fraction(mapped.scale)
        mapping = None if mapped is None else mapped.element(self.maker, upper=full)
        self._declare(cardinality, base_type, values, mapping)
        if not values:
            return
        if mapped is None:
            self.made.points = self._by_correct()
        else:
            self.made.points = Points(full, mapped=(self.identifier,), template="map_response")

    def _by_correct(self) -> Points:
        return Points(tests=(is_correct(self.maker, self.identifier),), template="match_correct")

    def _choice(self, item_type: ItemType, body: ChoiceBody) -> None:
        several = item_type is ItemType.MULTIPLE_CHOICE
        names = [letter_of(place) if place < 26 else f"O{place}" for place in range(len(body.options))]
        mapped = choice_mapping(self.out, body, self.scoring, names)
        values = [names[place] for place in sorted(body.key)]
        self._by_mapping(mapped, "multiple" if several else "single", "identifier", values)
        all_pinned = all(option.pinned for option in body.options) or item_type is ItemType.TRUE_FALSE
        options = [
            self._shown("simpleChoice", name, option.text, **({"fixed": "true"} if option.pinned else {}))
            for name, option in zip(names, body.options, strict=True)
        ]
        self._stem()
        self.made.blocks.append(
            self._interaction(
                "choiceInteraction",
                *options,
                shuffle="false" if all_pinned else "true",
                maxChoices="0" if several else "1",
            )
        )

    def _blanks(self, body: FillBlankBody) -> None:
        check_normalisation(self.out, body)
        if body.normalisation.wildcards:
            raise CannotCarry("答案含通配符的填空题", "accepted texts with wildcards")
        names = [self.identifier if n == 0 else f"{self.identifier}_B{n + 1}" for n in range(len(body.blanks))]
        whole = self.scoring is not None and self.scoring.rule is ScoringRule.ALL_OR_NOTHING
        sensitive = not body.normalisation.case
        scale = lcm(*(variant.worth.denominator for blank in body.blanks for variant in blank.accepted))
        fulls = [Fraction(blank.share * scale) for blank in body.blanks]
        for name, blank, full in zip(names, body.blanks, fulls, strict=True):
            mapped = Mapped([(variant.text, variant.worth * full) for variant in blank.accepted])
            mapping = mapped.element(self.maker, upper=full, case_sensitive=sensitive)
            best = [variant.text for variant in blank.accepted if variant.worth == 1][:1]
            self.made.declarations.append(declare(self.maker, name, "single", "string", values=best, mapping=mapping))
        if whole:
            tests = tuple(self._is_full(name, full) for name, full in zip(names, fulls, strict=True))
            self.made.points = Points(tests=tests)
        else:
            full = sum(fulls, Fraction(0))
            self.made.points = Points(full, mapped=(*names,), template="map_response" if len(names) == 1 else "")
        self._entries(names)

    def _is_full(self, name: str, full: Fraction) -> etree._Element:
        return self.maker.element(
            "gte",
            self.maker.element("mapResponse", identifier=name),
            self.maker.element("baseValue", number_text(full), baseType="float"),
        )

    def _entries(self, names: list[str]) -> None:
        """The stem with an entry at each blank; one at its end where it shows none."""
        waiting = iter(names)
        pieces = split_at_blanks(_html(self.out, self.stem))
        if len(pieces) == 1 and len(names) == 1:
            self._stem()
            self.made.blocks.append(self.maker.element("p", self._entry(names[0])))
            return
        if len(pieces) != len(names) + 1:
            raise CannotCarry("题干的空与答案数目不符", "blanks of the stem that do not fit the key")
        self.made.blocks += self.maker.flow(mark_blanks(pieces), blank=lambda: self._entry(next(waiting)))

    def _entry(self, name: str) -> etree._Element:
        return self.maker.element("textEntryInteraction", responseIdentifier=name, expectedLength="20")

    def _number(self, body: NumericBody) -> None:
        if body.unit or body.units:
            self.out.lose("单位", "units")
        self._declare("single", "float", [f"{body.value:f}"])
        mode = {"toleranceMode": "exact"}
        if body.tolerance_kind is ToleranceKind.GEOMETRIC:
            self.out.lose("几何误差", "a geometric tolerance")
        elif body.tolerance:
            relative = body.tolerance_kind is ToleranceKind.RELATIVE
            allowed = f"{body.tolerance * (100 if relative else 1):f}"
            mode = {"toleranceMode": body.tolerance_kind.value, "tolerance": f"{allowed} {allowed}"}
        equal = self.maker.element(
            "equal",
            self.maker.element("correct", identifier=self.identifier),
            self.maker.element("variable", identifier=self.identifier),
            **mode,
        )
        self.made.points = Points(tests=(equal,))
        self._entries([self.identifier])

    def _ordering(self, body: OrderingBody) -> None:
        if self.scoring is not None and self.scoring.rule is not ScoringRule.ALL_OR_NOTHING:
            self.out.lose("评分规则（仅以关键词保存）", "the scoring rule (kept as a keyword only)")
        names = [f"E{place}" for place in range(1, len(body.elements) + 1)]
        self._declare("ordered", "identifier", names)
        self.made.points = self._by_correct()
        self._stem()
        shown = [self._shown("simpleChoice", n, text) for n, text in zip(names, body.elements, strict=True)]
        self.made.blocks.append(self._interaction("orderInteraction", *sorted(shown, key=_apart), shuffle="true"))

    def _matching(self, body: MatchingBody) -> None:
        premises = [f"P{place}" for place in range(1, len(body.premises) + 1)]
        choices = [f"C{place}" for place in range(1, len(body.choices) + 1)]
        values = [f"{premise} {choices[place]}" for premise, place in zip(premises, body.pairs, strict=True)]
        rule = None if self.scoring is None else self.scoring.rule
        mapped = None
        if rule in (ScoringRule.PER_PAIR, ScoringRule.NET_PAIRS):
            default = -_ONE if rule is ScoringRule.NET_PAIRS else Fraction(0)
            mapped = Mapped([(value, _ONE) for value in values], default=default)
            mapped.scale = len(values)
        self._by_mapping(mapped, "multiple", "directedPair", values)
        self._stem()
        sides = [
            self.maker.element(
                "simpleMatchSet",
                *(
                    self._shown("simpleAssociableChoice", n, t, matchMax=most)
                    for n, t in zip(names, texts, strict=True)
                ),
            )
            for names, texts, most in (
                (premises, body.premises, "1"),
                (choices, body.choices, str(len(premises))),
            )
        ]
        self.made.blocks.append(
            self._interaction("matchInteraction", *sides, shuffle="true", maxAssociations=str(len(premises)))
        )

    def _short(self, body: ShortAnswerBody) -> None:
        self._declare("single", "string", [])
        self._stem()
        self.made.blocks.append(self._interaction("extendedTextInteraction"))
        if body.models or body.rubric:
            notes = self.maker.flow(_html(self.out, write_marking_notes(body.models, body.rubric)))
            held = [self.maker.element("contentBody", *notes)] if self.maker.is_third else notes
            use = {"use": "scoring"} if self.maker.is_third else {}
            self.made.notes.append(self.maker.element("rubricBlock", *held, view="scorer", **use))


def _apart(element: etree._Element) -> str:
    """An order of elements that does not tell the right one: by what they say."""
    return "".join(str(piece) for piece in element.itertext())
