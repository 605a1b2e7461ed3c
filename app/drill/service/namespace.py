"""The place of a drill: a database of its own on the very server (PostgreSQL), or in the very folder (SQLite), that the
deployment uses, with keys of its own. Nothing of it outlives the drill; what a crash left is found by its name."""

import base64
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import URL, make_url

from app.backup import SCRATCH
from app.database import driver_arguments
from app.drill.rehearsal.serving import HOST
from app.drill.rules import PlaceRefused
from app.settings import Settings

_MARK_BYTES = 4
_LONGEST_NAME = 40
"""Of the database's own name, so that PostgreSQL cuts nothing of ours off."""


@contextmanager
def own_place(settings: Settings) -> Iterator[Settings]:
    """Make a place for one drill and lend the settings under which the service runs there; it is gone afterwards.

    They are those of the deployment but for the addresses, the keys and the folders. Raises PlaceRefused where the
    account may not create a database.
    """
    mark = secrets.token_hex(_MARK_BYTES)
    folder = _home(settings) / f"{SCRATCH}{mark}"
    folder.mkdir(mode=0o700, parents=True)
    url = _place_of(settings, mark, folder)
    try:
        if url.get_backend_name() == "postgresql":
            _create(make_url(settings.database_url), str(url.database))
        yield settings.model_copy(
            update={
                "database_url": url.render_as_string(hide_password=False),
                "database_pooler_url": "",
                "data_folder": folder / "data",
                "anchor_folder": folder / "anchors",
                "secret_key": SecretStr(secrets.token_hex(32)),
                "field_key": SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),
                "field_key_previous": SecretStr(""),
                "sms_url": "",
                "sms_token": SecretStr(""),
                "host": HOST,
                "public_base_url": f"http://{HOST}",
                "allow_plain_http": True,
                "trusted_proxies": (HOST,),
                "drill": True,
            }
        )
    finally:
        _remove(settings, mark)


def leftovers(settings: Settings) -> set[str]:
    """The marks of every place that drills of this deployment have left, that of a drill under way among them."""
    marks = {path.name.removeprefix(SCRATCH) for path in _home(settings).glob(f"{SCRATCH}*") if path.is_dir()}
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        with closing(psycopg.connect(**driver_arguments(url), autocommit=True)) as connection:
            names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
        own = re.compile(re.escape(_begin(url)) + "([0-9a-f]{8})")
        marks |= {found[1] for found in map(own.fullmatch, names) if found}
    return marks


def remove(settings: Settings, marks: Collection[str]) -> None:
    """Remove the places of these marks."""
    for mark in marks:
        _remove(settings, mark)


def _home(settings: Settings) -> Path:
    """Where the folder of a drill stands: on the disk of the database where that is a file, else with the data."""
    url = make_url(settings.database_url)
    return Path(str(url.database)).parent if url.get_backend_name() == "sqlite" else settings.data_folder


def _place_of(settings: Settings, mark: str, folder: Path) -> URL:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(database=str(folder / "drill.db"))
    return url.set(database=_begin(url) + mark)


def _begin(url: URL) -> str:
    return f"{str(url.database)[:_LONGEST_NAME]}_drill_"


def _create(url: URL, name: str) -> None:
    with closing(psycopg.connect(**driver_arguments(url), autocommit=True)) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise PlaceRefused from None


def _remove(settings: Settings, mark: str) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        with closing(psycopg.connect(**driver_arguments(url), autocommit=True)) as connection:
            name = sql.Identifier(_begin(url) + mark)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    shutil.rmtree(_home(settings) / f"{SCRATCH}{mark}", ignore_errors=True)
