"""`chizheng demo`: a whole county to look at; `demo run` is what `make run` starts."""

import os
import shutil
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import typer

from app.accounts.service import print_codes
from app.clock import ManualClock, SystemClock
from app.commands.house import opened
from app.commands.install import prepare
from app.commands.secrets import with_secrets
from app.commands.service import refuse_lost_promises, run, take_port
from app.demo.settling import PASSWORD
from app.demo.showing import guests
from app.demo.story import load
from app.errors import Conflict
from app.main import make_house
from app.observability import logs
from app.operation import House, acting_as
from app.people.queries import unit_by_name
from app.settings import Settings

group = typer.Typer(help="演示县 / the demo county", no_args_is_help=True)
_CODES_SHOWN = 3


class NotEmpty(Conflict):
    """The demo comes into an empty database only."""

    code = "demo.not_empty"
    zh = "数据库中已有单位，演示数据只能装入空数据库。"
    en = "There are units in this database already; the demo is loaded into an empty one only."


class AnchorsAlone(Conflict):
    """Anchors of a log whose database is gone: a new log beside them could never agree with them."""

    code = "demo.anchors_alone"
    zh = "数据库不在，但审计锚点还在（{place}）。请恢复备份，或移走该文件夹后重试。"
    en = "The database is gone but anchors of its audit log remain ({place}). Restore a backup, or move them away."


@group.callback()
def _nouns() -> None:
    """演示县 / the demo county."""


@group.command("load")
def load_here() -> None:
    """将演示县装入当前配置的空数据库 / load the demo county into the configured, empty database."""
    chosen = Settings.from_environ(with_secrets(os.environ, make=True))
    with opened(chosen, migrated=False) as house:
        prepare(house)
    _play(chosen)


@group.command("run")
def run_here() -> None:
    """启动演示，首次装入演示县，之后保留数据 / start; the first time loads the county, later ones keep it."""
    chosen = _settings_for_run()
    refuse_lost_promises(chosen)
    with take_port(chosen) as listener:
        begun = time.monotonic()
        _bring_up_to_date(chosen)
        logs.configure("WARNING" if "CHIZHENG_LOG_LEVEL" not in os.environ else chosen.log_level)
        house = make_house(chosen)
        _show_log_ins(house, time.monotonic() - begun)
        run(house, listener)


def _settings_for_run() -> Settings:
    """SQLite and secrets below `var`, the worker inside the server; whatever the environment says comes first."""
    port = os.environ.get("CHIZHENG_PORT", "8000")
    wanted = {
        "CHIZHENG_WORKER_INSIDE": "true",
        "CHIZHENG_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        **os.environ,
    }
    return Settings.from_environ(with_secrets(wanted, make=True))


def _bring_up_to_date(chosen: Settings) -> None:
    """A database with the demo county in it. A first load that was interrupted leaves nothing behind: SQLite is loaded
    beside its place and moved there when it is whole."""
    database = Path(chosen.database_url.removeprefix("sqlite:///"))
    if not chosen.database_url.startswith("sqlite:///") or database.exists():
        with opened(chosen, migrated=False) as house:
            prepare(house)
            with house.database.transaction(reading=True) as db:
                loaded = unit_by_name(db, chosen.county) is not None
        if not loaded:
            _play(chosen)
        return
    if chosen.anchor_folder.exists():
        raise AnchorsAlone(place=chosen.anchor_folder)
    beside = chosen.data_folder / "loading"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    staged = chosen.model_copy(
        update={"database_url": f"sqlite:///{beside / database.name}", "anchor_folder": beside / "anchors"}
    )
    with opened(staged, migrated=False) as house:
        prepare(house)
    _play(staged)
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(beside / "anchors", chosen.anchor_folder)
    (beside / database.name).rename(database)
    shutil.rmtree(beside)


def _play(chosen: Settings) -> None:
    """Load the county under a clock of its own, telling what is being done."""
    now = SystemClock().now()
    begun = time.monotonic()
    clock = ManualClock(now)
    print("首次启动，正在装入演示县，约需一分钟 / First start: loading the demo county, about a minute", flush=True)

    def told(chapter: str) -> None:
        print(f"  {time.monotonic() - begun:5.1f} s  {chapter}", flush=True)

    with opened(chosen, clock=clock) as house:
        with house.database.transaction(reading=True) as db:
            if unit_by_name(db, chosen.county) is not None:
                raise NotEmpty
        load(house, clock, now=now, told=told)
    told("完成 / done")


def _show_log_ins(house: House, seconds: float) -> None:
    """Print where the service is, and a log-in for each role with codes that are new at every start."""
    with acting_as(house, "demo") as op:
        rows = [
            (
                f"{guest.zh} / {guest.en}",
                guest.login,
                PASSWORD,
                "  ".join(print_codes(op, guest.account_id)[:_CODES_SHOWN]) if guest.staff else "—",
            )
            for guest in guests(op)
        ]
    heads = ("角色 / role", "登录名 / login", "密码 / password", "一次性验证码，每个只能用一次 / one-time codes")
    print(f"\n持证 Chizheng：{house.settings.public_base_url}  （{seconds:.0f} s）\n")
    print("\n".join(aligned([heads, *rows])))
    print("\n停止：Ctrl+C。数据保存在 var 文件夹。/ Stop with Ctrl+C. The data stay in the folder var.\n", flush=True)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines whose columns begin at the same place on a terminal, where a Chinese character is two wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
