"""答题卡 as a Word file, for offices that set or enlarge it themselves. It is keyed by people: unlike the PDF it has no
corner marks, for nobody knows how Word will set it."""

import io
from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.shared import Mm
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from question_bank.print.arrangement import Arrangement
from question_bank.print.paper import Paper, points_text
from question_bank.print.typesetting import draw
from question_bank.print.word import finish, new_document, new_paragraph, number_pages, section_of, write

_PPI = 300
_CODE = 18
"""Millimetres of the side of a QR code."""
_GROUP = 5
"""Items that stand below each other before the next column begins."""
_WIDE = 166
"""Millimetres of a line."""
_LEAST_DIGITS = 12


def write_answer_sheets(paper: Paper) -> bytes:
    """答题卡 as .docx, each copy a section with its own page numbers; what the sheet of `print_answer_sheets` asks
    for. One that has a candidate bears the ticket number and its QR code, and no name."""
    data = Arrangement(paper).data()
    document = new_document(title=f"{data['title']} 答题卡", authority=data["authority"])
    codes = [copy["code"] for copy in data["copies"] if copy["code"]]
    drawings = [{"svg": code, "ems": _CODE / 3.7} for code in codes]
    pictures = iter(draw("figure.typ", {"drawings": drawings}, ppi=_PPI) if codes else ())
    sheet = _Sheet(document)
    for place, copy in enumerate(data["copies"]):
        section = section_of(document, place)
        number_pages(section, left=f"答题卡　{copy['label']}", right=copy["mark"])
        sheet.front(copy, data["title"], next(pictures) if copy["code"] else None)
        for part in copy["sections"]:
            write(sheet.line(before=8, keep=True), f"{part['number']}、{part['title']}", strong=True)
            chosen = [item for item in part["items"] if item["chosen"]]
            if chosen:
                sheet.choices(chosen)
            for item in part["items"]:
                if not item["chosen"]:
                    sheet.response(item)
    return finish(document)


class _Sheet:
    def __init__(self, document: Any) -> None:
        self._document = document

    def line(self, *, before: int = 0, centred: bool = False, keep: bool = False) -> Paragraph:
        return new_paragraph(self._document, before=before, centred=centred, keep=keep)

    def front(self, copy: dict[str, Any], title: str, code: bytes | None) -> None:
        write(self.line(centred=True), title, size=15, strong=True)
        write(self.line(centred=True), f"答题卡（{copy['label']}）", size=13)
        who = copy["candidate"]
        table = self._document.add_table(1, 2, style="Table Grid")
        left, right = table.rows[0].cells
        lines = [] if code else [f"姓　　名：{_filled(who['name'], 12)}", f"单　　位：{_filled(who['unit'], 12)}"]
        lines += [f"考　　场：{_filled(who['room'], 4)}　座位：{_filled(who['seat'], 3)}", "准考证号："]
        _lines(left, lines)
        number = who["ticket_number"]
        digits = left.add_table(1, max(len(number), _LEAST_DIGITS))
        digits.style = "Table Grid"
        for cell, digit in zip(digits.rows[0].cells, number, strict=False):
            write(cell.paragraphs[0], digit, size=9)
        left.add_paragraph()
        _lines(
            right,
            [
                "填写说明：选择题把所选的字母涂满或打√，改动时擦净；其余各题用黑色签字笔写在框内、线上，写在别处或试卷上无效。",
                "保持卡面整洁，页脚不得涂改。",
                "缺考（监考员填写）□　　监考员：＿＿＿＿＿",
            ],
        )
        if code is not None:
            right.add_paragraph().add_run().add_picture(io.BytesIO(code), width=Mm(_CODE))

    def choices(self, items: Sequence[dict[str, Any]]) -> None:
        """The items to choose, in groups of five that stand beside each other as far as the line is wide."""
        groups = [items[at : at + _GROUP] for at in range(0, len(items), _GROUP)]
        widest = max(8 + 7 * sum(len(_word(item, option)) for option in item["options"]) for item in items)
        many = max(1, min(len(groups), _WIDE // widest))
        table = self._document.add_table(-(-len(groups) // many), many, style="Table Grid")
        for place, group in enumerate(groups):
            row, column = divmod(place, many)
            _lines(
                table.cell(row, column),
                [
                    f"{item['number']:>2}　" + "".join(f"［{_word(item, option)}］" for option in item["options"])
                    for item in group
                ],
            )

    def response(self, item: dict[str, Any]) -> None:
        """The place for one response that is written."""
        number = item["number"]
        match item["type"]:
            case "fill_blank":
                blanks = item["blanks"]
                marks = [f"（{at}）" if blanks > 1 else "" for at in range(1, blanks + 1)]
                self._say(number, "　".join(mark + "＿" * (12 if blanks > 1 else 30) for mark in marks))
            case "numeric":
                self._say(number, f"{'＿' * 16} {item['unit']}")
            case "ordering":
                self._say(number, " → ".join("［　　］" for _ in item["options"]))
            case "matching":
                self._say(number, "　".join(f"（{at}）［　　］" for at in range(1, len(item["premises"]) + 1)))
            case "practical":
                self._box(f"{number}. 由考官现场评分，考生不填。　得分：＿＿＿＿　考官签名：＿＿＿＿＿＿", 18)
            case _:
                tall = max(36, min(200, item["points"] * 9 // 100))
                points = points_text(item["points"])
                self._box(f"{number}.（{points} 分）　　　　　　得分：＿＿＿＿　阅卷人：＿＿＿＿＿＿", tall)

    def _say(self, number: int, text: str) -> None:
        write(self.line(before=6), f"{number}. {text}")

    def _box(self, text: str, tall: int) -> None:
        self.line()
        table = self._document.add_table(1, 1, style="Table Grid")
        row = table.rows[0]
        row.height, row.height_rule = Mm(tall), WD_ROW_HEIGHT_RULE.AT_LEAST
        write(row.cells[0].paragraphs[0], text)


def _word(item: dict[str, Any], option: dict[str, Any]) -> str:
    return str(option["word"] if item["type"] == "true_false" else option["letter"])


def _filled(value: str, wide: int) -> str:
    return value or "＿" * wide


def _lines(cell: _Cell, lines: Sequence[str]) -> None:
    for place, text in enumerate(lines):
        write(cell.paragraphs[0] if place == 0 else cell.add_paragraph(), text, size=10)
