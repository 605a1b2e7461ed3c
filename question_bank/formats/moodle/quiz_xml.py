"""Moodle XML: a `quiz` of elements, each of a type; categories in between."""

import base64
import binascii
import re
from collections.abc import Callable
from fractions import Fraction

from lxml import etree

from question_bank.content import escape
from question_bank.formats.markup import Shelf, from_markup
from question_bank.formats.moodle.cloze import ClozePart, has_unread_part, split_cloze
from question_bank.formats.moodle.grades import read_percentage
from question_bank.formats.moodle.records import Harvest, MoodleRecord, Offer, RecordKind, topic_of
from question_bank.formats.report import Place
from question_bank.formats.secure_xml import line_of, local_name, text_of
from question_bank.formats.typed_numbers import exact_decimal, read_number
from question_bank.scoring import Scoring, ScoringRule

MISSING_WORD = "_____"

_GAP = re.compile(r"\[\[(\d{1,3})\]\]")
_TRUE = frozenset(["1", "true"])
# Texts of its own language pack, which Moodle writes into every item.
_STOCK = frozenset(
    [
        "Your answer is correct.",
        "Your answer is partially correct.",
        "Your answer is incorrect.",
        "回答正确",
        "回答错误",
    ]
)
_ORDERING_RULES = {
    "-1": Scoring(ScoringRule.ALL_OR_NOTHING),
    "ALL_OR_NOTHING": Scoring(ScoringRule.ALL_OR_NOTHING),
    "0": Scoring(ScoringRule.POSITION_MATCHES),
    "ABSOLUTE_POSITION": Scoring(ScoringRule.POSITION_MATCHES),
    "1": Scoring(ScoringRule.ADJACENT_PAIRS),
    "RELATIVE_NEXT_EXCLUDE_LAST": Scoring(ScoringRule.ADJACENT_PAIRS),
}
_READ = frozenset(
    [
        "name",
        "questiontext",
        "generalfeedback",
        "answer",
        "subquestion",
        "single",
        "shuffleanswers",
        "usecase",
        "selectoption",
        "dragbox",
        "tags",
        "graderinfo",
        "units",
        "answers",
        "shuffledanswers",
    ]
)
# How a page of Moodle lays things out, or what is read with something else.
_LAYOUT = frozenset(
    [
        "showstandardinstruction",
        "shownumcorrect",
        "responseformat",
        "responserequired",
        "responsefieldlines",
        "maxbytes",
        "unitgradingtype",
        "unitpenalty",
        "showunits",
        "unitsleft",
        "layouttype",
        "selecttype",
        "selectcount",
        "gradingtype",
        "showgrading",
        "numberingstyle",
        "image",
        "image_base64",
        "length",
        "stamp",
    ]
)
_FEATURES: dict[str, tuple[str, str, frozenset[str]]] = {
    "idnumber": ("编号", "id number", frozenset()),
    "penalty": ("多次作答扣分", "penalty", frozenset({"0"})),
    "hidden": ("隐藏状态", "hidden", frozenset({"0"})),
    "answernumbering": ("选项编号样式", "answer numbering", frozenset({"abc", "ABCD"})),
    "defaultgrade": ("默认分值", "default grade", frozenset({"1"})),
    "hint": ("提示", "hint", frozenset()),
    "correctfeedback": ("答对时的反馈", "feedback for a right response", _STOCK),
    "partiallycorrectfeedback": ("部分答对时的反馈", "feedback for a partly right response", _STOCK),
    "incorrectfeedback": ("答错时的反馈", "feedback for a wrong response", _STOCK),
    "responsetemplate": ("作答模板", "response template", frozenset()),
    "attachments": ("附件", "attachments", frozenset({"0"})),
    "attachmentsrequired": ("附件", "attachments", frozenset({"0"})),
    "filetypeslist": ("附件类型", "file types", frozenset()),
    "minwordlimit": ("最少字数", "minimum words", frozenset()),
    "maxwordlimit": ("最多字数", "maximum words", frozenset()),
}


def read_moodle_records(root: etree._Element, shelf: Shelf) -> Harvest:
    """Every item below a `quiz` (or the one that the root is) as a record; pictures go to the shelf."""
    harvest = Harvest()
    topic: tuple[str, ...] = ()
    for element in [root] if local_name(root) == "question" else root.iterchildren():
        place = Place(line=line_of(element))
        type_name = (element.get("type") or "").strip()
        if local_name(element) != "question" or not type_name:
            name = local_name(element)[:40]
            harvest.refuse("moodle.element", f"看不懂的元素 {name}。", f"Unknown element {name}.", place)
        elif type_name == "category":
            topic = topic_of(text_of(element.find("category/text")))
        elif (read := _READERS.get(type_name)) is None:
            harvest.refuse_type(type_name, place)
        else:
            harvest.records.append(_Reading(element, place, topic, shelf).run(*read))
    return harvest


class _Reading:
    """One element being read into its record."""

    def __init__(self, element: etree._Element, place: Place, topic: tuple[str, ...], shelf: Shelf) -> None:
        self.element = element
        self.shelf = shelf
        self.record = MoodleRecord(kind=RecordKind.ESSAY, place=place, topic=topic)

    def run(self, kind: RecordKind, fill: Callable[["_Reading"], None]) -> MoodleRecord:
        """The record of the element."""
        record = self.record
        record.kind = kind
        record.name = text_of(self.element.find("name/text"))
        record.stem = self.content(self.element.find("questiontext"))
        record.explanation = self.content(self.element.find("generalfeedback"))
        record.tags = tuple(
            dict.fromkeys(text_of(tag) for tag in self.element.findall("tags/tag/text") if text_of(tag))
        )
        self._name_features()
        fill(self)
        return record

    def _name_features(self) -> None:
        for child in self.element:
            name = local_name(child)
            if name in _READ or name in _LAYOUT:
                continue
            zh, en, trivial = _FEATURES.get(name, (name[:40], name[:40], frozenset()))
            value = re.sub(r"<[^>]*>", "", text_of(child)).strip()
            number = _fraction(value)
            if value and value not in trivial and (number is None or str(number) not in trivial):
                self.record.lose(zh, en)

    def content(self, holder: etree._Element | None, text: str | None = None) -> str:
        """The text of a holder with `text` and `file` children, as an item text."""
        if holder is None:
            return ""
        inner = holder.find("text")
        raw = text_of(inner) if text is None else text
        if inner is None and text is None:
            raw = text_of(holder)
        passage = from_markup(raw, _format_of(holder), shelf=self.shelf, files=_files_of(holder))
        self.record.lose_content(passage.lost)
        return passage.text

    def offers(self) -> list[Offer]:
        """The `answer` children with their parts of the mark."""
        return [self._offer(answer) for answer in self.element.findall("answer")]

    def _offer(self, answer: etree._Element) -> Offer:
        written = (answer.get("fraction") or "0").strip()
        worth = read_percentage(written)
        if worth is None and self.record.kind is not RecordKind.ORDERING:
            self.record.doubt(
                "grade.unreadable", f"得分比例 {written[:20]} 看不懂。", f"The fraction {written[:20]} is no fraction."
            )
        remark = self.content(answer.find("feedback"))
        typed = self.record.kind in (RecordKind.TYPED, RecordKind.NUMERICAL, RecordKind.TRUE_FALSE)
        text = text_of(answer.find("text")) if typed else self.content(answer)
        return Offer(text, worth or Fraction(0), remark, read_number(text_of(answer.find("tolerance"))))

    def flag(self, name: str) -> bool:
        """Whether a child says true."""
        return text_of(self.element.find(name)).lower() in _TRUE


def _choice(reading: _Reading) -> None:
    record = reading.record
    record.single = reading.flag("single")
    record.offers = reading.offers()
    shuffled = reading.element.find("shuffleanswers")
    record.pinned = shuffled is not None and text_of(shuffled).lower() in ("0", "false")


def _all_or_nothing(reading: _Reading) -> None:
    _choice(reading)
    reading.record.single = False
    reading.record.lose("该插件的评分方式", "the plugin's way of scoring")


def _typed(reading: _Reading) -> None:
    reading.record.case_sensitive = reading.flag("usecase")
    reading.record.offers = reading.offers()


def _numerical(reading: _Reading) -> None:
    record = reading.record
    record.offers = reading.offers()
    for unit in reading.element.findall("units/unit"):
        name, multiplier = text_of(unit.find("unit_name")), _fraction(text_of(unit.find("multiplier"))) or Fraction(1)
        if multiplier == 1 and not record.unit:
            record.unit = name
        else:
            # Moodle multiplies the value by it to get the number in that unit; ours is the other way round.
            record.units.append((name, exact_decimal(1 / multiplier)))


def _true_false(reading: _Reading) -> None:
    reading.record.offers = reading.offers()


def _matching(reading: _Reading) -> None:
    for pair in reading.element.findall("subquestion"):
        reading.record.pairs.append((reading.content(pair), escape(text_of(pair.find("answer/text")))))


def _ordering(reading: _Reading) -> None:
    answers = reading.element.findall("answer")
    places = [_fraction(answer.get("fraction") or "") or Fraction(0) for answer in answers]
    ranked = sorted(range(len(answers)), key=lambda index: places[index])
    reading.record.offers = [Offer(reading.content(answers[index]), Fraction(1)) for index in ranked]
    grading = text_of(reading.element.find("gradingtype"))
    reading.record.rule = _ORDERING_RULES.get(grading)
    if reading.record.rule is None and grading:
        reading.record.lose("排序题的评分方式", "the way the ordering is graded")
    if text_of(reading.element.find("selecttype")) not in ("", "0", "ALL"):
        reading.record.lose("只抽取部分排序项", "a subset of the elements")


def _essay(reading: _Reading) -> None:
    reading.record.marking_notes = reading.content(reading.element.find("graderinfo"))


def _gaps(reading: _Reading) -> None:
    """`[[n]]` takes the n-th word: premises are the gaps in order, choices the words."""
    record = reading.record
    boxes = [*reading.element.findall("selectoption"), *reading.element.findall("dragbox")]
    words = [escape(text_of(box.find("text"))) for box in boxes]
    groups = {text_of(box.find("group")) for box in boxes}
    if len(groups) > 1:
        record.lose("选项分组", "groups of options")
    holder = reading.element.find("questiontext")
    raw = "" if holder is None else text_of(holder.find("text"))
    used: list[int] = []

    def number(found: re.Match[str]) -> str:
        used.append(int(found[1]))
        return f"（{len(used)}）{MISSING_WORD}"

    record.stem = reading.content(holder, _GAP.sub(number, raw))
    for gap, index in enumerate(used, start=1):
        if not 1 <= index <= len(words):
            record.doubt(
                "moodle.gap", f"第 {gap} 空指向不存在的选项。", f"Gap {gap} names an option that is not there."
            )
        record.pairs.append((f"（{gap}）", words[index - 1] if 1 <= index <= len(words) else ""))
    chosen = set(used)
    record.pairs += [("", word) for index, word in enumerate(words, start=1) if index not in chosen]


def _cloze(reading: _Reading) -> None:
    record = reading.record
    holder = reading.element.find("questiontext")
    raw = "" if holder is None else text_of(holder.find("text"))
    pieces = list(split_cloze(raw))
    parts = [piece for piece in pieces if isinstance(piece, ClozePart)]
    numbered = len(parts) > 1 and any(part.kind is not RecordKind.TYPED for part in parts)
    count = 0
    made: list[str] = []
    for piece in pieces:
        if isinstance(piece, ClozePart):
            count += 1
            made.append(f"（{count}）{MISSING_WORD}" if numbered else MISSING_WORD)
        else:
            made.append(piece)
    record.stem = reading.content(holder, "".join(made))
    if any(has_unread_part(piece) for piece in pieces if isinstance(piece, str)):
        record.doubt("cloze.unread", "有看不懂的嵌入题。", "An embedded part is not understood.")
    for number, part in enumerate(parts, start=1):
        made_of = MoodleRecord(kind=part.kind, place=record.place, stem=f"（{number}）", single=part.single)
        made_of.case_sensitive, made_of.weight = part.case_sensitive, part.weight
        for offer in part.offers:
            if part.kind is RecordKind.CHOICE:
                offer.text = reading.content(holder, offer.text)
            made_of.offers.append(offer)
        record.parts.append(made_of)


def _format_of(holder: etree._Element) -> str:
    return {"html": "html", "plain_text": "plain", "markdown": "markdown"}.get(holder.get("format") or "html", "moodle")


def _files_of(holder: etree._Element) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for file in holder.findall("file"):
        name = file.get("name") or ""
        try:
            files[name] = base64.b64decode(re.sub(r"\s+", "", file.text or ""), validate=True)
        except (binascii.Error, ValueError):
            files[name] = b""
    return files


def _fraction(text: str) -> Fraction | None:
    number = read_number(text)
    return None if number is None else Fraction(number)


_READERS: dict[str, tuple[RecordKind, Callable[[_Reading], None]]] = {
    "multichoice": (RecordKind.CHOICE, _choice),
    "oumultiresponse": (RecordKind.CHOICE, _all_or_nothing),
    "multichoiceset": (RecordKind.CHOICE, _all_or_nothing),
    "truefalse": (RecordKind.TRUE_FALSE, _true_false),
    "shortanswer": (RecordKind.TYPED, _typed),
    "numerical": (RecordKind.NUMERICAL, _numerical),
    "matching": (RecordKind.MATCHING, _matching),
    "match": (RecordKind.MATCHING, _matching),
    "ddmatch": (RecordKind.MATCHING, _matching),
    "ordering": (RecordKind.ORDERING, _ordering),
    "essay": (RecordKind.ESSAY, _essay),
    "gapselect": (RecordKind.GAPS, _gaps),
    "ddwtos": (RecordKind.GAPS, _gaps),
    "cloze": (RecordKind.CLOZE, _cloze),
    "multianswer": (RecordKind.CLOZE, _cloze),
}
