"""What the item's form asks for while one types: a picture put in, a paste made readable, a look at what it will be."""

from app.authoring.form_schemas import DraftGiven
from app.authoring.looks import show_look
from app.authoring.pages.front import desk
from app.authoring.picture_schemas import (
    LookShown,
    PastedShown,
    PictureShown,
    ProblemShown,
)
from app.authoring.queries import find_bank
from app.authoring.queries.pictures import find_picture
from app.authoring.service.pictures import Pasted, convert_paste, decode_picture, keep_pictures
from app.authoring.writing import draft_item
from app.operation import Caller, House, Operation
from app.security.permissions import Capability
from app.web.faces import Download, Upload
from question_bank.content import Picture

_SUFFIX = {"image/jpeg": "jpg", "image/webp": "webp", "image/png": "png"}


def shown_file(picture: Picture) -> Download:
    """The picture to be shown in a page; its name is the same for all: names tell nothing (P14)."""
    return Download(f"picture.{_SUFFIX[picture.media_type]}", picture.data, picture.media_type, inline=True)


@desk.view("/banks/{bank_id}/pictures/{sha256}", Capability.BANK_READ, api=False)
def show_picture(op: Operation, *, bank_id: int, sha256: str) -> Download:
    """One picture of a bank."""
    return shown_file(find_picture(op.db, op.actor, bank_id, sha256))


def _decode(_house: House, _caller: Caller, *, bank_id: int, file: Upload) -> Picture:
    del bank_id
    return decode_picture(file.content)


@desk.command("/banks/{bank_id}/pictures", Capability.ITEM_WRITE, page=False, prepare=_decode)
def add_picture(op: Operation, *, bank_id: int, file: Upload, prepared: Picture) -> PictureShown:
    """Put a picture into a bank, for the text of an item."""
    del file
    keep_pictures(op, bank_id=bank_id, pictures=[prepared])
    return PictureShown(
        sha256=prepared.sha256,
        width=prepared.width,
        height=prepared.height,
        text=f"![](picture:{prepared.sha256})",
    )


def _convert(_house: House, _caller: Caller, *, bank_id: int, file: Upload) -> Pasted:
    del bank_id
    return convert_paste(file.content)


@desk.command("/banks/{bank_id}/paste", Capability.ITEM_WRITE, page=False, prepare=_convert)
def paste(op: Operation, *, bank_id: int, file: Upload, prepared: Pasted) -> PastedShown:
    """What was copied from Word, Excel or a page, as an item text."""
    del file
    keep_pictures(op, bank_id=bank_id, pictures=prepared.pictures)
    return PastedShown(
        text=prepared.converted.text,
        lost=[ProblemShown(zh=lost.zh, en=lost.en) for lost in prepared.converted.lost],
    )


@desk.command("/banks/{bank_id}/look", Capability.BANK_READ, template="authoring/look.html")
def look(op: Operation, *, bank_id: int, given: DraftGiven) -> LookShown:
    """An item as far as it was typed: what its candidate will see, what only markers see, what is wrong with a text."""
    bank = find_bank(op.db, op.actor, bank_id)
    return show_look(bank.id, draft_item(given.item_type, given.stem, given.explanation, given.body or {}))
