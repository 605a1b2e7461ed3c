"""`chizheng certificate verify` and `chizheng certificate rebuild`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.audit.anchor_file import Lines
from app.certificates import credential, queries
from app.certificates.credential import Credential, CredentialRefused, Issuer
from app.certificates.rebuild import LogUnsound, valid_at
from app.certificates.rules import Standing, last_valid_day, standing_of
from app.certificates.service.issuing import issuer_of
from app.certificates.service.papers import LEVEL_NAMES
from app.certificates.service.verifying import match
from app.commands.house import opened, settings
from app.operation import House
from app.people.queries import person_name
from app.security.key_pairs import KeyRefused, PublicKey
from app.security.signing_keys import KeyPurpose, Keyring
from app.shapes import LOCAL

group = typer.Typer(
    help="证书：核验、从审计日志重建 / certificates: check, rebuild from the audit log", no_args_is_help=True
)
_BAD = 1
_WRONG_USE = 2
_STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.ACTIVE: ("有效", "valid"),
    Standing.SUSPENDED: ("暂停", "suspended"),
    Standing.EXPIRED: ("到期", "expired"),
    Standing.SUPERSEDED: ("被替代", "superseded"),
    Standing.CANCELLED: ("注销", "cancelled"),
    Standing.REVOKED: ("撤销", "revoked"),
    Standing.RETIRED: ("退出", "retired"),
}


@group.command("verify")
def verify(
    what: Annotated[str, typer.Argument(help="电子凭证文件，或证书编号 / a credential file, or a certificate number")],
    code: Annotated[str, typer.Argument(help="校验码（随编号） / the check code, with a number")] = "",
    jwks: Annotated[
        Path | None, typer.Option(help="公钥文件，离线核验时用 / a JWK Set, to check without the service")
    ] = None,
) -> None:
    """核验电子凭证文件，或编号与校验码 / check a credential file, or a number with its check code."""
    if code:
        with opened() as house:
            _verify_number(house, what, code)
        return
    token = _read(Path(what))
    if jwks is not None:
        found = _check(token, issuer_of(settings()), _keys_of(jwks))
        _say_credential(found)
        typer.echo("状态列表须联网查询 / its status lists have to be asked for online")
        return
    with opened() as house, house.database.transaction(reading=True) as db:
        find = house.tool(Keyring).finder(db, KeyPurpose.CREDENTIAL)
        found = _check(token, issuer_of(house.settings), find)
        certificate = queries.certificate_by_number(db, found.certificate_number)
        _say_credential(found)
        if certificate is None:
            typer.echo("查无此证书编号 / there is no certificate with this number", err=True)
            raise typer.Exit(_BAD)
        _say_standing(standing_of(certificate.state, valid_until=certificate.valid_until, now=house.clock.now()))


@group.command("rebuild")
def rebuild(
    export: Annotated[Path, typer.Argument(help="审计导出文件 / an export of the audit log")],
    at: Annotated[
        datetime | None, typer.Option("--at", help="时刻，默认现在 / the moment; now where not given")
    ] = None,
) -> None:
    """只凭审计导出重建某一时刻的有效证书 / the certificates valid at a moment, from an audit export alone (P31)."""
    moment = datetime.now(UTC) if at is None else (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC)
    try:
        valid = valid_at(Lines(export), moment)
    except OSError as error:
        typer.echo(f"无法读取 / cannot read {export}: {error.strerror}", err=True)
        raise typer.Exit(_WRONG_USE) from None
    except LogUnsound as error:
        typer.echo(f"审计日志不一致 / the log is unsound: {error}", err=True)
        raise typer.Exit(_BAD) from None
    except (ValueError, KeyError, TypeError):
        typer.echo(f"不是审计导出文件 / not an export of the audit log: {export}", err=True)
        raise typer.Exit(_WRONG_USE) from None
    for found in sorted(valid.values(), key=lambda c: c.number):
        typer.echo(f"{found.number}\t{found.level.value}\t{found.ground.value}\t{found.ground_id}\t{found.person_id}")
    typer.echo(f"有效证书 / valid certificates: {len(valid)}", err=True)


def _verify_number(house: House, number: str, code: str) -> None:
    with house.database.transaction(reading=True) as db:
        found = match(db, number=number, code=code)
        if found is None:
            typer.echo("没有与此编号和校验码相符的证书 / no certificate with this number and check code", err=True)
            raise typer.Exit(_BAD)
        zh, en = LEVEL_NAMES[found.level]
        typer.echo(f"{found.number}  {person_name(db, found.person_id)}  {zh} / {en}  {found.unit_name}")
        typer.echo(f"有效期至 / valid until {last_valid_day(found.valid_until)}")
        _say_standing(standing_of(found.state, valid_until=found.valid_until, now=house.clock.now()))


def _check(token: str, issuer: Issuer, find_key: Callable[[str], PublicKey | None]) -> Credential:
    try:
        return credential.verify(token, issuer=issuer, find_key=find_key, now=datetime.now(UTC))
    except CredentialRefused as refused:
        for lang in ("zh", "en"):
            typer.echo(refused.sentence(lang), err=True)
        raise typer.Exit(_BAD) from None


def _say_credential(found: Credential) -> None:
    zh, en = LEVEL_NAMES[found.level]
    typer.echo(f"签名有效 / the signature is good: {found.certificate_number}  {zh} / {en}")
    typer.echo(f"有效期至 / valid until {last_valid_day(found.valid_until)}")


def _say_standing(standing: Standing) -> None:
    zh, en = _STANDINGS[standing]
    typer.echo(f"状态 / state: {zh} / {en}")
    if standing is not Standing.ACTIVE:
        raise typer.Exit(_BAD)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "不是文本 / not text"
        typer.echo(f"无法读取 / cannot read {path}: {why}", err=True)
        raise typer.Exit(_WRONG_USE) from None


def _keys_of(path: Path) -> Callable[[str], PublicKey | None]:
    """The keys of a JWK Set by thumbprint; those of other kinds are passed over."""
    found: dict[str, PublicKey] = {}
    try:
        members: list[dict[str, Any]] = json.loads(_read(path))["keys"]
    except (ValueError, KeyError, TypeError):
        typer.echo(f"不是公钥集 / not a JWK Set: {path}", err=True)
        raise typer.Exit(_WRONG_USE) from None
    for member in members:
        try:
            key = PublicKey.from_jwk(member)
        except KeyRefused:
            continue
        found[key.kid] = key
    return found.get
