"""Pictures put into a bank: decoded before the transaction, kept once, by the hash of their bytes."""

import base64
import binascii
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.dialects import postgresql, sqlite

from app.audit.actions import AuditAction
from app.audit.record import record
from app.authoring.models import BankPicture, PictureRow
from app.authoring.queries import find_bank
from app.authoring.queries.pictures import held_hashes
from app.authoring.rules import PasteTooLarge, PictureRefused
from app.errors import FieldProblem, Unavailable
from app.operation import Operation
from app.security.permissions import Capability
from question_bank.content import Converted, InvalidPicture, Picture, accept_picture, from_html

MOST_PASTED = 20
"""How many pictures one paste brings in at most; further ones are told to be lost."""

MOST_PASTED_BYTES = 8_000_000

_AT_ONCE = threading.BoundedSemaphore(2)
"""A picture takes up to 200 MB while it is decoded: a process of the service decodes two, others wait their turn."""
_TURN_SECONDS = 20.0
_DATA = re.compile(r"data:image/[a-z+.-]{1,20};base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Pasted:
    """What was pasted, as an item text, with the pictures that came inside it."""

    converted: Converted
    pictures: tuple[Picture, ...]


def decode_picture(content: bytes) -> Picture:
    """The picture as it is kept. Raises PictureRefused, Unavailable."""
    if not _AT_ONCE.acquire(timeout=_TURN_SECONDS):
        raise Unavailable
    try:
        return accept_picture(content)
    except InvalidPicture as refusal:
        params = {"sentence_zh": refusal.zh, "sentence_en": refusal.en, "cause": refusal.code}
        raise PictureRefused(FieldProblem("file", refusal.zh, refusal.en), **params) from None
    finally:
        _AT_ONCE.release()


def convert_paste(html: bytes) -> Pasted:
    """What was copied in another program (HTML, UTF-8), as an item text. Nothing is fetched: only pictures inside it
    come along. Raises PasteTooLarge."""
    if len(html) > MOST_PASTED_BYTES:
        raise PasteTooLarge(megabytes=MOST_PASTED_BYTES // 1_000_000)
    pictures: dict[str, Picture] = {}

    def kept(source: str) -> str | None:
        found = _DATA.fullmatch(source.strip())
        if found is None or len(pictures) >= MOST_PASTED:
            return None
        try:
            picture = decode_picture(base64.b64decode(found[1]))
        except (PictureRefused, binascii.Error):
            return None
        pictures[picture.sha256] = picture
        return picture.sha256

    return Pasted(from_html(html.decode("utf-8", "replace"), picture=kept), tuple(pictures.values()))


def keep_pictures(op: Operation, *, bank_id: int, pictures: Sequence[Picture]) -> None:
    """Put pictures into a bank where the actor may write items; those that it holds are left alone. Raises NotFound."""
    find_bank(op.db, op.actor, bank_id, Capability.ITEM_WRITE)
    held = held_hashes(op.db, bank_id, [picture.sha256 for picture in pictures])
    fresh = [picture for picture in pictures if picture.sha256 not in held]
    if not fresh:
        return
    into = postgresql.insert if op.house.database.dialect == "postgresql" else sqlite.insert
    rows = [
        {"sha256": p.sha256, "content": p.data, "media_type": p.media_type, "width": p.width, "height": p.height}
        for p in fresh
    ]
    op.db.execute(into(PictureRow).on_conflict_do_nothing(), rows)
    uses = [
        {"bank_id": bank_id, "sha256": p.sha256, "added_by": op.actor.account_id, "added_at": op.now} for p in fresh
    ]
    op.db.execute(into(BankPicture).on_conflict_do_nothing(), uses)
    for picture in fresh:
        after = {"sha256": picture.sha256, "bytes": len(picture.data)}
        record(op, AuditAction.PICTURE_KEEP, subject=("bank", bank_id), after=after)
