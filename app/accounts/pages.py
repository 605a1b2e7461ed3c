"""The routes of accounts, beside those of `sign_in`: own session and factor, and the security administrator's desk."""

from collections.abc import Sequence
from datetime import timedelta

from app.accounts import queries, service, sessions
from app.accounts.models import Account, RoleGrant
from app.accounts.rules import ACTIVATION_DAYS
from app.accounts.schemas import (
    AccountGiven,
    AccountPage,
    AccountShown,
    AccountsShown,
    ChoiceShown,
    CodeGiven,
    CodesShown,
    ConfirmShown,
    FactorShown,
    FoundPerson,
    GrantGiven,
    GrantShown,
    NewAccountPage,
    ReasonGiven,
    ResetShown,
    SlipsGiven,
    SlipShown,
    SlipsShown,
)
from app.operation import Operation
from app.people.queries import (
    person_by_id,
    person_name,
    persons_by_id,
    persons_named,
    unit_by_id,
    units_by_id,
    units_within,
)
from app.security import totp
from app.security.permissions import ROLE_WORDS, STAFF, Capability, Role
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


@desk.command(
    "/confirm",
    Capability.SIGNED_IN,
    then=lambda done: str(done.next),
    retry=show_confirm,
    prepare=sessions.count_code,
    refused=sessions.note_refused_code,
)
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
    "/factor",
    Capability.SIGNED_IN,
    then=lambda done: str(done.next),
    retry=show_factor,
    said="动态口令已绑定。",
    prepare=sessions.count_code,
    refused=sessions.note_refused_code,
)
def enrol_factor(op: Operation, *, given: CodeGiven) -> _Confirmed:
    """Enrol the second factor by its first code."""
    sessions.enrol_factor(op, given.code)
    return _Confirmed(id=op.actor.account_id or 0, next=local_path(given.next))


def _shown(op: Operation, rows: Sequence[tuple[Account, list[RoleGrant]]]) -> list[AccountShown]:
    """Accounts with their people, units and roles: four statements, however many rows."""
    persons = persons_by_id(op.db, {account.person_id for account, _ in rows})
    scopes = {g.unit_id for _, grants in rows for g in grants if g.unit_id is not None}
    units = units_by_id(op.db, {p.unit_id for p in persons.values()} | scopes)
    return [
        AccountShown(
            id=account.id,
            login=account.login,
            person_name=persons[account.person_id].name,
            unit_name=units[persons[account.person_id].unit_id].name,
            disabled_at=account.disabled_at,
            activated=bool(account.password_hash),
            has_factor=bool(account.totp_last_step),
            grants=[
                GrantShown(
                    id=g.id,
                    role=g.role,
                    role_zh=ROLE_WORDS[g.role][0],
                    role_en=ROLE_WORDS[g.role][1],
                    unit_id=g.unit_id,
                    unit_name=units[g.unit_id].name if g.unit_id else "",
                    granted_at=g.granted_at,
                )
                for g in grants
            ],
        )
        for account, grants in rows
    ]


@desk.view("/accounts", Capability.ACCOUNT_READ, template="accounts/accounts.html", nav=NavEntry("账号与角色", 80))
def list_accounts(op: Operation, *, search: str = "", who: str = "", after: str = "") -> AccountsShown:
    """Accounts, their roles, resets that wait for a second person. `who`: "staff", "candidate", else everybody."""
    roles = {"staff": STAFF, "candidate": frozenset({Role.CANDIDATE})}.get(who)
    rows = queries.list_accounts(op.db, op.actor, search=search, roles=roles, after=after, limit=PAGE + 1)
    resets = []
    for reset in queries.open_resets(op.db):
        account = queries.find_account(op.db, op.actor, reset.account_id)
        resets.append(
            ResetShown(
                id=reset.id,
                account_id=account.id,
                login=account.login,
                person_name=person_name(op.db, account.person_id),
                proposed_at=reset.proposed_at,
                mine=reset.proposed_by == op.actor.account_id,
            )
        )
    return AccountsShown(
        accounts=_shown(op, rows[:PAGE]),
        resets=resets,
        search=search,
        who=who if roles else "",
        next_after=rows[PAGE - 1][0].login if len(rows) > PAGE else None,
    )


@desk.view("/accounts/new", Capability.ACCOUNT_MANAGE, template="accounts/new.html")
def show_new_account(op: Operation, *, search: str = "") -> NewAccountPage:
    """Find the person for whom an account is made."""
    persons = persons_named(op.db, search, limit=20) if search else []
    units = units_by_id(op.db, {person.unit_id for person in persons})
    return NewAccountPage(
        search=search,
        persons=[
            FoundPerson(
                id=person.id,
                name=person.name,
                unit_name=units[person.unit_id].name,
                post=person.post,
                id_number_masked=person.id_number_masked,
                logins=[account.login for account in queries.accounts_of_person(op.db, person.id)],
            )
            for person in persons
        ],
    )


@desk.view("/accounts/{account_id}", Capability.ACCOUNT_READ, template="accounts/account.html")
def show_account(op: Operation, *, account_id: int) -> AccountPage:
    """One account and what can be done to it."""
    account = queries.find_account(op.db, op.actor, account_id)
    grants = queries.grants_standing(op.db, account_id)
    return AccountPage(
        account=_shown(op, [(account, grants)])[0],
        own=account.person_id == op.actor.person_id,
        codes_left=len(queries.unused_codes(op.db, account_id, "factor", op.now)),
        roles=[ChoiceShown(value=role.value, zh=zh, en=en) for role, (zh, en) in ROLE_WORDS.items()],
        units=[ChoiceShown(value=str(u.id), zh=u.name, en=u.name) for u in units_within(op.db, ("/",))],
    )


class _OfAccount(Done):
    account_id: int


_THE_ACCOUNT = "/accounts/{account_id}"


@desk.command(
    "/accounts", Capability.ACCOUNT_MANAGE, then="/accounts/{id}", retry=show_new_account, said="账号已建立。"
)
def create_account(op: Operation, *, given: AccountGiven) -> Done:
    """Make an account for a person."""
    return Done(id=service.create_account(op, person_id=given.person_id, login=given.login).id)


@desk.command(
    "/accounts/{account_id}/grants",
    Capability.ROLE_GRANT,
    then=_THE_ACCOUNT,
    retry=show_account,
    fresh=True,
    said="角色已授予。",
)
def grant_role(op: Operation, *, account_id: int, given: GrantGiven) -> Done:
    """Give a role."""
    return Done(id=service.grant_role(op, account_id=account_id, role=given.role, unit_id=given.unit_id).id)


@desk.command(
    "/grants/{grant_id}/withdraw",
    Capability.ROLE_GRANT,
    then=_THE_ACCOUNT,
    retry=list_accounts,
    fresh=True,
    said="角色已撤销。",
)
def withdraw_role(op: Operation, *, grant_id: int) -> _OfAccount:
    """Take a role away."""
    grant = service.withdraw_role(op, grant_id=grant_id)
    return _OfAccount(id=grant.id, account_id=grant.account_id)


@desk.command(
    "/accounts/{account_id}/disable",
    Capability.ACCOUNT_MANAGE,
    then=_THE_ACCOUNT,
    retry=show_account,
    said="账号已停用。",
)
def disable_account(op: Operation, *, account_id: int, given: ReasonGiven) -> Done:
    """Stop an account at once."""
    return Done(id=service.disable_account(op, account_id=account_id, reason=given.reason).id)


@desk.command(
    "/accounts/{account_id}/enable",
    Capability.ACCOUNT_MANAGE,
    then=_THE_ACCOUNT,
    retry=show_account,
    said="账号已启用。",
)
def enable_account(op: Operation, *, account_id: int, given: ReasonGiven) -> Done:
    """Let a disabled account sign in again."""
    return Done(id=service.enable_account(op, account_id=account_id, reason=given.reason).id)


@desk.command("/accounts/slips", Capability.ACCOUNT_MANAGE, retry=list_accounts, template="accounts/slips.html")
def print_slips(op: Operation, *, given: SlipsGiven) -> SlipsShown:
    """New activation codes on slips, shown once; the codes before them are void."""
    slips = []
    for account_id in dict.fromkeys(given.account_ids):
        account = queries.find_account(op.db, op.actor, account_id)
        person = person_by_id(op.db, account.person_id)
        slips.append(
            SlipShown(
                id=account.id,
                login=account.login,
                person_name=person.name,
                unit_name=unit_by_id(op.db, person.unit_id).name,
                code=service.print_activation(op, account),
                ends_at=op.now + timedelta(days=ACTIVATION_DAYS),
            )
        )
    return SlipsShown(slips=slips, address=f"{op.settings.public_base_url.rstrip('/')}/activate")


@desk.command(
    "/accounts/{account_id}/codes", Capability.ACCOUNT_MANAGE, retry=show_account, template="accounts/codes.html"
)
def print_codes(op: Operation, *, account_id: int) -> CodesShown:
    """A new sheet of one-time codes, shown once."""
    account = queries.find_account(op.db, op.actor, account_id)
    return CodesShown(
        id=account.id,
        login=account.login,
        person_name=person_name(op.db, account.person_id),
        codes=service.print_codes(op, account_id),
    )


@desk.command(
    "/accounts/{account_id}/resets",
    Capability.FACTOR_RESET,
    then=_THE_ACCOUNT,
    retry=show_account,
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
