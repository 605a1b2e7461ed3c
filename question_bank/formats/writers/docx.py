"""Word documents as authors write them: a heading per type, numbered items, lettered options, labelled lines below."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from question_bank.content import plain
from question_bank.formats.docx import read_docx
from question_bank.formats.report import ReadItem
from question_bank.formats.spellings import LETTERS
from question_bank.formats.writers.as_typed import (
    DIFFICULTIES,
    LEVELS,
    basis_words,
    key_words,
    option_words,
    point_words,
    stem_words,
    tolerance_words,
)
from question_bank.formats.writers.outlay import Pictures, Written
from question_bank.formats.writers.package import pack_parts, text_of
from question_bank.formats.writers.read_back import write_as_read
from question_bank.formats.zip_guard import GuardedZip
from question_bank.items import Body, Item, ItemType
from question_bank.kinds import kind_of
from question_bank.kinds.case_analysis import CaseBody
from question_bank.kinds.numeric import NumericBody
from question_bank.kinds.practical import PracticalBody
from question_bank.kinds.short_answer import ShortAnswerBody

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

Laid = tuple[ItemType, list[str]]


def write_docx(items: Sequence[Item], pictures: Pictures) -> Written:
    """The items with their keys as a Word document."""
    return write_as_read(items, pictures, lay_out=_lay_out, pack=_pack, read=_read)


def _lay_out(item: Item) -> Laid:
    lines = [stem_words(item.stem, item.body)]
    if isinstance(item.body, CaseBody):
        lines.append(f"材料：{plain(item.body.stimulus)}")
        for number, part in enumerate(item.body.parts, start=1):
            stem = stem_words(part.stem, part.body)
            lines.append(f"小题{number}（{kind_of(part.item_type).name.zh}，{part.share}分）：{stem}")
            lines += _key_lines(part.item_type, part.body)
            lines += [f"解析：{plain(part.explanation)}"] if part.explanation else []
    else:
        lines += _key_lines(item.item_type, item.body)
    lines += [f"解析：{plain(item.explanation)}"] if item.explanation else []
    lines += [f"难度：{DIFFICULTIES[item.difficulty]}", f"等级：{LEVELS[item.level]}"]
    lines += [f"知识点：{topic}" for topic in item.topic]
    lines += [f"依据：{basis_words(item)}"] if item.basis else []
    lines += [f"标签：{'、'.join(item.tags)}"] if item.tags else []
    return item.item_type, "\n".join(lines).split("\n")


def _key_lines(item_type: ItemType, body: Body) -> Iterator[str]:
    if item_type is not ItemType.TRUE_FALSE:
        yield from (f"{letter}、{text}" for letter, text in zip(LETTERS, option_words(body), strict=False))
    if isinstance(body, PracticalBody):
        yield from (f"步骤：{plain(entry.text)}（{entry.share}分）" for entry in body.checklist)
        if body.conditions:
            yield f"考核条件：{plain(body.conditions)}"
        return
    key = key_words(item_type, body)
    if key:
        yield f"答案：{key}"
    if isinstance(body, NumericBody) and (tolerance := tolerance_words(body)):
        yield f"误差：{tolerance}"
    if isinstance(body, ShortAnswerBody):
        yield from (f"采分点：{point_words(point)}" for point in body.rubric)


def _lines(laid: Sequence[Laid]) -> Iterator[tuple[str, bool, bool]]:
    """(text, whether it is a heading, whether an item begins) of every paragraph."""
    for item_type, group in groupby(laid, key=lambda one: one[0]):
        yield kind_of(item_type).name.zh, True, False
        for number, (_, lines) in enumerate(group, start=1):
            yield f"{number}、{lines[0]}", False, True
            yield from ((line, False, False) for line in lines[1:])
            yield "", False, False


def _read(data: bytes, laid: Sequence[Laid]) -> list[ReadItem | None]:
    found = {read.place.paragraph: read for read in read_docx(GuardedZip(data)).items}
    starts = [at for at, (_, _, begins) in enumerate(_lines(laid), start=1) if begins]
    return [found.get(at) for at in starts]


def _pack(laid: Sequence[Laid]) -> bytes:
    body = "".join(_paragraph(text, strong=heading) for text, heading, _ in _lines(laid))
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1247" w:bottom="1247" '
    page += 'w:left="1247" w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>'
    return pack_parts(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>'
            f'<Override PartName="/word/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{_RELATED}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{_RELATED}/styles" Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{_WORDS}"><w:docDefaults><w:rPrDefault><w:rPr>'
            '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/><w:sz w:val="21"/>'
            "</w:rPr></w:rPrDefault></w:docDefaults></w:styles>",
            "word/document.xml": f'<w:document xmlns:w="{_WORDS}"><w:body>{body}{page}</w:body></w:document>',
        }
    )


def _paragraph(text: str, *, strong: bool) -> str:
    if not text:
        return "<w:p/>"
    looks = "<w:rPr><w:b/></w:rPr>" if strong else ""
    return f'<w:p><w:r>{looks}<w:t xml:space="preserve">{text_of(text)}</w:t></w:r></w:p>'
