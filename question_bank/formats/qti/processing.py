"""Response processing of QTI: from a response to SCORE, exactly.

The templates match_correct and map_response, and the rules and expressions that items in use write out themselves.
What is not interpreted raises `NotInterpreted` with its name: a score is never guessed.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import TypeAlias

from lxml import etree

from question_bank.formats.qti.declarations import Declaration, Declarations
from question_bank.formats.qti.expressions import Evaluation, NotInterpreted, Value, as_number
from question_bank.formats.qti.names import attribute, child, name_of

Response: TypeAlias = Mapping[str, list[str]]

_MATCH = "match_correct"
_MAP = "map_response"


class _Exit(Exception):
    """`exitResponse` was met."""


def score_item(
    declarations: Declarations, processing: etree._Element | None, response: Response, *, outcome: str = "SCORE"
) -> Fraction:
    """What the outcome is after the item's own processing. Raises `NotInterpreted`.

    `response` gives the values of each response variable; one that is missing or empty was not answered. A value
    of a record, a file or a random number cannot be interpreted.
    """
    run = _Run(declarations, response)
    if processing is None:
        raise NotInterpreted("responseProcessing")
    template = attribute(processing, "template") or attribute(processing, "templateLocation")
    if template:
        run.apply_template(template)
    else:
        with suppress(_Exit):
            run.apply(processing)
    value = run.evaluation.variables.get(outcome)
    return Fraction(0) if value is None else as_number(value)


class _Run:
    def __init__(self, declarations: Declarations, response: Response) -> None:
        self._declarations = declarations
        variables: dict[str, Value | None] = {}
        for identifier, declaration in declarations.responses.items():
            variables[identifier] = _held(declaration, [value for value in response.get(identifier, []) if value != ""])
        for identifier, declaration in declarations.outcomes.items():
            variables[identifier] = _initial(declaration)
        self.evaluation = Evaluation(declarations, variables)

    def apply_template(self, template: str) -> None:
        name = template.rstrip("/").rsplit("/", 1)[-1].removesuffix(".xml").lower()
        declaration = self._declarations.responses.get("RESPONSE")
        if name not in (_MATCH, _MAP) or declaration is None:
            raise NotInterpreted(name[:60])
        if name == _MATCH:
            score = Fraction(self.evaluation.matches_correct("RESPONSE"))
        else:
            score = self.evaluation.map_response("RESPONSE")
        self.evaluation.variables["SCORE"] = score

    def apply(self, rules: Iterable[etree._Element]) -> None:
        """Carry out the rules in turn."""
        for rule in rules:
            name = name_of(rule)
            if name in ("responseCondition", "responseProcessingFragment"):
                self._choose(rule)
            elif name == "setOutcomeValue":
                self.evaluation.variables[attribute(rule, "identifier")] = self.evaluation.value(_only(rule))
            elif name == "lookupOutcomeValue":
                self._look_up(rule)
            elif name == "exitResponse":
                raise _Exit
            elif name:
                raise NotInterpreted(name)

    def _choose(self, condition: etree._Element) -> None:
        if name_of(condition) == "responseProcessingFragment":
            self.apply(condition)
            return
        for branch in condition:
            if name_of(branch) == "responseElse":
                self.apply(branch)
                return
            if name_of(branch) not in ("responseIf", "responseElseIf") or not len(branch):
                raise NotInterpreted(name_of(branch))
            if self.evaluation.truth(branch[0]):
                self.apply(list(branch)[1:])
                return

    def _look_up(self, rule: etree._Element) -> None:
        declaration = self._declarations.outcomes.get(attribute(rule, "identifier"))
        if declaration is None or not declaration.table:
            raise NotInterpreted("lookupOutcomeValue")
        source = as_number(self.evaluation.value(_only(rule)) or Fraction(0))
        for threshold, target in declaration.table:
            if source == threshold or (declaration.interpolates and source >= threshold):
                self.evaluation.variables[declaration.identifier] = [target]
                return


def _only(rule: etree._Element) -> etree._Element:
    if len(rule) != 1:
        raise NotInterpreted(name_of(rule))
    return rule[0]


def _held(declaration: Declaration, values: list[str]) -> Value | None:
    if not values:
        return None
    return values[:1] if declaration.cardinality == "single" else values


def _initial(declaration: Declaration) -> Value | None:
    if declaration.default:
        return list(declaration.default)
    # A number that no default is given for begins at 0.
    return Fraction(0) if declaration.base_type in ("float", "integer") else None


def processing_of(item: etree._Element) -> etree._Element | None:
    """The processing of an item, None where it has none or an empty one."""
    found = child(item, "responseProcessing")
    if found is None or (not attribute(found, "template") and not len(found)):
        return None
    return found
