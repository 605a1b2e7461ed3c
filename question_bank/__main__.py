"""`python -m question_bank`."""

from question_bank.commands import main

main()
