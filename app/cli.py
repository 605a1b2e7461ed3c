"""The command line, noun and verb: `chizheng db migrate`, `chizheng audit verify`. `serve` and `worker` run it.

Exit codes: 0 done, 1 checked and found wanting, 2 wrong use or a refusal that says what to do.
"""

import os
import sys

import typer
from sqlalchemy.exc import DBAPIError

from app.commands import (
    account,
    audit,
    backup,
    bank,
    certificate,
    config,
    database,
    demo,
    drill,
    exam,
    keys,
    people,
    service,
)
from app.errors import AppError, Invalid
from app.settings import SettingsError
from question_bank.errors import ContentError

cli = typer.Typer(
    name="chizheng",
    help="持证 Chizheng：党务工作者资格考试、审查与证书 / exams, clearance and certificates of party-affairs workers",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command("serve")(service.serve)
cli.command("worker")(service.work)
cli.command("drill")(drill.drill)
for name, group in (
    ("account", account.group),
    ("audit", audit.group),
    ("backup", backup.group),
    ("bank", bank.group),
    ("certificate", certificate.group),
    ("config", config.group),
    ("db", database.group),
    ("demo", demo.group),
    ("exam", exam.group),
    ("keys", keys.group),
    ("people", people.group),
):
    cli.add_typer(group, name=name)


def main() -> None:
    """Run one command; a refusal is one clear line in both languages, never a traceback. What it writes, the database
    with its names and hashes first of all, is for the account alone that runs it."""
    os.umask(0o077)
    try:
        cli()
    except SettingsError as error:
        sys.exit(_say(str(error)))
    except AppError as error:
        sys.exit(_say(_told(error)))
    except ContentError as error:
        sys.exit(_say(f"{error.zh} / {error.en}"))
    except DBAPIError as error:
        sys.exit(
            _say(f"数据库无法使用，请检查 CHIZHENG_DATABASE_URL / the database cannot be used: {_first(error.orig)}")
        )
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        sys.exit(_say(f"无法读写{place} / cannot read or write{place}: {error.strerror or error}"))


def _told(error: AppError) -> str:
    """The sentence, with what each field has wrong, and nothing twice: a refusal may say the same at its field."""
    fields = error.fields if isinstance(error, Invalid) else ()
    zh = dict.fromkeys([error.sentence("zh"), *(f.zh for f in fields)])
    en = dict.fromkeys([error.sentence("en"), *(f.en for f in fields)])
    return f"{' '.join(zh)} / {' '.join(en)}"


def _first(error: BaseException | None) -> str:
    """The first line of what a driver says; what follows it are hints over several lines."""
    return str(error).strip().split("\n", 1)[0]


def _say(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
