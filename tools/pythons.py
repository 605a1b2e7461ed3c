"""Hold the rule book to its golden vectors under other versions of Python.

Each interpreter gets an environment of its own in a temporary folder, with the packages of the lock, and runs the tests
of drawing, forms and scoring there; nothing is left behind. Exit code 1 where one of them differs.

    python -m tools.pythons python3.12 python3.13
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ("assembly", "kinds", "starter", "statistics", "test_canonical.py", "test_form.py", "test_scoring.py")


def hold(python: str, folder: Path) -> bool:
    """Whether the tests pass under this interpreter; `folder` is its own."""
    inside = str(folder / "bin" / "python")
    install = (inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
    return all(
        _run(*command)
        for command in (
            (python, "-m", "venv", str(folder)),
            (*install, "requirements.txt"),
            (*install, "requirements-dev.txt"),
            (inside, "--version"),
            (inside, "-m", "pytest", "-q", "-n", "0", *(f"tests/question_bank/{name}" for name in TESTS)),
        )
    )


def _run(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - what the caller named


def main() -> None:
    """Every interpreter named on the command line, one after the other."""
    held = []
    for python in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            held.append(hold(python, Path(folder) / "env"))
    sys.exit(0 if held and all(held) else 1)


if __name__ == "__main__":
    main()
