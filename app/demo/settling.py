"""The county moves in: units, party organisations, workers, staff, and an account for each of them."""

import random
from concurrent.futures import ThreadPoolExecutor

from app.accounts.service import create_account, furnish_staff, grant_role, set_password
from app.demo.county import ROOT_CODE, County, make_county
from app.demo.portraits import draw_portrait
from app.demo.stage import DEMO, Player, Stage
from app.operation import Operation, acting_as
from app.people.models import PartyOrganisation, Unit
from app.people.service import NewPerson, create_party_organisation, create_person, create_unit
from app.security.passwords import Passwords
from app.security.permissions import Role

PASSWORD = "yanshi-xian-2026"  # noqa: S105 - printed for everyone who starts the demo
_AT_ONCE = 100


def settle(stage: Stage) -> None:
    """Make everyone and everything that the county has before its first exam."""
    name = stage.house.settings.county
    county = make_county(random.Random(stage.draw.random()), name=name, on_date=stage.today())  # noqa: S311 - no secret
    stage.told("单位、党组织和人员")
    units, organisations = _found(stage, county)
    people = _enter(stage, county, units, organisations)
    stage.told("账号与角色")
    _employ(stage, county, units, people)
    stage.root_unit_id = units[ROOT_CODE].id
    _invite(stage, [people[worker.id_number] for worker in county.workers])
    for person in county.workers:
        player = people[person.id_number]
        stage.numbers[player.person_id], stage.posts[player.person_id] = person.id_number, person.post


def _found(stage: Stage, county: County) -> tuple[dict[str, Unit], dict[str, PartyOrganisation]]:
    units: dict[str, Unit] = {}
    organisations: dict[str, PartyOrganisation] = {}
    with acting_as(stage.house, DEMO) as op:
        for unit in county.units:
            units[unit.code] = create_unit(
                op,
                name=unit.name,
                kind=unit.kind,
                parent=units[unit.parent] if unit.parent else None,
                headcount=unit.headcount,
                quota_posts=unit.quota,
            )
        for found in county.party_organisations:
            organisations[found.code] = create_party_organisation(
                op,
                name=found.name,
                kind=found.kind,
                unit_id=units[found.unit].id,
                parent=organisations[found.parent] if found.parent else None,
            )
    return units, organisations


def _enter(
    stage: Stage, county: County, units: dict[str, Unit], organisations: dict[str, PartyOrganisation]
) -> dict[str, Player]:
    """Everyone into the register, by ID number; accounts come later. Only workers hold a post of the quota."""
    found: dict[str, Player] = {}
    persons = [*county.workers, *(member.person for member in county.staff)]
    workers = {worker.id_number for worker in county.workers}
    looks = random.Random(stage.draw.getrandbits(64))  # noqa: S311 - no secret
    for first in range(0, len(persons), _AT_ONCE):
        with acting_as(stage.house, DEMO) as op:
            for person in persons[first : first + _AT_ONCE]:
                entered = create_person(
                    op,
                    NewPerson(
                        name=person.name,
                        id_number=person.id_number,
                        unit_id=units[person.unit].id,
                        party_organisation_id=organisations[person.party_organisation].id,
                        post=person.post,
                        political_status=person.political_status,
                        in_post=person.id_number in workers,
                        education=person.education,
                        photo=draw_portrait(looks, long_hair=int(person.id_number[16]) % 2 == 0),
                    ),
                )
                found[person.id_number] = Player("", 0, entered.id, entered.name, entered.unit_id)
    return found


def _employ(stage: Stage, county: County, units: dict[str, Unit], people: dict[str, Player]) -> None:
    """The security administrator is made by the service, as on a first day; everyone else by the administrator."""
    passwords = stage.house.tool(Passwords)
    with ThreadPoolExecutor(2) as threads:
        hashes = list(threads.map(passwords.hash, [PASSWORD] * len(county.staff)))
    first = [s for s in county.staff if s.role is Role.SECURITY_ADMINISTRATOR]
    rest = [s for s in county.staff if s.role is not Role.SECURITY_ADMINISTRATOR]
    for group in (first, rest):
        with acting_as(stage.house, DEMO) if group is first else stage.by(Role.SECURITY_ADMINISTRATOR) as op:
            for member in group:
                known = people[member.person.id_number]
                # A scope that is the whole county is the whole tree: exams and batches reach over all of it.
                scope = None if member.scope == ROOT_CODE else units[member.scope].id
                account, _ = furnish_staff(
                    op,
                    person_id=known.person_id,
                    login=member.login,
                    password_hash=hashes.pop(),
                    roles=((member.role, scope),),
                )
                player = Player(member.login, account.id, known.person_id, known.name, known.unit_id)
                stage.staff.setdefault(member.role, []).append(player)


def _invite(stage: Stage, workers: list[Player]) -> None:
    """An account for every worker. The password is known to all, so its hash need not be dear: whoever signs in gets
    one at today's cost."""
    cheap = Passwords(memory_kib=8, passes=1)
    try:
        for first in range(0, len(workers), _AT_ONCE):
            hashes = [cheap.hash(PASSWORD) for _ in workers[first : first + _AT_ONCE]]
            with stage.by(Role.SECURITY_ADMINISTRATOR) as op:
                for worker, password_hash in zip(workers[first : first + _AT_ONCE], hashes, strict=True):
                    stage.workers.append(_welcome(op, worker, password_hash))
    finally:
        cheap.close()


def _welcome(op: Operation, worker: Player, password_hash: str) -> Player:
    login = f"K{worker.person_id:06d}"
    account = create_account(op, person_id=worker.person_id, login=login)
    set_password(op, account, password_hash)
    grant_role(op, account_id=account.id, role=Role.CANDIDATE, unit_id=None)
    return Player(login, account.id, worker.person_id, worker.name, worker.unit_id)
