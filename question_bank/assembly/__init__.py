"""组卷: pool + blueprint + seed → forms, or the cells that fall short.

Exams are sealed with version cz3: parallel forms (`supply_of`, then `draw_parallel`) in which no content stands twice.
Kept so that exams sealed with them can be recomputed: cz2, parallel forms in which no stem stands twice (`PoolFacts`
tell the version), and cz1 (`draw`), forms dealt one by one.
"""

from question_bank.assembly.checker import Finding, check_forms
from question_bank.assembly.counter import COUNTER_VERSION
from question_bank.assembly.draw import DrawDifference, draw, verify_draw
from question_bank.assembly.facts import (
    DRAW_VERSION,
    NO_FACTS,
    DrawVersion,
    PoolFacts,
    facts_from_json,
    facts_to_json,
    snapshot_hash,
)
from question_bank.assembly.fairness import FairnessReport, fairness_to_json, report_fairness
from question_bank.assembly.feasibility import CellReport, feasibility
from question_bank.assembly.parallel import Drawn, draw_parallel, redraw_form
from question_bank.assembly.pool import PoolItem, pool_hash
from question_bank.assembly.relaxation import Easing, Relaxation, relaxations
from question_bank.assembly.reserve import TwoSets, draw_two_sets
from question_bank.assembly.stream import STREAM_VERSION, SeedStream, commit
from question_bank.assembly.supply import Supply, supply_of

__all__ = [
    "COUNTER_VERSION",
    "DRAW_VERSION",
    "NO_FACTS",
    "STREAM_VERSION",
    "CellReport",
    "DrawDifference",
    "DrawVersion",
    "Drawn",
    "Easing",
    "FairnessReport",
    "Finding",
    "PoolFacts",
    "PoolItem",
    "Relaxation",
    "SeedStream",
    "Supply",
    "TwoSets",
    "check_forms",
    "commit",
    "draw",
    "draw_parallel",
    "draw_two_sets",
    "facts_from_json",
    "facts_to_json",
    "fairness_to_json",
    "feasibility",
    "pool_hash",
    "redraw_form",
    "relaxations",
    "report_fairness",
    "snapshot_hash",
    "supply_of",
    "verify_draw",
]
