"""GIFT files: text in which braces hold what is right and wrong."""

import re
from fractions import Fraction

from question_bank.content import escape
from question_bank.formats.markup import from_markup
from question_bank.formats.moodle.gift_syntax import (
    Block,
    Piece,
    find_sign,
    split_blocks,
    split_pieces,
    split_remark,
    take_format,
    unescape,
)
from question_bank.formats.moodle.grades import read_percentage
from question_bank.formats.moodle.records import Harvest, MoodleRecord, Offer, RecordKind, topic_of
from question_bank.formats.report import Place
from question_bank.formats.typed_numbers import read_number, read_range
from question_bank.scoring import Scoring, ScoringRule

MISSING_WORD = "_____"

_CATEGORY = "$CATEGORY:"
_JUDGED = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_ORDERING_HEADER = re.compile(r">\s*\d*(?:\s+\w+)*\s*")
_ORDERING_RULES = {
    "ALL_OR_NOTHING": ScoringRule.ALL_OR_NOTHING,
    "ABSOLUTE_POSITION": ScoringRule.POSITION_MATCHES,
    "RELATIVE_NEXT_EXCLUDE_LAST": ScoringRule.ADJACENT_PAIRS,
}
_LONGEST_SHOWN = 40
_SURE_SIGNS = re.compile(
    r"^\s*(?:\$CATEGORY:|(?:::[^\n]{1,300}?::\s*)\[(?:html|moodle|plain|markdown)\]|\[(?:html|moodle|markdown)\])",
    re.MULTILINE,
)
_SIGNS_OF_ITEM = re.compile(r"\{\s*(?:[=~#>]|(?:T|F|TRUE|FALSE)\s*[#}]|\})")


def looks_like_gift(text: str) -> bool:
    """Whether the text shows the signs of GIFT; Chinese banks with empty braces for blanks show none."""
    if _SURE_SIGNS.search(text):
        return True
    if re.search(r"^\s*(?:参考|正确|标准)?答案\s*[:：】]|^\s*ANSWER:", text, re.MULTILINE):
        return False
    for block in split_blocks(text):
        found = _SIGNS_OF_ITEM.search(block.text)
        if found is None or find_sign(block.text, r"\}", found.start()) < 0:
            continue
        # Empty braces are an essay where they end the block, a blank of other formats where they do not.
        if found[0].replace(" ", "") != "{}" or block.text.rstrip().endswith("}"):
            return True
    return False


def read_gift_records(text: str) -> Harvest:
    """Every item of the file as a record; what cannot be one is named with its line."""
    harvest = Harvest()
    topic: tuple[str, ...] = ()
    for block in split_blocks(text.removeprefix("\ufeff")):
        if block.text.lstrip().startswith(_CATEGORY):
            topic = topic_of(block.text.split(_CATEGORY, 1)[1].strip())
            continue
        record = _read_block(block, harvest)
        if record is not None:
            record.topic = topic
            harvest.records.append(record)
    return harvest


def _read_block(block: Block, harvest: Harvest) -> MoodleRecord | None:
    place = Place(line=block.line)
    name, rest = _take_name(block.text.strip("\n"))
    text_format, rest = take_format(rest)
    opening = find_sign(rest, r"\{")
    closing = find_sign(rest, r"\}", max(opening, 0))
    if opening < 0 and closing < 0:
        harvest.refuse_type("description", place)
        return None
    if opening < 0 or closing < opening:
        line = block.line + block.text.count("\n", 0, len(block.text) - len(rest) + max(opening, closing, 0))
        harvest.refuse(
            "gift.brace",
            f"花括号不成对，本题未读入：{block.text.strip()[:_LONGEST_SHOWN]}",
            f"The braces do not pair; not read: {block.text.strip()[:_LONGEST_SHOWN]}",
            Place(line=line),
        )
        return None
    body, after = rest[opening + 1 : closing], rest[closing + 1 :]
    stem = rest[:opening].rstrip() + (f" {MISSING_WORD}{after}" if after.strip() else "")
    text_format = text_format or "moodle"
    record = MoodleRecord(kind=RecordKind.ESSAY, place=place, name=unescape(name).strip(), tags=block.tags)
    record.stem = _content(record, stem, text_format)
    if block.identifier:
        record.lose("编号 id", "id number")
    if find_sign(after, r"[{}]") >= 0:
        record.doubt("gift.more_braces", "一道题里有多对花括号。", "There is more than one pair of braces.")
    body = _take_explanation(record, body, text_format)
    _read_body(record, body, text_format)
    return record


def _take_name(text: str) -> tuple[str, str]:
    text = text.lstrip()
    if not text.startswith("::"):
        return "", text
    end = find_sign(text, "::", 2)
    return ("", text) if end < 0 else (text[2:end], text[end + 2 :])


def _take_explanation(record: MoodleRecord, body: str, text_format: str) -> str:
    at = find_sign(body, "####")
    if at < 0:
        return body
    own_format, explanation = take_format(body[at + 4 :])
    record.explanation = _content(record, explanation, own_format or text_format)
    return body[:at]


def _read_body(record: MoodleRecord, body: str, text_format: str) -> None:
    """What the braces hold, by the order in which GIFT tells the types apart."""
    stripped = body.strip()
    if not stripped:
        record.kind = RecordKind.ESSAY
    elif stripped.startswith("#"):
        _read_numerical(record, stripped[1:])
    elif stripped.startswith(">"):
        _read_ordering(record, stripped, text_format)
    elif find_sign(body, "~") >= 0:
        _read_choice(record, body, text_format)
    elif find_sign(body, "=") >= 0 and "->" in body:
        _read_matching(record, body, text_format)
    elif (judged := _read_judged(stripped)) is not None:
        _read_true_false(record, stripped, judged, text_format)
    else:
        record.kind = RecordKind.TYPED
        # Accepted texts are compared and never shown: they are words, not item texts.
        record.offers = [
            Offer(unescape(piece.text), _worth(record, piece, 1), unescape(piece.remark))
            for piece in split_pieces(body, "=")
        ]


def _read_choice(record: MoodleRecord, body: str, text_format: str) -> None:
    record.kind = RecordKind.CHOICE
    pieces = split_pieces(body, "=~")
    if pieces and not pieces[0].mark:
        record.doubt(
            "gift.unmarked",
            f"“{pieces[0].text[:_LONGEST_SHOWN]}”前面没有 = 或 ~。",
            f"No = or ~ stands before {pieces[0].text[:_LONGEST_SHOWN]}.",
        )
    record.single = any(piece.mark == "=" for piece in pieces)
    record.offers = [_offer(record, piece, text_format, 1 if piece.mark == "=" else 0) for piece in pieces]


def _read_judged(body: str) -> bool | None:
    word = split_remark(body)[0].strip()
    return _JUDGED.get(word.upper() if len(word) > 1 else word)


def _read_true_false(record: MoodleRecord, body: str, judged: bool, text_format: str) -> None:
    record.kind = RecordKind.TRUE_FALSE
    record.offers = [Offer("true", Fraction(judged)), Offer("false", Fraction(not judged))]
    if "#" in body:
        # Feedback on the wrong response comes first, on the right one second.
        wrong, right = split_remark(split_remark(body)[1])
        record.offers[judged].remark = _content(record, wrong, text_format)
        record.offers[not judged].remark = _content(record, right, text_format)


def _read_matching(record: MoodleRecord, body: str, text_format: str) -> None:
    record.kind = RecordKind.MATCHING
    for piece in split_pieces(body, "="):
        left, arrow, right = piece.text.partition("->")
        if not arrow:
            record.doubt(
                "gift.no_arrow",
                f"匹配题的“{piece.text[:_LONGEST_SHOWN]}”没有 ->。",
                f"A pair without an arrow: {piece.text[:_LONGEST_SHOWN]}",
            )
        premise = _content(record, left, piece.text_format or text_format)
        record.pairs.append((premise, escape(unescape(right).strip())))


def _read_ordering(record: MoodleRecord, body: str, text_format: str) -> None:
    record.kind = RecordKind.ORDERING
    header, _, rest = body.partition("\n")
    if not _ORDERING_HEADER.fullmatch(header):
        record.doubt("gift.ordering", "排序题的首行看不懂。", "The first line of the ordering is not understood.")
    record.rule = next((Scoring(_ORDERING_RULES[word]) for word in header.split() if word in _ORDERING_RULES), None)
    for line in rest.split("\n"):
        if line.strip():
            record.offers.append(Offer(_content(record, line, text_format), Fraction(1)))


def _read_numerical(record: MoodleRecord, body: str) -> None:
    record.kind = RecordKind.NUMERICAL
    for piece in split_pieces(body, "=~"):
        worth = _worth(record, piece, 0 if piece.mark == "~" else 1)
        value, tolerance = piece.text, None
        if (bounds := read_range(piece.text)) is not None:
            low, high = bounds
            value, tolerance = f"{(low + high) / 2:f}", (high - low) / 2
        elif ":" in piece.text:
            value, _, allowed = piece.text.partition(":")
            tolerance = read_number(allowed)
            if tolerance is None and allowed.strip():
                record.doubt("gift.tolerance", f"容差看不懂：{allowed.strip()[:20]}", f"Tolerance: {allowed[:20]}")
        if value.strip() or piece.mark == "=":
            record.offers.append(Offer(value.strip(), worth, unescape(piece.remark), tolerance))


def _offer(record: MoodleRecord, piece: Piece, text_format: str, default: int) -> Offer:
    own_format = piece.text_format or text_format
    remark_format, remark = take_format(piece.remark)
    return Offer(
        _content(record, piece.text, own_format),
        _worth(record, piece, default),
        _content(record, remark, remark_format or text_format),
    )


def _worth(record: MoodleRecord, piece: Piece, default: int) -> Fraction:
    if not piece.weight:
        return Fraction(default)
    worth = read_percentage(piece.weight)
    if worth is None:
        record.doubt(
            "grade.unreadable", f"得分比例 {piece.weight} 看不懂。", f"The weight {piece.weight} is no weight."
        )
        return Fraction(0)
    return worth


def _content(record: MoodleRecord, text: str, text_format: str) -> str:
    passage = from_markup(unescape(text), text_format)
    record.lose_content(passage.lost)
    return passage.text
