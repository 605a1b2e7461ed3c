"""Keys of types that are answered with a number, an order or a deed: from a draft to a body, or none where the file
does not say enough."""

from question_bank.content import escape
from question_bank.formats.drafts import Draft
from question_bank.formats.spellings import read_letters
from question_bank.formats.typed_numbers import exact_decimal
from question_bank.kinds.numbers import decimal_text, read_amount
from question_bank.kinds.numeric import LONGEST_UNIT, NumericBody
from question_bank.kinds.ordering import OrderingBody
from question_bank.kinds.practical import ChecklistEntry, PracticalBody


def read_number(draft: Draft) -> NumericBody | None:
    """The number that the key is, with its unit; None where it is none, or none that a decimal can write exactly."""
    amount = read_amount((draft.key_text or "").strip().rstrip("。.;；"))
    if amount is None or len(amount.unit) > LONGEST_UNIT:
        return None
    value = exact_decimal(amount.number)
    if value is None or decimal_text(value) is None:
        return None
    return NumericBody(value, unit=amount.unit)


def read_order(draft: Draft) -> OrderingBody | None:
    """The options in the order of the key's letters; None where the key does not name each once."""
    letters = read_letters(draft.key_text or "") or ()
    places = [draft.label_position(letter) for letter in letters]
    named = [place for place in places if place is not None]
    if len(draft.options) < 2 or sorted(named) != list(range(len(draft.options))) or len(named) != len(places):
        return None
    return OrderingBody(tuple(escape(draft.options[place].text.strip()) for place in named))


def read_checklist(draft: Draft) -> PracticalBody | None:
    """A checklist of the lines of the key; None where there are none."""
    lines = [line.strip() for line in (draft.key_text or "").splitlines() if line.strip()]
    return PracticalBody(tuple(ChecklistEntry(escape(line)) for line in lines)) if lines else None
