"""The one best form: fixed, for all, with the most information at the cut score that its constraints allow.

A mixed-integer programme, solved by HiGHS in a process of its own, which is stopped when its time is over: a solver in
C++ cannot be interrupted from within. Such a form is designed once and then fixed; it is no draw, so its arithmetic may
be inexact, and what was promised is checked anew in exact terms by who asked.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp
from pathlib import Path
from typing import Any, NoReturn

from question_bank.errors import ContentError

_GRACE_SECONDS = 10
_LOOK_SECONDS = 0.5
# The process may start in any folder: it is told where this package is.
_HOME = str(Path(__file__).resolve().parents[2])
_PROGRAM = f"import sys; sys.path.insert(0, {_HOME!r}); from question_bank.assembly.solver import answer; answer()"
SCALING = Fraction(17, 10)
"""D of the logistic model that approaches the normal ogive."""


class NoOptimum(ContentError):
    """No form meets the constraints, or none was found in time."""


@dataclass(frozen=True)
class Bound:
    """Least and most that an amount, summed over the chosen items, may be; None leaves that side open."""

    amounts: Sequence[float]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Optimum:
    """The chosen items, ascending, the sum that was maximised, and whether nothing better exists; where that was not
    proved, `bound` is what none can exceed."""

    chosen: tuple[int, ...]
    objective: float
    proved: bool
    bound: float


def information(ability: float, *, difficulty: float, slope: float = 1.0) -> float:
    """Fisher information of an item of the two-parameter logistic model (Rasch where the slope is 1) at an ability."""
    scale = float(SCALING) * slope
    share = 1 / (1 + exp(-scale * (ability - difficulty)))
    return scale * scale * share * (1 - share)


def choose_best(
    worth: Sequence[float],
    *,
    count: int,
    bounds: Sequence[Bound] = (),
    apart: Sequence[Sequence[int]] = (),
    seconds: float = 30.0,
    watch: Callable[[float], None] = lambda _: None,
) -> Optimum:
    """The `count` items with the greatest sum of `worth`, within `bounds`, of each group of `apart` at most one.

    `watch` is told about twice a second how many seconds went by; what it raises stops the solver. Raises `NoOptimum`
    where no choice meets the constraints or none was found within `seconds`.
    """
    problem = {
        "worth": [*worth],
        "count": count,
        "rows": [[[*bound.amounts], bound.least, bound.most] for bound in bounds],
        "apart": [[*group] for group in apart],
        "seconds": seconds,
    }
    answer = _ask_solver(json.dumps(problem), seconds + _GRACE_SECONDS, watch)
    if answer["status"] == "infeasible":
        _refuse("optimum.infeasible", "没有满足全部约束的组卷。", "No form meets every constraint.")
    if answer["status"] not in ("optimal", "feasible"):
        _refuse("optimum.time", "规定时间内没有找到可行的组卷。", "No form was found in the time allowed.")
    chosen = tuple(answer["chosen"])
    return Optimum(
        chosen=chosen,
        objective=sum(worth[at] for at in chosen),
        proved=answer["status"] == "optimal",
        bound=answer["bound"],
    )


def _ask_solver(problem: str, patience: float, watch: Callable[[float], None]) -> dict[str, Any]:
    """What the solver's process answers; its status is "failed" where it does not."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and a constant; the problem goes in by stdin
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        waited = 0.0
        given: str | None = problem
        try:
            while True:
                look = min(_LOOK_SECONDS, patience - waited)
                try:
                    told, _ = process.communicate(given, timeout=look)
                    break
                except subprocess.TimeoutExpired:
                    waited, given = waited + look, None  # what was not yet sent goes on by itself
                watch(waited)
                if waited >= patience:
                    _refuse("optimum.time", "规定时间内没有找到可行的组卷。", "No form was found in the time allowed.")
        except BaseException:
            process.kill()
            raise
    answer: dict[str, Any] = json.loads(told) if process.returncode == 0 else {"status": "failed"}
    return answer


def _refuse(code: str, zh: str, en: str) -> NoReturn:
    raise NoOptimum(code, zh=zh, en=en)
