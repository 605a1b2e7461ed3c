"""试卷 on its way before the start: laid out for one registration while its candidate waits; the page made of it leaves
sealed (decision 0009)."""

import re
from base64 import b64encode
from datetime import timedelta

import msgspec

from app.attempts.envelopes import FormSealer
from app.attempts.lockdown.service import demand
from app.attempts.messages import AttemptShown
from app.attempts.models import Attempt
from app.attempts.rules import AttemptState, NoForm, deadline_of
from app.attempts.service.door import declaration_of, lock_of, paper_of, step_of
from app.attempts.service.sitting import Arrival, arrive
from app.attempts.showing import show_attempt
from app.attempts.sitting_schemas import EarlyForm, Step
from app.authoring.queries.pictures import picture_by_hash
from app.errors import NotFound
from app.exams.queries.seats import SealedForm, find_seat, form_of
from app.operation import House, Operation

_PICTURES = re.compile(r"\(picture:([0-9a-f]{64})\)")
MOST_PICTURES = 2 * 1024 * 1024
"""Bytes of pictures that travel inside; those beyond are fetched after the start, like any picture."""


def lay_out_early(op: Operation, *, registration_id: int) -> EarlyForm:
    """The actor's own form as its page will show it at the start, with its pictures; to be sealed and never shown.

    Only while the actor waits, checked in, for a sitting that has not begun. Raises NotFound for whoever does not,
    whatever the reason (P15); NoForm.
    """
    seat = find_seat(op.db, registration_id)
    if seat.person_id != op.actor.person_id:
        raise NotFound
    demand(op, seat)
    arrival = arrive(op, seat)
    door = arrival.entrance
    if step_of(door) is not Step.WAITING or not door.checked_in:
        raise NotFound
    form = form_of(op.db, registration_id)
    if form is None:
        raise NoForm
    return EarlyForm(
        step=Step.WRITING,
        entrance=door,
        paper=paper_of(_unbegun(arrival, form)),
        answered=None,
        declaration=declaration_of(arrival),
        lock=lock_of(op, door),
        browser=None,
        form_hash=form.content_hash,
        pictures=_pictures(op, form.view),
    )


def seal_page(house: House, early: EarlyForm, page: bytes) -> bytes:
    """The envelope of the page that was made of `early`, with its pictures beside it."""
    content = msgspec.json.encode({"form_hash": early.form_hash, "page": page.decode(), "pictures": early.pictures})
    sealer = FormSealer(house.settings.secret_key.get_secret_value())
    return sealer.seal(content, registration_id=early.entrance.registration_id, form_hash=early.form_hash)


def _unbegun(arrival: Arrival, form: SealedForm) -> AttemptShown:
    """An attempt as it will stand at the start; its number is not known yet, and stands as 0."""
    seat, window = arrival.seat, arrival.window
    deadline = deadline_of(window, started=seat.starts_at, duration=seat.duration, granted=seat.extra)
    run = Attempt(id=0, state=AttemptState.OPEN, started_at=seat.starts_at, deadline_at=deadline, epoch=1)
    return show_attempt(
        run,
        window,
        duration=seat.duration,
        granted=seat.extra,
        paused=timedelta(),
        writing=True,
        now=seat.starts_at,
        view=msgspec.Raw(form.view.encode()),
        saved={},
    )


def _pictures(op: Operation, view: str) -> dict[str, str]:
    """The form's pictures as data addresses, by hash."""
    found, room = {}, MOST_PICTURES
    for sha256 in sorted(set(_PICTURES.findall(view))):
        picture = picture_by_hash(op.db, sha256)
        if len(picture.data) <= room:
            room -= len(picture.data)
            found[sha256] = f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}"
    return found
