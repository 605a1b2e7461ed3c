"""`chizheng audit verify` and `chizheng audit export`."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from os import getuid
from pathlib import Path
from pwd import getpwuid
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from app.audit.actions import AuditAction
from app.audit.anchor_file import ANCHORS, KEYS, AnchorFile, Lines, read_keys
from app.audit.export import Exported, export
from app.audit.findings import Verdict
from app.audit.record import record
from app.audit.verification import verify
from app.clock import SystemClock
from app.commands.house import settings as settings_here
from app.database import Database
from app.errors import Unavailable
from app.operation import House, acting_as
from app.settings import Settings

_BAD_LOG = 1
_BAD_CALL = 2

group = typer.Typer(help="审计日志 / the audit log", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """审计日志 / the audit log."""


@group.command("verify")
def verify_here(
    export_path: Annotated[
        Path | None,
        typer.Option("--export", help="导出文件；缺省为当前数据库 / an export; the database where left out"),
    ] = None,
    anchors: Annotated[
        Path | None, typer.Option(help="锚点文件或其文件夹 / the file of anchors, or its folder")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="可信公钥文件 / the file of trusted public keys")] = None,
    as_of: Annotated[datetime | None, typer.Option(help="旧导出的制作时间 / when an older export was made")] = None,
) -> None:
    """对照外部锚点验证审计日志 / verify the log against the anchors outside."""
    verify_command(settings_here(), export_path=export_path, anchors=anchors, keys=keys, as_of=as_of)


@group.command("export")
def export_here(
    output: Annotated[
        Path | None, typer.Option(help="新文件；缺省为标准输出 / a new file; standard output where left out")
    ] = None,
) -> None:
    """导出审计日志，无需本系统即可验证 / export the log; it can be verified without this service."""
    export_command(settings_here(), output=output)


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
    """Write the export of the log to `output`, which must not exist yet (None: to standard output), and record who had
    it: also where it was broken off, for what was given out by then. Where the database only reads (a standby, a copy)
    the export is made all the same, and that nothing was recorded is said on standard error.

    Exits 2 where the file cannot be written or is there already.
    """
    exported = Exported()
    try:
        with output.open("x", encoding="utf-8", newline="\n") if output else nullcontext(sys.stdout) as file:
            for line in _export(settings, exported):
                file.write(line + "\n")
    except OSError as error:
        typer.echo(f"无法写入 / cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(_BAD_CALL) from None
    finally:
        if exported.records:
            _record_export(settings, exported)
    if output:
        typer.echo(f"已导出 / exported: {output}", err=True)


def _export(settings: Settings, exported: Exported | None = None) -> Iterator[str]:
    database = Database(settings.database_url)
    try:
        yield from export(database, AnchorFile(settings.anchor_folder).public_keys(), exported)
    finally:
        database.dispose()


def _record_export(settings: Settings, exported: Exported) -> None:
    database = Database(settings.database_url)
    try:
        with acting_as(House(settings, database, SystemClock()), "audit export") as op:
            after = {"operator": _operator(), **asdict(exported)}
            record(op, AuditAction.AUDIT_EXPORT, subject=("log", exported.last_record), after=after)
    except (Unavailable, DBAPIError):
        typer.echo(
            "警告：数据库不可写，此次导出未记入审计日志 / "
            "warning: the database cannot be written, so this export is not recorded in the log",
            err=True,
        )
    finally:
        database.dispose()


def _operator() -> str:
    """The operating system's name of whoever runs the command; its number where it has no name there."""
    try:
        return getpwuid(getuid()).pw_name
    except KeyError:
        return f"uid {getuid()}"


def _say(verdict: Verdict) -> None:
    for lang in ("zh", "en"):
        typer.echo(verdict.sentence(lang), err=not verdict.ok)
    for gap in verdict.gaps:
        typer.echo(
            f"已说明的缺口 / explained gap: {gap.at}, 锚点 / anchor {gap.anchor_id}, "
            f"日志位置 / places {gap.lost_from}–{gap.lost_to}"
        )
