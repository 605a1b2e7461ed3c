"""`chizheng exam`: what can be checked of a sealed exam."""

import typer

from app.commands.house import opened
from app.exams.service.drawing import recompute_draw
from app.operation import acting_as

group = typer.Typer(help="考试 / exams", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """考试 / exams."""


@group.command("verify-draw")
def verify_draw(exam_id: int = typer.Argument(..., help="考试编号 / number of the exam")) -> None:
    """按种子重新抽题，逐字节核对全部试卷；不符时退出码为 1 / draw again and compare every form byte for byte."""
    with opened() as house, acting_as(house, "verify-draw") as op:
        verdict = recompute_draw(op, exam_id)
    if verdict.agrees:
        print(f"{verdict.forms} 份试卷与重新抽取的结果一致 / {verdict.forms} forms agree with the draw")
        return
    print(f"{verdict.zh} {verdict.en}")
    raise typer.Exit(1)
