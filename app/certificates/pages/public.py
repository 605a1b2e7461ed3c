"""What anyone may open: the check of a certificate, the keys, the status lists, what a credential refers to."""

import json
from typing import Any

from app.certificates import credential
from app.certificates.credential import StatusPurpose
from app.certificates.pages.routes import desk
from app.certificates.rules import last_valid_day, standing_of
from app.certificates.schemas import VerdictShown
from app.certificates.service.issuing import issuer_of
from app.certificates.service.verifying import look_up, signed_status_list
from app.errors import NotFound
from app.operation import Operation
from app.people.queries import person_name
from app.security.permissions import Capability
from app.security.signing_keys import Keyring
from app.web.faces import Download
from question_bank.items import Level

JSON = "application/json"


@desk.view("/verify", Capability.ANYONE, template="certificates/verify.html")
def verify(op: Operation, *, number: str = "", code: str = "") -> VerdictShown:
    """Check a certificate by number and check code; without them, the form."""
    return _verdict(op, number, code) if number or code else _nothing(asked=False)


@desk.view("/verify/{number}/{code}", Capability.ANYONE, template="certificates/verify.html")
def verify_scanned(op: Operation, *, number: str, code: str) -> VerdictShown:
    """The same, as the QR code asks."""
    return _verdict(op, number, code)


def _verdict(op: Operation, number: str, code: str) -> VerdictShown:
    found = look_up(op, number=number, code=code)
    if found is None:
        return _nothing(asked=True)
    return VerdictShown(
        asked=True,
        found=True,
        number=found.number,
        name=person_name(op.db, found.person_id),
        level=found.level,
        unit_name=found.unit_name,
        standing=standing_of(found.state, valid_until=found.valid_until, now=op.now),
        since=found.moved_at,
        issued_at=found.issued_at,
        valid_until=last_valid_day(found.valid_until),
    )


def _nothing(*, asked: bool) -> VerdictShown:
    return VerdictShown(
        asked=asked,
        found=False,
        number="",
        name="",
        level=None,
        unit_name="",
        standing=None,
        since=None,
        issued_at=None,
        valid_until=None,
    )


@desk.view("/.well-known/jwks.json", Capability.ANYONE)
def show_keys(op: Operation) -> Download:
    """Every public key ever used, so that what was signed long ago can be checked."""
    return _json("jwks.json", op.house.tool(Keyring).public_jwks(op.db))


@desk.view("/status/{purpose}", Capability.ANYONE)
def show_status(op: Operation, *, purpose: str) -> Download:
    """A signed status list: which credentials were revoked, or are suspended."""
    if purpose not in set(StatusPurpose):
        raise NotFound
    token = signed_status_list(op, StatusPurpose(purpose))
    return Download(f"{purpose}.jwt", token.encode(), "text/plain", inline=True)


@desk.view("/credentials/issuer", Capability.ANYONE)
def show_issuer(op: Operation) -> Download:
    """Who issues: the Profile that every credential names."""
    return _json("issuer.json", issuer_of(op.settings).profile())


@desk.view("/credentials/achievements/{level}", Capability.ANYONE)
def show_achievement(op: Operation, *, level: str) -> Download:
    """What a certificate of a level attests, and by which criteria."""
    if level not in set(Level):
        raise NotFound
    return _json(f"{level}.json", credential.achievement(Level(level), issuer=issuer_of(op.settings)))


def _json(name: str, document: Any) -> Download:
    return Download(name, json.dumps(document, ensure_ascii=False, indent=2).encode(), JSON, inline=True)
