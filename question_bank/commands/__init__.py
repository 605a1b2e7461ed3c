"""`question-bank` (or `python -m question_bank`): the rule book on the command line, without the service.

The one place in this package that opens files and prints. Exit codes: 0 all was done; 1 done, and something was
flagged that a person should look at; 2 refused, with a sentence that says what to do.
"""

import sys

import typer

from question_bank.commands.assemble import assemble
from question_bank.commands.convert import convert
from question_bank.commands.inspect import inspect
from question_bank.commands.optimise import optimise
from question_bank.commands.printing import print_bank
from question_bank.commands.score import score
from question_bank.commands.statistics import describe_responses
from question_bank.errors import ContentError

cli = typer.Typer(
    name="question-bank",
    help="题库工具，不需要数据库 / the question bank without the service and without a database",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command("inspect")(inspect)
cli.command("convert")(convert)
cli.command("assemble")(assemble)
cli.command("optimise")(optimise)
cli.command("score")(score)
cli.command("print")(print_bank)
cli.command("statistics")(describe_responses)


def main() -> None:
    """Run one command; a refusal is one clear line in both languages, never a traceback."""
    try:
        cli()
    except ContentError as error:
        sys.exit(_say(f"{error.zh} / {error.en}"))
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        sys.exit(_say(f"无法读写{place} / cannot read or write{place}: {error.strerror or error}"))


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 a command speaks by printing
    return 2
