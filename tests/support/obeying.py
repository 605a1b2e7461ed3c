"""What `python -m app.cli` does once it has read the program, for processes forked off one that has."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from app.cli import main


def obey(words: tuple[str, ...], folder: Path, given: Mapping[str, str]) -> None:
    """Carry out the command `words` in `folder`, `given` the whole environment; ends the process as it does."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(given)
    sys.argv = ["chizheng", *words]
    main()
