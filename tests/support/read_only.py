"""A disk that only reads, without mounting one: files that nobody may write, and a process that has to obey that."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION_3 = 0x20080522
_PASS_BY_MODES = 1 << 1
"""CAP_DAC_OVERRIDE, with which root writes what its mode forbids."""


def obey_modes() -> None:
    """Give up that right of root, for this process; before it has a second thread. Without root there is none.

    Raises OSError where the kernel does not let it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header, held = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, held) == 0:
        held[0] &= ~_PASS_BY_MODES  # what is in effect, of the first 32
        if libc.capset(header, held) == 0:
            return
    raise OSError(ctypes.get_errno(), "capset")


@contextmanager
def only_readable(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder or its files until the block ends."""
    places = [*folder.iterdir(), folder]
    modes = [place.stat().st_mode for place in places]
    for place, mode in zip(places, modes, strict=True):
        place.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for place, mode in zip(reversed(places), reversed(modes), strict=True):
            place.chmod(mode)
