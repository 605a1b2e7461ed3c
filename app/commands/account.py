"""`chizheng account`: the first administrators."""

from typing import Annotated

import typer

from app.accounts.service import create_account, grant_role, print_codes, set_password
from app.commands.house import opened
from app.operation import acting_as
from app.people.queries import unit_by_name
from app.people.rules import Education, PoliticalStatus, UnitKind
from app.people.service import NewPerson, create_person, create_unit, found_county
from app.security.passwords import Passwords, problems
from app.security.permissions import ADMINISTRATORS, Role

group = typer.Typer(help="账号 / accounts", no_args_is_help=True)


@group.callback()
def _nouns() -> None:
    """账号 / accounts."""


@group.command("create-admin")
def create_admin(
    login: Annotated[str, typer.Option(prompt="登录名 / login", help="登录名 / login name")],
    name: Annotated[str, typer.Option(prompt="姓名 / name", help="姓名 / name")],
    id_number: Annotated[str, typer.Option(prompt="身份证号 / ID number", help="身份证号 / ID number")],
    password: Annotated[
        str,
        typer.Option(
            prompt="密码 / password",
            hide_input=True,
            confirmation_prompt=True,
            envvar="CHIZHENG_ADMIN_PASSWORD",
            help="密码；不写在命令行上时会询问 / password; asked for where it is not given",
        ),
    ],
    role: Annotated[
        Role, typer.Option(help="系统、安全或审计管理员 / one of the three administrators")
    ] = Role.SECURITY_ADMINISTRATOR,
) -> None:
    """建立管理员账号，并打印一次性验证码 / make an administrator's account and print a sheet of one-time codes."""
    if role not in ADMINISTRATORS:
        raise typer.BadParameter("只能建立三员管理员 / only the three administrators", param_hint="--role")
    wrong = problems(password, login_name=login)
    if wrong:
        raise typer.BadParameter(" ".join(f"{p.zh} {p.en}" for p in wrong), param_hint="--password")
    with opened() as house:
        password_hash = house.tool(Passwords).hash(password)
        authority = house.settings.authority
        with acting_as(house, "create-admin") as op:
            # Below the county: a role given within the county holds in the authority too.
            home = unit_by_name(op.db, authority) or create_unit(
                op, name=authority, kind=UnitKind.CITY_ORGAN, parent=found_county(op), headcount=0, quota_posts=0
            )
            new = NewPerson(
                name=name,
                id_number=id_number,
                unit_id=home.id,
                post="管理员",
                political_status=PoliticalStatus.OTHER,
                in_post=False,  # staff hold no post of the quota
                education=Education.COLLEGE,
            )
            account = create_account(op, person_id=create_person(op, new).id, login=login)
            set_password(op, account, password_hash)
            grant_role(op, account_id=account.id, role=role, unit_id=None)
            codes = print_codes(op, account.id)
    print("一次性验证码，每个只能用一次 / one-time codes, each good once:")
    for code in codes:
        print(f"  {code}")
    print("凭其中一个登录，再按首页的提示绑定手机 / sign in with one of them, then bind a phone as the home page says")
