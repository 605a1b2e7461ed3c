"""A disk of a few megabytes for one process: a tmpfs in a mount namespace of its own, where the machine lends one.

Needs no root: the process becomes root of a namespace to mount, and an ordinary account again before the program runs.
It is gone with the process, however that ends.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ORDINARY = 65534
_MOUNT = 'mount -t tmpfs -o size="$1" tiny "$2" && shift 2 && exec unshare --map-user=65534 --map-group=65534 "$@"'


def on_tiny_disk(place: Path, size: str) -> Sequence[str]:
    """The words before a command that make it see an empty disk of `size` (`4m`) at `place`, an existing folder."""
    return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT, "sh", size, str(place))


def tiny_disks_work(place: Path) -> bool:
    """Whether this machine lets an ordinary account mount one."""
    if shutil.which("unshare") is None:
        return False
    account = {"user": ORDINARY, "group": ORDINARY, "extra_groups": []} if os.geteuid() == 0 else {}
    tried = subprocess.run(
        [*on_tiny_disk(place, "1m"), "true"],
        capture_output=True,
        check=False,
        cwd="/",
        **account,  # type: ignore[call-overload]
    )
    return tried.returncode == 0
