"""What the two kinds that are answered in words have in common."""

from question_bank.items import Item
from question_bank.wording import Problem


def text_problems(item: Item) -> list[Problem]:
    """Problems of options, key and accepted texts of an item that is answered in words."""
    problems: list[Problem] = []
    if item.options or item.key:
        problems.append(
            Problem(
                "item.options_unexpected",
                "填空题、简答题不应有选项。",
                "An item that is answered in words has no options.",
            )
        )
    for number, variants in enumerate(item.accepted, start=1):
        if not variants or not all(variant.strip() for variant in variants):
            problems.append(
                Problem(
                    "item.accepted_empty",
                    f"第 {number} 空的答案为空。",
                    f"The accepted text of blank {number} is empty.",
                )
            )
    return problems
