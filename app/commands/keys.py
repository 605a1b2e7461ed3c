"""`chizheng keys`: signing keys, and the field key."""

from typing import Annotated

import typer

from app.audit.actions import AuditAction
from app.audit.record import record
from app.commands.house import opened
from app.jobs.queue import enqueue, find
from app.jobs.rules import JobState
from app.jobs.worker import Worker
from app.operation import acting_as
from app.security import rewrapping
from app.security.fields import MasterKey
from app.security.signing_keys import KeyPurpose, Keyring
from app.wiring import WRAPPED

group = typer.Typer(help="密钥 / keys", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """密钥 / keys."""


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


@group.command("rewrap")
def rewrap() -> None:
    """改用新字段密钥：可中断后重来 / let the new field key take over; may be broken off and repeated.

    先将 CHIZHENG_FIELD_KEY 设为新密钥、CHIZHENG_FIELD_KEY_PREVIOUS 设为旧密钥，重启服务 / before it, set the new key
    and the old one as previous, and restart the service.
    """
    with opened() as house:
        with acting_as(house, "keys") as op:
            job_id = enqueue(op.db, kind=rewrapping.JOB, payload={}, now=op.now, dedupe_key=rewrapping.JOB)
        Worker(house.database, house.clock, {rewrapping.JOB: rewrapping.make_handler(house, WRAPPED)}).drain()
        with house.database.transaction(reading=True) as db:
            job = find(db, job_id)
            left = rewrapping.count_stale(db, house.tool(MasterKey), WRAPPED)
    if job.state is JobState.RUNNING:
        print("另一后台进程正在办理，可稍后再运行本命令查看 / another worker is at it; run this again later to see")
    elif job.error:
        print(f"{job.error['zh']} / {job.error['en']}")
    if left:
        print(f"仍有 {left} 项由旧密钥封装，旧密钥须保留 / {left} are held by older keys still: keep those keys")
        raise typer.Exit(1)
    print("全部由新密钥封装，可移除 CHIZHENG_FIELD_KEY_PREVIOUS / all are held by the new key; the previous may go")
