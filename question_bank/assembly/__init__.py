"""组卷: pool + blueprint + seed → forms, or the cells that fall short."""

from question_bank.assembly.draw import DrawDifference, draw, verify_draw
from question_bank.assembly.feasibility import CellReport, feasibility
from question_bank.assembly.pool import PoolItem, pool_hash
from question_bank.assembly.stream import STREAM_VERSION, SeedStream, commit

__all__ = [
    "STREAM_VERSION",
    "CellReport",
    "DrawDifference",
    "PoolItem",
    "SeedStream",
    "commit",
    "draw",
    "feasibility",
    "pool_hash",
    "verify_draw",
]
