"""The hot path's look at the browser: inside the journal's transaction, for the attempts that ask for one alone.

What a request shows is judged by two hashes; the keys of an exam are read at most every few seconds. An attempt of any
other exam costs nothing.
"""

from datetime import datetime, timedelta

from app.attempts.lockdown.rules import ExamBrowserNeeded
from app.attempts.wires import Question, Statement, Wire
from app.lockdown.proof import Keys, Proof, is_proved, page_address, session_nonce, ticket_address
from app.security.derivation import Purpose, derive
from app.settings import Settings

KEYS_LIFE = timedelta(seconds=3)
"""How long keys that were read are believed: a version that is listed or withdrawn counts within it."""
_KEYS = Statement(
    "lockdown_keys",
    """
SELECT {all}({list}(f.exam_id, f.config_key, {json(}(
  SELECT {all}(k.exam_key) FROM browser_exam_key k WHERE k.exam_id = f.exam_id AND k.withdrawn_at IS NULL){)json}))
FROM lockdown_file f WHERE f.exam_id IN (SELECT CAST(value ->> 0 AS bigint) FROM {sent})""",
)


class Guard:
    """One for the life of a journal; belongs to its thread."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.public_base_url
        self._secret = derive(settings.secret_key.get_secret_value(), Purpose.LOCKDOWN)
        self._known: dict[int, tuple[datetime, Keys | None]] = {}

    def refuse(
        self, wire: Wire, *, exam_id: int | None, session_id: int, proof: Proof | None, now: datetime
    ) -> ExamBrowserNeeded | None:
        """Why a request for an attempt of that exam is not taken; `exam_id` is None where any browser will do."""
        if exam_id is None:
            return None
        keys = self._keys(wire, exam_id, now)
        mark = session_nonce(self._secret, session_id=session_id, exam_id=exam_id)
        page = page_address(self._base_url, exam_id=exam_id, nonce=mark)
        return None if keys is not None and is_proved(keys, proof, page=page) else ExamBrowserNeeded()

    def refuse_ticket(
        self, wire: Wire, *, exam_id: int | None, proof: Proof | None, now: datetime
    ) -> ExamBrowserNeeded | None:
        """The same for a sign-in with ticket and code, which has no session yet."""
        if exam_id is None:
            return None
        keys = self._keys(wire, exam_id, now)
        page = ticket_address(self._base_url)
        return None if keys is not None and is_proved(keys, proof, page=page) else ExamBrowserNeeded()

    def _keys(self, wire: Wire, exam_id: int, now: datetime) -> Keys | None:
        read_at, keys = self._known.get(exam_id, (None, None))
        if read_at is None or abs(now - read_at) > KEYS_LIFE:
            (found,) = wire.ask(Question(_KEYS, [(exam_id,)]))
            keys = Keys(found[0][1], tuple(found[0][2] or ())) if found else None
            self._known[exam_id] = now, keys
        return keys
