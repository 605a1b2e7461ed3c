"""The colours of the pages keep their distance: WCAG 2.2, 1.4.3 for words, 1.4.11 for the edges of controls."""

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[3] / "app/web/static/tokens.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "card", "sunken")
WORDS = [
    *product(("ink", "ink-2", "ink-3", "azure", "cinnabar"), GROUNDS),
    *product(("ink", "ink-2"), ("jade-soft", "amber-soft", "azure-soft", "cinnabar-soft")),
    *((state, f"{state}-soft") for state in ("jade", "amber", "azure", "cinnabar")),
    *product(("jade", "amber"), GROUNDS),
    ("on-cinnabar", "cinnabar"),
    ("on-cinnabar", "cinnabar-strong"),
    ("on-ink", "ink"),
    ("azure", "amber-soft"),
]
EDGES = [*product(("edge", "azure", "cinnabar"), GROUNDS), ("azure", "on-cinnabar"), ("amber", "amber-soft")]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def _block(selector: str, source: str = TOKENS) -> str:
    found = re.search(re.escape(selector) + r"\s*{([^{}]*)}", source)
    assert found, selector
    return found.group(1)


ORDINARY = _colours(_block(":root"))
FROM_SYSTEM = _colours(_block(":root", TOKENS[TOKENS.index("@media (prefers-contrast: more)") :]))
FROM_SWITCH = _colours(_block(':root[data-contrast="more"]'))


def _luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("word", "ground"), WORDS)
def test_words_stand_out_from_their_ground(word: str, ground: str) -> None:
    assert contrast(ORDINARY[word], ORDINARY[ground]) >= 4.5


@pytest.mark.parametrize(("word", "ground"), WORDS)
def test_words_stand_out_further_in_high_contrast(word: str, ground: str) -> None:
    colours = ORDINARY | FROM_SWITCH
    assert contrast(colours[word], colours[ground]) >= 7


@pytest.mark.parametrize("colours", [ORDINARY, ORDINARY | FROM_SWITCH], ids=["ordinary", "high"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_controls_have_edges_that_can_be_seen(colours: dict[str, str], edge: str, ground: str) -> None:
    assert contrast(colours[edge], colours[ground]) >= 3


def test_system_and_switch_give_the_same_high_contrast() -> None:
    assert FROM_SWITCH
    assert FROM_SYSTEM == FROM_SWITCH
