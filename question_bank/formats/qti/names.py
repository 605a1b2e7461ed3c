"""One set of names for four versions: `qti-choice-interaction` and `choiceInteraction` are the same here."""

import re
from collections.abc import Iterator

from lxml import etree

from question_bank.formats.secure_xml import local_name

NAMESPACES = {
    "http://www.imsglobal.org/xsd/imsqti_v2p0": "2.0",
    "http://www.imsglobal.org/xsd/imsqti_v2p1": "2.1",
    "http://www.imsglobal.org/xsd/imsqti_v2p2": "2.2",
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0": "3.0",
}
MATHML = "http://www.w3.org/1998/Math/MathML"

_HYPHEN = re.compile(r"-([a-z])")
_CAPITAL = re.compile(r"[A-Z]")


def version_of(root: etree._Element) -> str | None:
    """The version of QTI that an item, test or stimulus says it is written in; None for anything else."""
    return NAMESPACES.get(etree.QName(root).namespace or "")


def name_of(element: etree._Element) -> str:
    """The name as version 2 has it; HTML and MathML keep theirs."""
    name = local_name(element)
    if not name.startswith("qti-"):
        return name
    return _HYPHEN.sub(lambda found: found[1].upper(), name.removeprefix("qti-"))


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by its name of version 2; empty where it is not there."""
    value = element.get(name)
    if value is None:
        value = element.get(_CAPITAL.sub(lambda found: "-" + found[0].lower(), name))
    return (value or "").strip()


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """The children of this name, in order."""
    if element is not None:
        yield from (child for child in element if name_of(child) == name)


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of this name."""
    return next(children(element, name), None)


def descendants(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Every element below (and the element itself) that has one of the names, in document order."""
    if element is not None:
        yield from (one for one in element.iter() if name_of(one) in names)


def content_of(element: etree._Element) -> etree._Element:
    """The element that holds the text: version 3 puts it into a `qti-content-body`."""
    inner = child(element, "contentBody")
    return element if inner is None else inner
