"""The routes of accounts, beside those of `sign_in`: own session and factor, and the security administrator's desk."""

from app.accounts import queries, service, sessions
from app.accounts.models import Account, RoleGrant
from app.accounts.schemas import (
    AccountGiven,
    AccountShown,
    AccountsShown,
    CodeGiven,
    CodesShown,
    ConfirmShown,
    FactorShown,
    GrantGiven,
    GrantShown,
    ReasonGiven,
    ResetShown,
    SlipShown,
)
from app.operation import Operation
from app.people.queries import person_name
from app.security import totp
from app.security.permissions import Capability
from app.shapes import Done
from app.web.desk import Desk, NavEntry
from app.web.home import local_path

desk = Desk("accounts")
PAGE = 50


@desk.command("/sign-out", Capability.SIGNED_IN, then="/sign-in")
def sign_out(op: Operation) -> Done:
    """End my session."""
    sessions.end_session(op)
    return Done(id=op.actor.session_id or 0)


@desk.view("/confirm", Capability.SIGNED_IN, template="accounts/confirm.html")
def show_confirm(op: Operation, *, next: str = "/") -> ConfirmShown:  # noqa: A002 - the query parameter's name
    """The page that asks for a fresh one-time code."""
    del op
    return ConfirmShown(next=local_path(next))


class _Confirmed(Done):
    next: str


@desk.command("/confirm", Capability.SIGNED_IN, then=lambda done: str(done.next), retry=show_confirm)
def confirm(op: Operation, *, given: CodeGiven) -> _Confirmed:
    """Sign what follows with a fresh one-time code."""
    sessions.confirm(op, given.code)
    return _Confirmed(id=op.actor.session_id or 0, next=local_path(given.next))


@desk.view("/factor", Capability.SIGNED_IN, template="accounts/factor.html", api=False)
def show_factor(op: Operation, *, next: str = "/") -> FactorShown:  # noqa: A002 - the query parameter's name
    """The page on which a second factor is enrolled."""
    with op.house.database.transaction() as own:  # the offer is kept although the page only shows
        offer = Operation(own, op.actor, op.now, op.request_id, op.address, op.house)
        secret = sessions.offer_factor(offer)
        account = queries.find_account(own, op.actor, op.actor.account_id or 0)
        uri = totp.provisioning_uri(secret, account=account.login, issuer="Chizheng")
    return FactorShown(secret=secret, qr_svg=totp.qr_svg(uri, title="otpauth"), next=local_path(next))


@desk.command(
    "/factor", Capability.SIGNED_IN, then=lambda done: str(done.next), retry=show_factor, said="动态口令已绑定。"
)
def enrol_factor(op: Operation, *, given: CodeGiven) -> _Confirmed:
    """Enrol the second factor by its first code."""
    sessions.enrol_factor(op, given.code)
    return _Confirmed(id=op.actor.account_id or 0, next=local_path(given.next))


def _shown(op: Operation, account: Account, grants: list[RoleGrant]) -> AccountShown:
    return AccountShown(
        id=account.id,
        login=account.login,
        person_name=person_name(op.db, account.person_id),
        disabled_at=account.disabled_at,
        has_factor=bool(account.totp_last_step),
        grants=[GrantShown(id=g.id, role=g.role, unit_id=g.unit_id, granted_at=g.granted_at) for g in grants],
    )


@desk.view("/accounts", Capability.ACCOUNT_READ, template="accounts/accounts.html", nav=NavEntry("账号与角色", 80))
def list_accounts(op: Operation, *, search: str = "", after: str = "") -> AccountsShown:
    """Accounts, their roles, and the resets that wait for a second person."""
    rows = queries.list_accounts(op.db, op.actor, search=search, after=after, limit=PAGE + 1)
    resets = queries.open_resets(op.db)
    return AccountsShown(
        accounts=[_shown(op, account, grants) for account, grants in rows[:PAGE]],
        resets=[
            ResetShown(
                id=r.id,
                account_id=r.account_id,
                login=queries.find_account(op.db, op.actor, r.account_id).login,
                proposed_at=r.proposed_at,
                mine=r.proposed_by == op.actor.account_id,
            )
            for r in resets
        ],
        search=search,
        next_after=rows[PAGE - 1][0].login if len(rows) > PAGE else None,
    )


@desk.command("/accounts", Capability.ACCOUNT_MANAGE, then="/accounts", retry=list_accounts, said="账号已建立。")
def create_account(op: Operation, *, given: AccountGiven) -> Done:
    """Make an account for a person."""
    return Done(id=service.create_account(op, person_id=given.person_id, login=given.login).id)


@desk.command(
    "/accounts/{account_id}/grants",
    Capability.ROLE_GRANT,
    then="/accounts",
    retry=list_accounts,
    fresh=True,
    said="角色已授予。",
)
def grant_role(op: Operation, *, account_id: int, given: GrantGiven) -> Done:
    """Give a role."""
    return Done(id=service.grant_role(op, account_id=account_id, role=given.role, unit_id=given.unit_id).id)


@desk.command(
    "/grants/{grant_id}/withdraw",
    Capability.ROLE_GRANT,
    then="/accounts",
    retry=list_accounts,
    fresh=True,
    said="角色已撤销。",
)
def withdraw_role(op: Operation, *, grant_id: int) -> Done:
    """Take a role away."""
    return Done(id=service.withdraw_role(op, grant_id=grant_id).id)


@desk.command(
    "/accounts/{account_id}/disable",
    Capability.ACCOUNT_MANAGE,
    then="/accounts",
    retry=list_accounts,
    said="账号已停用。",
)
def disable_account(op: Operation, *, account_id: int, given: ReasonGiven) -> Done:
    """Stop an account at once."""
    return Done(id=service.disable_account(op, account_id=account_id, reason=given.reason).id)


@desk.command(
    "/accounts/{account_id}/enable",
    Capability.ACCOUNT_MANAGE,
    then="/accounts",
    retry=list_accounts,
    said="账号已启用。",
)
def enable_account(op: Operation, *, account_id: int, given: ReasonGiven) -> Done:
    """Let a disabled account sign in again."""
    return Done(id=service.enable_account(op, account_id=account_id, reason=given.reason).id)


@desk.command("/accounts/{account_id}/slip", Capability.ACCOUNT_MANAGE, page=False)
def print_slip(op: Operation, *, account_id: int) -> SlipShown:
    """A new activation code, shown once."""
    account = queries.find_account(op.db, op.actor, account_id)
    return SlipShown(id=account.id, login=account.login, code=service.print_activation(op, account))


@desk.command("/accounts/{account_id}/codes", Capability.ACCOUNT_MANAGE, page=False)
def print_codes(op: Operation, *, account_id: int) -> CodesShown:
    """A new sheet of one-time codes, shown once."""
    account = queries.find_account(op.db, op.actor, account_id)
    return CodesShown(id=account.id, login=account.login, codes=service.print_codes(op, account_id))


@desk.command(
    "/accounts/{account_id}/resets",
    Capability.FACTOR_RESET,
    then="/accounts",
    retry=list_accounts,
    said="已提出重置，须由另一人批准。",
)
def propose_reset(op: Operation, *, account_id: int) -> Done:
    """Propose to reset a lost second factor."""
    return Done(id=service.propose_reset(op, account_id=account_id).id)


@desk.command(
    "/resets/{reset_id}/approve",
    Capability.FACTOR_RESET,
    then="/accounts",
    retry=list_accounts,
    fresh=True,
    said="动态口令已重置。",
)
def approve_reset(op: Operation, *, reset_id: int) -> Done:
    """Approve a reset that another proposed."""
    return Done(id=service.approve_reset(op, reset_id=reset_id).id)
