"""What every item type must know about itself."""

from fractions import Fraction
from typing import Protocol, TypeAlias

from question_bank.items import Item, ItemType
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

Response: TypeAlias = list[int]
"""作答, canonical: the ascending positions, from 0, of the chosen options *as displayed on the form*; [] is none.

A response is plain JSON, so that what is stored, hashed and receipted is what was judged.
"""


class Kind(Protocol):
    """An item type as the bank sees it."""

    @property
    def item_type(self) -> ItemType:
        """The type this is the kind of."""
        ...

    @property
    def name(self) -> Wording:
        """题型 in both languages."""
        ...

    @property
    def is_objective(self) -> bool:
        """Whether a rule scores it; if so the kind is an `ObjectiveKind`."""
        ...

    def validate(self, item: Item) -> list[Problem]:
        """Every reason why the item could not be presented and scored; empty if it can."""
        ...


class ObjectiveKind(Kind, Protocol):
    """An item type as candidates and scoring see it."""

    @property
    def scoring_rules(self) -> frozenset[ScoringRule]:
        """The rules that may score it."""
        ...

    @property
    def shuffles_options(self) -> bool:
        """Whether the options of each form may stand in an order of their own."""
        ...

    def parse_response(self, raw: object, *, option_count: int) -> Response:
        """The canonical response in `raw`, JSON that a stranger sent. Raises `InvalidResponse`; never coerces."""
        ...

    def is_answered(self, response: Response) -> bool:
        """Whether the candidate gave anything."""
        ...

    def same_response(self, one: Response, other: Response) -> bool:
        """Whether two canonical responses say the same."""
        ...

    def score(
        self,
        response: Response,
        *,
        key: frozenset[int],
        option_count: int,
        scoring: Scoring,
        points_hundredths: int,
    ) -> Fraction:
        """Exact hundredths earned, from 0 to `points_hundredths`; `key` in displayed positions as the response."""
        ...

    def summarise(self, response: Response) -> Wording:
        """The response for a person to read: "A、C", "正确", "未作答"."""
        ...

    def describe(self, scoring: Scoring) -> Wording:
        """How it is scored, in words for the candidate."""
        ...
