"""`chizheng db`: the schema."""

import typer

from app.commands.house import opened
from app.commands.install import prepare

group = typer.Typer(help="数据库结构 / the schema", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """数据库结构 / the schema."""


@group.command("migrate")
def migrate() -> None:
    """升级数据库：结构、审计触发器、签名密钥、工作日历 / bring schema, audit guard, keys and calendar up to date."""
    with opened(migrated=False) as house:
        prepare(house)
    print("数据库已是最新。/ The database is up to date.")
