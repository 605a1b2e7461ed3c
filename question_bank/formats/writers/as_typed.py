"""Items in the words that people type into tables and documents, as our readers take them."""

from question_bank.content import plain
from question_bank.formats.spellings import LETTERS
from question_bank.formats.writers.outlay import CannotCarry
from question_bank.items import Body, Difficulty, Item, ItemType, Level
from question_bank.kinds.choice import ChoiceBody
from question_bank.kinds.fill_blank import FillBlankBody
from question_bank.kinds.matching import MatchingBody
from question_bank.kinds.numbers import decimal_text
from question_bank.kinds.numeric import NumericBody, ToleranceKind
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.short_answer import ScoringPoint, ShortAnswerBody

DIFFICULTIES = {Difficulty.EASY: "易", Difficulty.MEDIUM: "中", Difficulty.HARD: "难"}
LEVELS = {Level.PRIMARY: "初级", Level.INTERMEDIATE: "中级", Level.ADVANCED: "高级"}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def basis_words(item: Item) -> str:
    """《章程》第七条；《条例》第四条."""
    return "；".join(f"{one.document}{one.clause}" for one in item.basis)


def stem_words(stem: str, body: Body) -> str:
    """The stem; that of a matching with its premises below, numbered ①…."""
    if not isinstance(body, MatchingBody):
        return plain(stem)
    if len(body.premises) > len(_CIRCLED):
        raise CannotCarry("待匹配的项过多", "too many premises")
    premises = [f"{mark}{plain(text)}" for mark, text in zip(_CIRCLED, body.premises, strict=False)]
    return "\n".join([plain(stem), *premises])


def option_words(body: Body) -> list[str]:
    """The options that stand under letters; none for 对 and 错. Raises `CannotCarry` for too many."""
    match body:
        case ChoiceBody():
            texts = [plain(option.text) for option in body.options]
        case OrderingBody():
            texts = [plain(text) for text in body.elements]
        case MatchingBody():
            texts = [plain(text) for text in body.choices]
        case _:
            texts = []
    if len(texts) > len(LETTERS):
        raise CannotCarry("选项过多", "too many options")
    return texts


def key_words(item_type: ItemType, body: Body) -> str:
    """The key: letters, 对 or 错, a number with its unit, pairs, a model, or the blanks with bars between."""
    match body:
        case ChoiceBody() if item_type is ItemType.TRUE_FALSE:
            words = {frozenset({0}): "对", frozenset({1}): "错"}.get(body.key, "")
        case ChoiceBody():
            words = "".join(LETTERS[place] for place in sorted(body.key))
        case FillBlankBody():
            words = "|".join(blank_words(body))
        case NumericBody():
            words = f"{decimal_text(body.value) or body.value}{body.unit}"
        case OrderingBody():
            words = LETTERS[: len(body.elements)]
        case MatchingBody():
            words = " ".join(f"{_CIRCLED[at]}{LETTERS[place]}" for at, place in enumerate(body.pairs))
        case ShortAnswerBody():
            words = "\n".join(plain(text) for text in body.models)
        case _:
            raise CannotCarry("不能写成一格的题型", "a type that has no key in one cell")
    return words


def blank_words(body: FillBlankBody) -> list[str]:
    """What each blank accepts, with semicolons between."""
    return ["；".join(variant.text for variant in blank.accepted) for blank in body.blanks]


def tolerance_words(body: NumericBody) -> str:
    """0.5, or 2% of the value; empty where there is none or it is of a kind that no file knows."""
    if not body.tolerance or body.tolerance_kind is ToleranceKind.GEOMETRIC:
        return ""
    relative = body.tolerance_kind is ToleranceKind.RELATIVE
    return f"{decimal_text(body.tolerance * 100)}%" if relative else decimal_text(body.tolerance) or ""


def point_words(point: ScoringPoint) -> str:
    """A scoring point with its marks and keywords."""
    words = f"；关键词：{'、'.join(point.keywords)}" if point.keywords else ""
    return f"{plain(point.text)}（{point.share}分{words}）"
