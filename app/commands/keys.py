"""`chizheng keys`: signing keys."""

from typing import Annotated

import typer

from app.audit.actions import AuditAction
from app.audit.record import record
from app.commands.house import opened
from app.operation import acting_as
from app.security.signing_keys import KeyPurpose, Keyring

group = typer.Typer(help="签名密钥 / signing keys", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """签名密钥 / signing keys."""


@group.command("rotate")
def rotate(
    purpose: Annotated[
        KeyPurpose | None, typer.Option(help="仅此用途；缺省为全部 / this purpose only; all where left out")
    ] = None,
) -> None:
    """换发签名密钥；旧密钥仍可验证此前的签名 / make new signing keys; what the old ones signed stays verifiable."""
    with opened() as house, acting_as(house, "keys") as op:
        for each in [purpose] if purpose else list(KeyPurpose):
            kid = house.tool(Keyring).rotate(op.db, each, now=op.now)
            record(op, AuditAction.KEY_ROTATE, subject=("key", kid), after={"purpose": each.value, "key_id": kid})
            print(f"{each.value}: {kid}")
