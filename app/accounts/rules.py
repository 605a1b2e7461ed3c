"""Rules of signing in and of holding roles."""

from datetime import datetime, timedelta

from app.errors import Conflict, Forbidden, Invalid, Unauthenticated
from app.security.permissions import Role, clash

ACTIVATION_DAYS = 30


class SignInRefused(Unauthenticated):
    """Login, password or code are not right; which of them is nobody's business (P38)."""

    code = "sign_in.refused"
    zh = "登录名、密码或验证码不正确。"
    en = "The login name, password or code is not right."


class CodeRefused(Forbidden):
    """The one-time code is wrong, or was used already."""

    code = "factor.refused"
    zh = "验证码不正确或已使用过，请等待下一个验证码。"
    en = "The code is not right or was used already; please wait for the next one."


class FactorExists(Conflict):
    """A second factor is enrolled already; a lost one is reset by two people."""

    code = "factor.exists"
    zh = "已绑定动态口令；如遗失，须由两名安全管理员重置。"
    en = "A second factor is enrolled already; a lost one is reset by two security administrators."


class RoleClash(Conflict):
    """Two roles that never meet in one person."""

    code = "role.clash"
    zh = "该人员已任「{held}」，与「{wanted}」不得由同一人兼任。"
    en = "This person holds “{held}”, which never goes together with “{wanted}”."


class OwnGrant(Forbidden):
    """Granting a role and using it are different people (P29)."""

    code = "role.own_grant"
    zh = "不能为本人授予或撤销角色。"
    en = "One does not grant or withdraw one's own roles."


class SamePerson(Forbidden):
    """A lost factor is reset by two people."""

    code = "factor.same_person"
    zh = "提出与批准须由两人分别办理。"
    en = "Proposing and approving are done by two people."


class LoginTaken(Invalid):
    """Another account has this login name."""

    code = "account.login_taken"
    zh = "登录名已被使用。"
    en = "This login name is taken."


def session_over(
    *,
    created_at: datetime,
    seen_at: datetime,
    ends_at: datetime,
    ended_at: datetime | None,
    now: datetime,
    idle: timedelta,
) -> bool:
    """Whether a session no longer counts: ended, past its absolute end, or idle for too long."""
    return ended_at is not None or now >= ends_at or now - max(seen_at, created_at) >= idle


def check_grant(*, held: frozenset[Role], wanted: Role, words: dict[Role, str], own: bool) -> None:
    """Refuse a role that may not be given: to oneself, or beside one it never meets (P24, P29)."""
    if own:
        raise OwnGrant
    other = clash(held, wanted)
    if other is not None:
        raise RoleClash(held=words[other], wanted=words[wanted])
