"""Paper as PDF: the same paper gives the same bytes."""

from question_bank.print.arrangement import Arrangement
from question_bank.print.paper import Paper
from question_bank.print.typesetting import draw, typeset

TEMPLATES = ("form.typ", "sheet.typ", "key.typ")


def print_papers(paper: Paper) -> bytes:
    """试卷: every copy from page 1, with the sealed line at its left edge. No key is handed to the typesetter (P14)."""
    return typeset("form.typ", Arrangement(paper).data())


def print_answer_sheets(paper: Paper) -> bytes:
    """答题卡: for every copy a place for every response, and no item."""
    return typeset("sheet.typ", Arrangement(paper).data())


def print_keys(paper: Paper) -> bytes:
    """标准答案及评分标准 of every copy's form."""
    return typeset("key.typ", Arrangement(paper).data(with_key=True))


def look(template: str, paper: Paper, *, ppi: int = 80) -> list[bytes]:
    """The pages of one of `TEMPLATES` as PNG pictures."""
    return draw(template, Arrangement(paper).data(with_key=template == "key.typ"), ppi=ppi)
