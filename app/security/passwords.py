"""Passwords: argon2id in a side pool, the same work for everyone, and what a password must be.

Hashing is the one slow thing of a log-in and the only storm of an exam morning. It runs in two threads of low
priority with a bounded queue, so that the threads which save responses never wait for it; whoever comes when the
queue is full hears so at once (503). Never call it inside a transaction: on SQLite that would hold the write lock.
"""

import os
import re
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import FieldProblem, Unavailable

LONGEST = 256
SHORTEST = 10
_LANES = 2
_QUEUE = 512
_NICENESS = 10

_T = TypeVar("_T")


class HashingBusy(Unavailable):
    """More log-ins are waiting than the queue holds."""

    code = "passwords.busy"
    retry_after: ClassVar[int] = 3
    zh = "登录人数较多，请几秒后重试。"
    en = "Many people are signing in; please try again in a few seconds."


@dataclass(frozen=True)
class Verdict:
    """Whether the password was right, and whether its hash should be made anew with today's cost."""

    ok: bool
    needs_rehash: bool


class Passwords:
    """Hashes and checks passwords with a given cost; owns the side pool. One per process; `close` when done."""

    def __init__(self, *, memory_kib: int, passes: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._nobody = self._hasher.hash(secrets.token_bytes(16))
        self._pool = ThreadPoolExecutor(_LANES, thread_name_prefix="passwords", initializer=_step_back)
        self._room = threading.BoundedSemaphore(_QUEUE)

    def hash(self, password: str) -> str:
        """The argon2id string to store. Raises HashingBusy; ValueError past 256 characters (`problems` says so)."""
        prepared = _prepare(password)
        if prepared is None:
            raise ValueError("a password has at most 256 characters")
        return self._submit(self._hasher.hash, prepared).result()

    def verify(self, stored: str | None, password: str) -> Verdict:
        """Check `password` against the stored string; None stands for "there is no such account".

        The same work is done whoever is asked for and however long the password. Waits its turn; an async caller
        uses `verify_soon`. Raises HashingBusy.
        """
        return self.verify_soon(stored, password).result()

    def verify_soon(self, stored: str | None, password: str) -> Future[Verdict]:
        """`verify`, to be awaited (`asyncio.wrap_future`) so that no thread of the server waits in line."""
        return self._submit(self._check, stored, _prepare(password))

    def close(self) -> None:
        """Finish what is waiting and end the threads."""
        self._pool.shutdown()

    def _submit(self, work: Callable[..., _T], *values: object) -> Future[_T]:
        if not self._room.acquire(blocking=False):
            raise HashingBusy
        future = self._pool.submit(work, *values)
        future.add_done_callback(lambda _: self._room.release())
        return future

    def _check(self, stored: str | None, prepared: bytes | None) -> Verdict:
        if stored is None or prepared is None:
            self._matches(self._nobody, b"")  # what a known account costs, an unknown one costs too (P38)
            return Verdict(ok=False, needs_rehash=False)
        if not self._matches(stored, prepared):
            return Verdict(ok=False, needs_rehash=False)
        return Verdict(ok=True, needs_rehash=self._hasher.check_needs_rehash(stored))

    def _matches(self, stored: str, prepared: bytes) -> bool:
        try:
            return self._hasher.verify(stored, prepared)
        except (VerificationError, InvalidHashError):
            return False


def problems(password: str, *, login_name: str, field: str = "password") -> tuple[FieldProblem, ...]:
    """What keeps `password` from being chosen by the account `login_name`; empty where it is good.

    Length decides, not a mixture of signs (NIST SP 800-63B): at least 10 characters, at most 256, not among the
    common ones, not a row or a repetition, without the login name. Never echoes the password.
    """
    if len(password) > LONGEST or len(unicodedata.normalize("NFKC", password)) > LONGEST:
        return (FieldProblem(field, "密码最多 256 个字符。", "A password has at most 256 characters."),)
    folded = unicodedata.normalize("NFKC", password).casefold()
    found = []
    if len(folded) < SHORTEST:
        found.append(FieldProblem(field, "密码至少 10 个字符。", "A password has at least 10 characters."))
    if _is_common(folded):
        found.append(
            FieldProblem(
                field, "此密码过于常见，容易被猜中，请换一个。", "This password is too common and easily guessed."
            )
        )
    name = unicodedata.normalize("NFKC", login_name).casefold()
    if len(name) >= 3 and name in folded:
        found.append(FieldProblem(field, "密码不得包含登录名。", "A password may not contain the login name."))
    return tuple(found)


# Of ten characters and more; shorter ones are refused for their length. Suffixes of digits and signs are cut first.
_COMMON_WORDS = """
1234567890 0123456789 9876543210 0987654321 1q2w3e4r5t 1qaz2wsx3edc qazwsxedcrfv qwertyuiop asdfghjkl
zxcvbnm qwer1234 1234qwer abcd1234 1234abcd abc123456 a123456789 123456789a q123456789
123456abc 123123123 1234567891 1122334455 1231231234 5201314520 5211314521 1314520520 147258369
7894561230 1472583690 woaini1314 woaini520 password passw0rd p@ssword p@ssw0rd administrator
admin admin123 welcome iloveyou letmein changeme qwerty mima mimamima
wodemima dangjian dangyuan dangzuzhi zuzhibu chizheng beijing zhongguo zhonghua
gongchandang test testtest root master superman football sunshine princess
dragon monkey
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_ROWS = ("01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


def _is_common(folded: str) -> bool:
    core = re.sub(r"[^a-z@]+$", "", folded)
    if folded in _COMMON or (core in _COMMON and len(folded) - len(core) <= 8):
        return True
    if len(set(folded)) <= 3:
        return True
    return any(folded in row or folded in row[::-1] for row in _ROWS)


def _prepare(password: str) -> bytes | None:
    """The password as bytes: NFKC, so that it is the same from every keyboard; None where it is too long."""
    if len(password) > LONGEST:
        return None
    normal = unicodedata.normalize("NFKC", password)
    # surrogatepass: a lone surrogate is a wrong password, not an error of the server (F14)
    return normal.encode("utf-8", "surrogatepass") if len(normal) <= LONGEST else None


def _step_back() -> None:
    """Let the hashing threads yield to all others; Linux knows a priority per thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
