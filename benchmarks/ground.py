"""The ground that is measured on: a sealed exam, its candidates with codes and passwords, a bank with items."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.models import Account
from app.attempts.models import CheckInCode
from app.main import make_house
from app.operation import House, acting_as
from app.security import one_time_codes
from app.security.derivation import Purpose, derive
from app.security.passwords import Passwords
from app.settings import Settings
from app.wiring import close_house
from benchmarks.candidates import Candidate
from benchmarks.places import Place
from tests.support.personas import PASSWORD
from tests.support.sealed_exam import fifty_items, make_sealed_exam

PROXY = "127.0.0.1"


def environment(place: Place, *, log_level: str = "INFO") -> dict[str, str]:
    """The product's settings: those of a deployment behind a proxy, logging on, the hash at its full cost."""
    return {
        "CHIZHENG_DATABASE_URL": place.product_url,
        "CHIZHENG_DATA_FOLDER": str(place.folder / f"{place.kind}-data"),
        "CHIZHENG_ANCHOR_FOLDER": str(place.folder / f"{place.kind}-anchors"),
        "CHIZHENG_TRUSTED_PROXIES": PROXY,
        "CHIZHENG_LOG_LEVEL": log_level,
    }


@dataclass
class _Opened:
    house: House

    def close(self) -> None:
        close_house(self.house)


def open_house(place: Place, **other: object) -> "closing[_Opened]":
    """A house over the product's database, beside the server."""
    settings = Settings.from_environ(environment(place)).model_copy(update=other)
    return closing(_Opened(make_house(settings)))


_BEGUN = timedelta(seconds=-1)


def make_hall(place: Place, *, candidates: int, starts_in: timedelta = _BEGUN) -> list[Candidate]:
    """Seal an exam of fifty items that has begun (or not yet), with that many candidates, each with a code and a
    password."""
    # The password is hashed once at its full cost below: the factories' own hashes may cost nothing.
    with open_house(place, argon2_memory_kib=8, argon2_passes=1) as opened:
        exam = make_sealed_exam(
            opened.house, candidates=candidates, blueprint=fifty_items(), earliest_hand_in_minutes=0,
            starts_in=starts_in, window=timedelta(hours=4), duration_minutes=120, late_entry_minutes=90,
        )  # fmt: skip
    with open_house(place) as opened:
        house = opened.house
        password_hash = house.tool(Passwords).hash(PASSWORD)
        hall = []
        with acting_as(house, "bench") as op:
            for number, sealed in enumerate(exam.candidates):
                code = one_time_codes.draw()
                op.db.add(_check_in_code(house, sealed.registration_id, code, sealed.persona.account_id, op.now))
                op.db.get_one(Account, sealed.persona.account_id).password_hash = password_hash
                hall.append(
                    Candidate(
                        sealed.registration_id,
                        sealed.ticket_number,
                        code,
                        login=sealed.persona.login,
                        address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                        options=[len(entry.order) for entry in sealed.form.entries],
                    )
                )
    return hall


def _check_in_code(house: House, registration_id: int, code: str, issuer: int, now: datetime) -> CheckInCode:
    key = derive(house.settings.secret_key.get_secret_value(), Purpose.CHECK_IN_CODE)
    return CheckInCode(
        registration_id=registration_id,
        code_digest=one_time_codes.digest(code, key=key, owner=f"registration:{registration_id}"),
        code_cipher="",
        issued_at=now,
        ends_at=now + timedelta(hours=4),
        issued_by=issuer,
    )
