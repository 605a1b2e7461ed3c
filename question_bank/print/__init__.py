"""Paper, for the day the network fails and for those who have no network: forms, answer sheets, keys; PDF and Word."""

from question_bank.print.docx import write_papers
from question_bank.print.docx_sheet import write_answer_sheets
from question_bank.print.paper import Candidate, Copy, Heading, Paper
from question_bank.print.pdf import print_answer_sheets, print_keys, print_papers

__all__ = [
    "Candidate",
    "Copy",
    "Heading",
    "Paper",
    "print_answer_sheets",
    "print_keys",
    "print_papers",
    "write_answer_sheets",
    "write_papers",
]
