"""Elements of QTI in the names of either version: written once in those of 2.1, and so in 3.0."""

import re
from collections.abc import Callable, Mapping
from typing import cast

from lxml import etree
from lxml.html import fragment_fromstring

from question_bank.formats.qti.names import MATHML, NAMESPACES

_NAMESPACE = {version: namespace for namespace, version in NAMESPACES.items()}
_CAPITAL = re.compile(r"[A-Z]")
_HTML = frozenset(["p", "div", "span", "br", "strong", "code", "img", "table", "thead", "tbody", "tr", "th", "td"])
_BLOCKS = frozenset(["p", "div", "table"])
_BLANK_SIGN = "\ue0f1"


def prefixes(namespace: str, **others: str) -> Mapping[str, str]:
    """The namespaces of an element: one without a prefix, others with theirs."""
    # None is what lxml takes for "no prefix"; its published types do not know that.
    return cast("Mapping[str, str]", {None: namespace, **others})


class Maker:
    """Makes elements of one version, "2.1" or "3.0"."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.is_third = version == "3.0"
        self.namespace = _NAMESPACE[version]

    def element(self, name: str, /, *children: "etree._Element | str", **attributes: str) -> etree._Element:
        """An element of QTI by its name in version 2.1; a text among the children stands where it stands."""
        if self.is_third and name not in _HTML:
            name = "qti-" + self._hyphenated(name)
        made = etree.Element(etree.QName(self.namespace, name), nsmap=prefixes(self.namespace))
        for key, value in attributes.items():
            made.set(self._hyphenated(key) if self.is_third else key, value)
        for child in children:
            if isinstance(child, str):
                append_text(made, child)
            else:
                made.append(child)
        return made

    @staticmethod
    def _hyphenated(name: str) -> str:
        return _CAPITAL.sub(lambda found: "-" + found[0].lower(), name)

    def flow(self, html: str, *, blank: Callable[[], etree._Element] | None = None) -> list[etree._Element]:
        """Blocks that say what the HTML says; text that stands in no block comes in one of its own.

        `blank` makes what stands at each sign of a blank (see `mark_blanks`).
        """
        root = self.inline(html, self.element("div"), blank=blank)
        if len(root) and not (root.text or "").strip() and all(self._is_block(child) for child in root):
            return list(root)
        root.tag = str(etree.QName(self.namespace, "p"))
        return [root]

    def inline(
        self, html: str, into: etree._Element, *, blank: Callable[[], etree._Element] | None = None
    ) -> etree._Element:
        """`into`, with what the HTML says inside it."""
        parsed = fragment_fromstring(html, create_parent="div") if html else etree.Element("div")
        self._copy(parsed, into, blank)
        return into

    def _is_block(self, element: etree._Element) -> bool:
        return etree.QName(element).localname in _BLOCKS and not (element.tail or "").strip()

    def _copy(self, source: etree._Element, into: etree._Element, blank: Callable[[], etree._Element] | None) -> None:
        self._text(into, source.text, blank)
        for child in source:
            name = str(child.tag)
            in_math = name == "math" or etree.QName(into).namespace == MATHML
            namespace = MATHML if in_math else self.namespace
            made = etree.SubElement(into, etree.QName(namespace, name), nsmap=prefixes(namespace))
            for key, value in child.attrib.items():
                if (in_math and key != "xmlns") or name == "img":
                    made.set(str(key), str(value))
            self._copy(child, made, blank)
            self._text(into, child.tail, blank)

    @staticmethod
    def _text(into: etree._Element, text: str | None, blank: Callable[[], etree._Element] | None) -> None:
        pieces = (text or "").split(_BLANK_SIGN)
        append_text(into, pieces[0])
        for piece in pieces[1:]:
            if blank is not None:
                into.append(blank())
            append_text(into, piece)


def append_text(element: etree._Element, text: str) -> None:
    """Put text behind all that the element holds."""
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def mark_blanks(pieces: list[str]) -> str:
    """The pieces around blanks, joined by a sign that no text holds; a piece that holds it loses it."""
    return _BLANK_SIGN.join(piece.replace(_BLANK_SIGN, "") for piece in pieces)
