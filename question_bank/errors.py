"""What can be wrong with content, as one tree.

    ContentError                    anything that question_bank refuses
    ├── InvalidItem                 an item that no one could answer or score
    ├── InvalidResponse             a response that does not fit its item
    ├── InvalidBlueprint            a blueprint that contradicts itself
    ├── InvalidForm                 a form that contradicts itself or its items
    ├── InvalidCorrection           a correction of a faulty item that cannot be scored by
    ├── InvalidPool                 a pool that names two items alike, or holds one that no one could score
    ├── PoolTooSmall                a pool that cannot serve a blueprint; names every cell and its shortfall
    ├── InvalidSeed                 a seed that is not 32 bytes
    ├── InvalidMatrix               marks that no statistics can be computed from
    ├── Unrepresentable             a value without a canonical form: a float, half a character
    └── UnreadableFile              a file that cannot be read as a bank; says which, where and what to do

Each error carries its sentence in Chinese and in English. The package raises nothing else on purpose.
"""

from dataclasses import dataclass


class ContentError(Exception):
    """A refusal with a public sentence in both languages; `code` is stable and never translated."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.zh = zh
        self.en = en


class InvalidItem(ContentError):
    """The item breaks a rule of its type."""


class InvalidResponse(ContentError):
    """The response is not one that this item could be given."""


class InvalidBlueprint(ContentError):
    """The blueprint contradicts itself or asks for nothing."""


class InvalidForm(ContentError):
    """The form contradicts itself, or the items that it names."""


class InvalidCorrection(ContentError):
    """The item cannot be treated so, or the new key is none."""


class InvalidPool(ContentError):
    """The pool cannot be drawn from, whatever the blueprint."""


class InvalidSeed(ContentError):
    """The seed is not 32 bytes."""


class InvalidMatrix(ContentError):
    """The marks or responses cannot be analysed; the sentence names row and column."""


class Unrepresentable(ContentError):
    """The value has no canonical JSON form; the sentence names the place in it."""


@dataclass(frozen=True)
class Shortfall:
    """One cell of a blueprint that the pool cannot serve: it needs `wanted` items and finds `available`."""

    section: str
    topic: str
    item_type: str
    wanted: int
    available: int


class PoolTooSmall(ContentError):
    """The pool falls short in the named cells; nothing was drawn."""

    def __init__(self, shortfalls: tuple[Shortfall, ...]) -> None:
        cells_zh = "；".join(
            f"{s.section}「{s.topic or '全部知识点'}」需 {s.wanted} 题，仅有 {s.available} 题" for s in shortfalls
        )
        cells_en = "; ".join(
            f"{s.section} / {s.topic or 'any topic'}: {s.wanted} wanted, {s.available} available" for s in shortfalls
        )
        super().__init__("pool.too_small", zh=f"备选题不足：{cells_zh}。", en=f"The pool is too small: {cells_en}.")
        self.shortfalls = shortfalls


class UnreadableFile(ContentError):
    """The file cannot be read as a bank at all; nothing was imported."""
