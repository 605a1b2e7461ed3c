"""The body of a QTI item as HTML, with its interactions taken out: blanks where they stood in a line."""

from collections.abc import Callable
from html import escape

from lxml import etree

from question_bank.formats.notes import Notes
from question_bank.formats.qti.names import attribute, name_of
from question_bank.formats.secure_xml import text_of

BLANK = "_____"

INLINE = frozenset(["textEntryInteraction", "inlineChoiceInteraction"])
_KEPT_ATTRIBUTES = frozenset(["src", "alt", "href", "style", "colspan", "rowspan", "display", "encoding"])
_NAMED: dict[str, tuple[str, str]] = {
    "feedbackBlock": ("反馈块", "feedback block"),
    "feedbackInline": ("行内反馈", "inline feedback"),
    "templateBlock": ("随模板变化的内容", "template block"),
    "templateInline": ("随模板变化的内容", "template block"),
    "printedVariable": ("变量显示", "printed variable"),
    "infoControl": ("展开说明", "info control"),
    "endAttemptInteraction": ("提示按钮", "end-attempt button"),
}
_VOID = frozenset(["br", "img", "hr", "col", "source"])
_SILENT = frozenset(["stylesheet", "rubricBlock", "companionMaterialsInfo", "gapText", "gapImg"])


class HypertextWriter:
    """Writes elements as HTML. `blank(element)` says what stands for an inline interaction or a gap."""

    def __init__(self, notes: Notes, blank: Callable[[etree._Element], str], *, with_prompts: bool) -> None:
        self._notes = notes
        self._blank = blank
        self._with_prompts = with_prompts

    def write(self, element: etree._Element) -> str:
        """What stands inside the element."""
        made = [escape(element.text or "", quote=False)]
        for child in element:
            made += [self._element(child), escape(child.tail or "", quote=False)]
        return "".join(made)

    def _element(self, element: etree._Element) -> str:
        name = name_of(element)
        if name in _NAMED:
            self._notes.lose(*_NAMED[name])
            return ""
        if not name or name in _SILENT:
            return ""
        for belongs, make in (
            (name in INLINE or name == "gap", lambda one: escape(self._blank(one), quote=False)),
            (name == "gapMatchInteraction", lambda one: f"<div>{self.write(one)}</div>"),
            (name.endswith("Interaction"), self._prompt),
            (name == "prompt", self._prompt_text),
            (name == "object" and attribute(element, "type").startswith("image/"), _image),
        ):
            if belongs:
                return make(element)
        attributes = "".join(
            f' {key}="{escape(element.get(key) or "")}"' for key in _KEPT_ATTRIBUTES if element.get(key) is not None
        )
        return f"<{name}{attributes}>" + ("" if name in _VOID else f"{self.write(element)}</{name}>")

    def _prompt(self, interaction: etree._Element) -> str:
        prompts = [one for one in interaction if name_of(one) == "prompt"]
        return "".join(self._prompt_text(one) for one in prompts)

    def _prompt_text(self, prompt: etree._Element) -> str:
        return f"<p>{self.write(prompt)}</p>" if self._with_prompts else ""


def _image(element: etree._Element) -> str:
    return f'<img src="{escape(attribute(element, "data"))}" alt="{escape(text_of(element))}">'
