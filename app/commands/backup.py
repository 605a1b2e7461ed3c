"""`chizheng backup`: made while the service goes on, restored into an empty place."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from app import backup
from app.audit.actions import AuditAction
from app.audit.record import record
from app.audit.sealing import anchor_now, explain_gap
from app.backup import Manifest
from app.commands.house import opened, settings
from app.commands.install import prepare
from app.operation import acting_as

group = typer.Typer(help="备份与恢复 / backup and restore", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """备份与恢复 / backup and restore."""


@group.command("make")
def make(
    folder: Annotated[Path, typer.Argument(help="存放备份的文件夹 / the folder in which backups are kept")],
) -> None:
    """备份数据库、数据文件夹和锚点；不含密钥 / back up database, data folder and anchors; the keys are not in it."""
    with opened() as house:
        newest = anchor_now(house).anchor
        made = backup.make(house.settings, house.database, folder, house.clock.now())
        digest = _digest(made)
        with acting_as(house, "backup") as op:
            after = {"file_hash": digest, "tree_size": newest.tree_size}
            record(op, AuditAction.BACKUP_MAKE, subject=("backup", made.name), after=after)
    print(f"已备份 / backed up: {made}")


@group.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(help="一份备份 / one backup")],
    cause: Annotated[str, typer.Option(help="恢复的原因，写入审计 / why; kept in the audit log")] = "restore",
) -> None:
    """恢复到空的数据库和空的数据文件夹 / restore into an empty database and an empty data folder."""
    chosen = settings()

    def explain(manifest: Manifest) -> None:
        with opened(chosen, migrated=False) as house:
            prepare(house)  # the backup may be of an earlier release
            explain_gap(house, cause=cause)
            with acting_as(house, "restore") as op:
                after = {"file_hash": _digest(folder)}
                record(op, AuditAction.BACKUP_RESTORE, subject=("backup", folder.name), after=after)
        print(f"备份于 / made at {manifest.made_at}, {manifest.version}")

    backup.restore(folder, chosen, explain_gap=explain)
    print(f"已恢复 / restored: {folder}")


def _digest(folder: Path) -> str:
    """SHA-256 (hex) of the manifest, which holds those of every file."""
    return hashlib.sha256((folder / backup.MANIFEST).read_bytes()).hexdigest()
