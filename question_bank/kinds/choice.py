"""What the three kinds with options have in common."""

from fractions import Fraction

from question_bank.errors import InvalidResponse
from question_bank.items import Item
from question_bank.kinds.content import content_problems
from question_bank.kinds.protocol import Response
from question_bank.scoring import Choice, Scoring, score_choice
from question_bank.wording import Problem, Wording

FEWEST_OPTIONS = 2
MOST_OPTIONS = 26  # one letter each

UNANSWERED = Wording("未作答", "No response")
RIGHT_OR_NOTHING = Wording("答对得满分，答错或不答不得分。", "Full points for the right response; otherwise none.")


class ChoiceKind:
    """How a response that consists of chosen options is compared, scored and told; the kinds add their rules."""

    def is_answered(self, response: Response) -> bool:
        """Whether any option is chosen."""
        return bool(response)

    def same_response(self, one: Response, other: Response) -> bool:
        """Whether the same options are chosen; canonical responses are ascending."""
        return one == other

    def score(
        self,
        response: Response,
        *,
        key: frozenset[int],
        option_count: int,
        scoring: Scoring,
        points_hundredths: int,
    ) -> Fraction:
        """Exact hundredths that the rule gives, from 0 to `points_hundredths`."""
        choice = Choice(frozenset(response), key, option_count)
        return score_choice(choice, scoring=scoring, points_hundredths=points_hundredths)

    def summarise(self, response: Response) -> Wording:
        """Letters as displayed, or that nothing was chosen."""
        if not response:
            return UNANSWERED
        letters = [letter_of(position) for position in response]
        return Wording("、".join(letters), ", ".join(letters))


def letter_of(position: int) -> str:
    """The letter of a displayed position from 0 to 25: 0 → "A"."""
    return chr(ord("A") + position)


def choice_problems(item: Item) -> list[Problem]:
    """Problems of the content, the options and the key; not whether the number of right options fits the type."""
    problems = content_problems(item)
    count = len(item.options)
    if not FEWEST_OPTIONS <= count <= MOST_OPTIONS:
        problems.append(
            Problem(
                "item.option_count",
                f"选项应为 {FEWEST_OPTIONS} 至 {MOST_OPTIONS} 个，现有 {count} 个。",
                f"There must be {FEWEST_OPTIONS} to {MOST_OPTIONS} options, not {count}.",
            )
        )
    problems += _option_text_problems(item)
    if not item.key:
        problems.append(Problem("item.key_missing", "没有标准答案。", "There is no key."))
    if outside := sorted(position for position in item.key if not 0 <= position < count):
        beyond = [str(position + 1) for position in outside]
        problems.append(
            Problem(
                "item.key_outside",
                f"标准答案指向不存在的选项（第 {'、'.join(beyond)} 个）。",
                f"The key names an option that does not exist (number {', '.join(beyond)}).",
            )
        )
    if item.accepted:
        problems.append(
            Problem(
                "item.accepted_unexpected",
                "选择类试题不应有填空答案。",
                "An item with options has no accepted texts.",
            )
        )
    return problems


def single_key_problems(item: Item) -> list[Problem]:
    """The problem of a key with several positions, where the type allows one."""
    if len(item.key) <= 1:
        return []
    return [
        Problem(
            "item.key_not_single",
            f"标准答案应只有一项，现有 {len(item.key)} 项。",
            f"There must be one right option, not {len(item.key)}.",
        )
    ]


def parse_choice(raw: object, *, option_count: int, most: int) -> Response:
    """The ascending positions in `raw`, at most `most` of them. Raises `InvalidResponse`; true is not 1."""
    if not isinstance(raw, list):
        raise InvalidResponse(
            "response.not_a_list", zh="作答应为选项序号的列表。", en="A response must be a list of option positions."
        )
    for position in raw:
        if not isinstance(position, int) or isinstance(position, bool):
            raise InvalidResponse(
                "response.not_a_position", zh="选项序号应为整数。", en="An option position must be an integer."
            )
        if not 0 <= position < option_count:
            raise InvalidResponse(
                "response.outside", zh="所选选项不存在。", en="The response names an option that does not exist."
            )
    if len(set(raw)) != len(raw):
        raise InvalidResponse("response.repeated", zh="同一选项出现两次。", en="The response names an option twice.")
    if len(raw) > most:
        raise InvalidResponse("response.too_many", zh="本题只能选一项。", en="Only one option may be chosen here.")
    return sorted(raw)


def _option_text_problems(item: Item) -> list[Problem]:
    problems: list[Problem] = []
    first_with: dict[str, int] = {}
    for number, option in enumerate(item.options, start=1):
        text = " ".join(option.text.split())
        if not text:
            problems.append(Problem("item.option_empty", f"第 {number} 个选项为空。", f"Option {number} is empty."))
        elif (first := first_with.setdefault(text, number)) != number:
            problems.append(
                Problem(
                    "item.options_alike",
                    f"第 {first} 个与第 {number} 个选项相同。",
                    f"Options {first} and {number} are the same.",
                )
            )
    return problems
