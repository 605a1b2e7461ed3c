"""`chizheng audit verify` and `chizheng audit export`."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import typer

from app.audit.anchor_file import ANCHORS, KEYS, AnchorFile, Lines, read_keys
from app.audit.export import export
from app.audit.findings import Verdict
from app.audit.verification import verify
from app.database import Database
from app.settings import Settings

_BAD_LOG = 1
_BAD_CALL = 2


def verify_command(
    settings: Settings,
    *,
    export_path: Path | None = None,
    anchors: Path | None = None,
    keys: Path | None = None,
    as_of: datetime | None = None,
) -> None:
    """Verify an export, or the database of the settings, against the anchors outside; say what was found.

    `anchors` is the folder of the anchor file or the file itself (the settings' folder where not given), `keys` the
    file of trusted public keys (beside the anchors where not given); `as_of` (local time where it has no zone) is
    the moment an older export was made. Exits 1 where the log does not verify, 2 where a file cannot be read.
    """
    file = anchors or settings.anchor_folder
    file = file / ANCHORS if file.is_dir() or anchors is None else file
    keys = keys or file.with_name(KEYS)
    try:
        # The file first, then the snapshot of the log: what stands outside by now is in the database already.
        outside = Lines(file) if file.exists() else None
        trusted = read_keys(Lines(keys)) if keys.exists() else {}
        lines = iter(Lines(export_path)) if export_path else _export(settings)
        moment = as_of.astimezone(UTC) if as_of else None
        verdict = verify(lines, outside, trusted, as_of=moment)
    except OSError as error:
        typer.echo(f"无法读取 / cannot read {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(_BAD_CALL) from None
    _say(verdict)
    if not verdict.ok:
        raise typer.Exit(_BAD_LOG)


def export_command(settings: Settings, *, output: Path | None = None) -> None:
    """Write the export of the log to `output`, which must not exist yet (None: to standard output).

    Exits 2 where the file cannot be written or is there already.
    """
    try:
        with output.open("x", encoding="utf-8", newline="\n") if output else nullcontext(sys.stdout) as file:
            for line in _export(settings):
                file.write(line + "\n")
    except OSError as error:
        typer.echo(f"无法写入 / cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(_BAD_CALL) from None
    if output:
        typer.echo(f"已导出 / exported: {output}", err=True)


def _export(settings: Settings) -> Iterator[str]:
    database = Database(settings.database_url)
    try:
        yield from export(database, AnchorFile(settings.anchor_folder).public_keys())
    finally:
        database.dispose()


def _say(verdict: Verdict) -> None:
    for lang in ("zh", "en"):
        typer.echo(verdict.sentence(lang), err=not verdict.ok)
    for gap in verdict.gaps:
        typer.echo(
            f"已说明的缺口 / explained gap: {gap.at}, 锚点 / anchor {gap.anchor_id}, "
            f"日志位置 / places {gap.lost_from}–{gap.lost_to}"
        )
