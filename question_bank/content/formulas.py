"""Formulas: LaTeX read once, on the server, to MathML that pages show and print draws.

The reader's own serialiser writes text in without escaping it and passes links and styles through, so its tree is
taken instead, judged against a list of what MathML Core knows, and written out here.
"""

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element, tostring

LONGEST_FORMULA = 2_000
DEEPEST_FORMULA = 60

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"

_CHILDREN: dict[str, int | None] = {
    "mrow": None,
    "mi": 0,
    "mn": 0,
    "mo": 0,
    "mtext": 0,
    "mspace": 0,
    "mstyle": None,
    "mpadded": None,
    "mphantom": None,
    "menclose": None,
    "msqrt": None,
    "mtable": None,
    "mtr": None,
    "mtd": None,
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "mover": 2,
    "munder": 2,
    "msubsup": 3,
    "munderover": 3,
}
"""Element → how many children it has; None for any number."""

TAGS = frozenset({"math", *_CHILDREN})
_LENGTHS = frozenset({"width", "height", "lspace", "rspace", "columnspacing", "rowspacing", "linethickness"})
_WORDS = frozenset(
    {
        "accent",
        "columnalign",
        "displaystyle",
        "fence",
        "form",
        "largeop",
        "mathcolor",
        "mathvariant",
        "movablelimits",
        "notation",
        "scriptlevel",
        "separator",
        "stretchy",
    }
)
ATTRIBUTES = _LENGTHS | _WORDS
_A_LENGTH = re.compile(r"-?[0-2]?(?:\.[0-9]{1,4})?(?:em|ex|pt)?")
_A_WORD = re.compile(r"[#a-zA-Z0-9 -]{1,40}")
_UNREAD = re.compile(r"\\[A-Za-z]|\\$")


@lru_cache(maxsize=2048)
def mathml(latex: str, *, display: bool) -> str | None:
    """The formula as a `math` element, its source kept as the text that is read out; None if it cannot be read.

    Refused are unknown commands, missing arguments and braces, links, styles, and what is longer than
    `LONGEST_FORMULA` characters or deeper than `DEEPEST_FORMULA` levels.
    """
    if len(latex) > LONGEST_FORMULA or _depth(latex) > DEEPEST_FORMULA:
        return None
    tree = _read(latex)
    if tree is None:
        return None
    math = Element("math", {"xmlns": _NAMESPACE, "display": "block" if display else "inline"})
    for child in tree:
        kept = _keep(child)
        if kept is None:
            return None
        math.append(kept)
    return tostring(math, encoding="unicode", short_empty_elements=False)


def _read(latex: str) -> Element | None:
    from latex2mathml.converter import convert_to_element

    try:
        return convert_to_element(latex)
    except Exception:  # noqa: BLE001 - a dozen of its own errors, IndexError and KeyError: each says "cannot be read"
        return None


def _depth(latex: str) -> int:
    """How deep a reader may have to go: braces and commands that take arguments, counted together and too high."""
    deepest = depth = 0
    for mark in re.finditer(r"[{}]|\\(?:left|right|begin|end|sqrt|[dt]?frac)\b", latex):
        depth += {"}": -1, r"\right": -1, r"\end": -1}.get(mark[0], 1)
        deepest = max(deepest, depth)
    return deepest


def _keep(element: Element) -> Element | None:
    """The element with what is allowed of it; None where it holds what is not."""
    if element.tag not in _CHILDREN:
        return None
    wanted = _CHILDREN[element.tag]
    children = list(element)
    if wanted is not None and len(children) != wanted:
        return None
    text = html.unescape(element.text or "")
    if _UNREAD.search(text) and element.tag != "mtext":
        return None
    kept = Element(element.tag, {name: value for name, value in element.attrib.items() if _is_allowed(name, value)})
    if not element.attrib.keys() <= ATTRIBUTES | {"minsize", "maxsize", "mathsize", "linebreak", "columnlines"}:
        return None
    kept.text = text or None
    for child in children:
        within = _keep(child)
        if within is None:
            return None
        kept.append(within)
    return kept


def _is_allowed(name: str, value: str) -> bool:
    if name in _LENGTHS:
        return bool(_A_LENGTH.fullmatch(value))
    return name in _WORDS and bool(_A_WORD.fullmatch(value))
