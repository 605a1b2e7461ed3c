"""What is wrong with an item text, and what it shows."""

from question_bank.content.dialect import Formula, PictureUse, inlines_of, parse
from question_bank.content.formulas import mathml
from question_bank.content.plaintext import is_plain
from question_bank.wording import Problem


def problems(markdown: str) -> list[Problem]:
    """Formulas that cannot be read, and pictures without a description (a candidate may not see them)."""
    if is_plain(markdown):
        return []
    found: list[Problem] = []
    for part in inlines_of(parse(markdown)):
        if isinstance(part, Formula) and mathml(part.latex, display=part.display) is None:
            source = part.latex if len(part.latex) <= 60 else part.latex[:60] + "…"
            found.append(
                Problem(
                    "content.formula_unreadable",
                    f"公式“{source}”无法识别，请检查拼写和括号。",
                    f"The formula “{source}” cannot be read; please check its spelling and braces.",
                )
            )
        if isinstance(part, PictureUse) and not part.alt:
            found.append(
                Problem(
                    "content.picture_undescribed",
                    "图片没有文字说明，请在方括号中写明图中内容。",
                    "A picture has no description; please say in the square brackets what it shows.",
                )
            )
    return found


def pictures_in(markdown: str) -> tuple[PictureUse, ...]:
    """The pictures that the text shows, in order, each as often as it stands there."""
    if is_plain(markdown):
        return ()
    return tuple(part for part in inlines_of(parse(markdown)) if isinstance(part, PictureUse))
