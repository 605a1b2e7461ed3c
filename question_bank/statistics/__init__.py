"""What the responses say about the items: classical item analysis, reliability, and item response theory.

Floats are at home here: these are estimates about items, never anybody's points.
"""

from question_bank.statistics.classical import analyse, analyse_choices
from question_bank.statistics.latent import fit
from question_bank.statistics.matrix import MarkMatrix
from question_bank.statistics.quiz import describe_quiz
from question_bank.statistics.table import read_table

__all__ = ["MarkMatrix", "analyse", "analyse_choices", "describe_quiz", "fit", "read_table"]
