"""What is done with attempts, by use case: checking in, sitting, closing, running a room."""

from app.attempts.proctoring.ledger import grant_time, pause, resume
from app.attempts.service.check_in import issue_code
from app.attempts.service.closing import Folder, close
from app.attempts.service.door import form_picture, list_sittings, show_door
from app.attempts.service.early_delivery import lay_out_early, seal_page
from app.attempts.service.rooms import list_rooms, read_board, seat_photo, show_room, waiting, watch_board
from app.attempts.service.sitting import count_release, show_entrance, show_state, take_over
from app.attempts.service.sweeper import sweep

__all__ = [
    "Folder",
    "close",
    "count_release",
    "form_picture",
    "grant_time",
    "issue_code",
    "lay_out_early",
    "list_rooms",
    "list_sittings",
    "pause",
    "read_board",
    "resume",
    "seal_page",
    "seat_photo",
    "show_door",
    "show_entrance",
    "show_room",
    "show_state",
    "sweep",
    "take_over",
    "waiting",
    "watch_board",
]
