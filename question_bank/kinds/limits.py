"""What holds for the content of every item, whatever its type."""

import re
from collections.abc import Iterable

from question_bank.content import problems as marked_problems
from question_bank.items import Item
from question_bank.kinds.protocol import BodyText
from question_bank.wording import Problem

LONGEST_STEM = 10_000
LONGEST_OPTION = 2_000
LONGEST_EXPLANATION = 10_000
LONGEST_NAME = 200
DEEPEST_TOPIC = 8
MOST_BASES = 20

# Control characters but tab and line ends, half characters, and what XML cannot hold: no export, page or
# database would give them back as they were.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def is_showable(text: str) -> bool:
    """Whether every character of the text can be shown, stored and exported."""
    return not _UNPRINTABLE.search(text)


def content_problems(item: Item, body_texts: Iterable[BodyText]) -> list[Problem]:
    """Problems of stem, explanation, topic, basis and tags; and of the characters of every text."""
    problems: list[Problem] = []
    if not item.stem.strip():
        problems.append(Problem("item.stem_empty", "题干为空。", "The stem is empty."))
    if len(item.topic) > DEEPEST_TOPIC:
        problems.append(
            Problem(
                "item.topic_too_deep",
                f"知识点超过 {DEEPEST_TOPIC} 级。",
                f"The topic has more than {DEEPEST_TOPIC} levels.",
            )
        )
    names = (*item.topic, *item.tags, *(basis.document for basis in item.basis))
    if not all(name.strip() for name in names):
        problems.append(
            Problem(
                "item.name_empty",
                "知识点、标签或依据文件中有空名称。",
                "A topic, a tag or the basis has an empty name.",
            )
        )
    if len(item.basis) > MOST_BASES:
        problems.append(
            Problem("item.basis_count", f"依据超过 {MOST_BASES} 条。", f"There are more than {MOST_BASES} bases.")
        )
    return problems + text_problems([*common_texts(item), *body_texts])


def text_problems(texts: Iterable[BodyText]) -> list[Problem]:
    """Problems of length, of characters, and of what is marked up: formulas and pictures."""
    problems: list[Problem] = []
    for zh, en, text, longest, literal in texts:
        if len(text) > longest:
            problems.append(
                Problem("item.text_too_long", f"{zh}超过 {longest} 字。", f"The {en} is longer than {longest}.")
            )
        if not is_showable(text):
            problems.append(
                Problem(
                    "item.text_unprintable",
                    f"{zh}含有不可显示的字符。",
                    f"The {en} holds a character that cannot be shown.",
                )
            )
        if not literal and len(text) <= longest:
            problems += [
                Problem(found.code, f"{zh}：{found.zh}", f"In the {en}: {found.en}") for found in marked_problems(text)
            ]
    return problems


def common_texts(item: Item) -> list[BodyText]:
    """The texts that every item has."""
    return [
        BodyText("题干", "stem", item.stem, LONGEST_STEM),
        BodyText("解析", "explanation", item.explanation, LONGEST_EXPLANATION),
        *(BodyText("知识点", "topic", name, LONGEST_NAME, literal=True) for name in item.topic),
        *(BodyText("标签", "tag", name, LONGEST_NAME, literal=True) for name in item.tags),
        *(
            BodyText("依据文件", "document of the basis", basis.document, LONGEST_NAME, literal=True)
            for basis in item.basis
        ),
        *(
            BodyText("依据条款", "clause of the basis", basis.clause, LONGEST_NAME, literal=True)
            for basis in item.basis
        ),
    ]
