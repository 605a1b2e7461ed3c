"""How the commands speak: JSON and plain lines to standard output, progress to a terminal only."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import typer

Thing = TypeVar("Thing")


def say_json(value: Mapping[str, Any]) -> None:
    """One JSON document, readable, with Chinese as it is; NaN and infinity cannot occur in it."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def with_progress(things: Sequence[Thing]) -> Iterator[Thing]:
    """The things one by one, with done / total on standard error where that is a terminal; silent in a pipe."""
    shown = sys.stderr.isatty() and len(things) > 1
    for done, thing in enumerate(things):
        if shown:
            typer.echo(f"\r{done}/{len(things)}", err=True, nl=False)
        yield thing
    if shown:
        typer.echo(f"\r{len(things)}/{len(things)}", err=True)
