"""`chizheng config`: what is in force."""

import typer

from app.commands.house import settings
from app.settings import PREFIX

group = typer.Typer(help="配置 / settings", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """配置 / settings."""


@group.command("check")
def check() -> None:
    """检查并列出生效的配置，密钥不显示 / check and list the settings in force, secrets hidden."""
    for name, value in settings().shown().items():
        print(f"{PREFIX}{name.upper()}={value}")
