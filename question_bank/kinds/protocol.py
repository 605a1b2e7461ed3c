"""What every item type must know about itself.

A kind is the one place that knows a type: its body, what is wrong with one, its JSON, what a candidate sees and may
respond, how that is scored and told. Everything else asks the kind.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from question_bank.canonical import Json
from question_bank.items import Body, ItemType
from question_bank.kinds.sheet import Sheet
from question_bank.scoring import Scoring, ScoringRule
from question_bank.wording import Problem, Wording

Response: TypeAlias = "list[int] | list[int | None] | list[str] | str"
"""作答, canonical plain JSON, so that what is stored, hashed and receipted is what was judged.

Positions count from 0 *as displayed on the form*.
single_choice, multiple_choice, true_false: the ascending positions of the chosen options, [] for none.
fill_blank: a text for each blank, "" for none. numeric, short_answer: a text, "" for none.
ordering: every displayed position, in the order that the candidate gives, [] for none.
matching: for each premise the displayed position of its choice, None for none.
"""

B = TypeVar("B", bound=Body)
R = TypeVar("R", "list[int]", "list[int | None]", "list[str]", str)


class Extent(NamedTuple):
    """As much of an item as a response can be parsed by: the form tells it, no item is needed.

    `shown` options, elements or choices are displayed in an order of the form's own; `slots` blanks or premises wait
    to be filled. 0 where the kind has none.
    """

    shown: int
    slots: int = 0


class Layout(NamedTuple):
    """What a candidate sees of a body beside the stem, in the item's own order; it holds nothing that tells a key."""

    shown: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    blanks: int = 0
    unit: str = ""

    @property
    def extent(self) -> Extent:
        """What a response is parsed by."""
        return Extent(len(self.shown), len(self.premises) or self.blanks)


class BodyText(NamedTuple):
    """One text of an item under its name in both languages, and the most characters that it may have.

    `literal`: it is compared or looked up as it stands, and is not Markdown (see `question_bank.content`).
    """

    zh: str
    en: str
    text: str
    longest: int
    literal: bool = False


class Kind(Protocol[B, R]):
    """An item type. `order[d]` always is the place in the item of what the form displays at d."""

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
        """Whether a rule scores it; else people mark it."""
        ...

    @property
    def is_written(self) -> bool:
        """Whether candidates respond on their page, so that no response earns 0; else an examiner saw what was done."""
        ...

    @property
    def body_type(self) -> type[B]:
        """The class of its bodies."""
        ...

    @property
    def sheet(self) -> Sheet:
        """How a body is written by hand."""
        ...

    @property
    def scoring_rules(self) -> frozenset[ScoringRule]:
        """The rules that may score it."""
        ...

    def body_problems(self, stem: str, body: B) -> list[Problem]:
        """Every reason why the body could not be presented and scored; empty if it can."""
        ...

    def texts(self, body: B) -> Iterator[BodyText]:
        """Every text of the body: for checks of content, search, and comparison."""
        ...

    def body_to_json(self, body: B) -> dict[str, Json]:
        """Every field of the body."""
        ...

    def body_from_json(self, value: Json, at: str) -> B:
        """What `body_to_json` wrote. Raises `InvalidItem`, naming the place, for any other shape."""
        ...

    def key_lines(self, body: B) -> list[str]:
        """What is right, line by line, for authors, reviewers and markers to read."""
        ...

    def layout(self, body: B) -> Layout:
        """What the candidate sees."""
        ...

    def free_places(self, body: B) -> tuple[int, ...]:
        """The places whose contents a form may display in an order of its own; the others keep theirs."""
        ...

    def dealt_place(self, body: B) -> int | None:
        """The place whose displayed position should be spread evenly over a form: the one right option, if any."""
        ...

    def key(self, body: B, order: Sequence[int]) -> R:
        """A response that earns full points, as displayed; what nobody can write in advance is empty."""
        ...

    def nothing(self, extent: Extent) -> R:
        """The canonical response of who gave none."""
        ...

    def parse_response(self, raw: object, extent: Extent) -> R:
        """The canonical response in `raw`, JSON that a stranger sent. Raises `InvalidResponse`; never coerces."""
        ...

    def is_answered(self, response: R) -> bool:
        """Whether the candidate gave anything."""
        ...

    def same_response(self, one: R, other: R) -> bool:
        """Whether two canonical responses say the same."""
        ...

    def score(
        self, response: R, *, body: B, order: Sequence[int], scoring: Scoring, points_hundredths: int
    ) -> Fraction | None:
        """Exact hundredths earned, at most `points_hundredths`; None where people must mark it."""
        ...

    def summarise(self, response: R) -> Wording:
        """The response for a person to read: "A、C", "正确", "未作答"."""
        ...

    def describe(self, scoring: Scoring) -> Wording:
        """How it is scored, in words for the candidate."""
        ...


AnyKind: TypeAlias = Kind[Any, Any]
"""A kind of which one knows no more: body and response are those that belong to it."""
