"""The process in which a programme of `optimal` is solved: JSON in on stdin, JSON out on stdout."""

import json
import sys
from typing import Any

_GAP = 1e-9


def answer() -> None:
    """Read one problem, print its solution."""
    sys.stdout.write(json.dumps(solve(json.load(sys.stdin))))


def solve(problem: dict[str, Any]) -> dict[str, Any]:
    """status ("optimal", "feasible", "infeasible" or "none"), chosen (indices) and bound of a problem."""
    import highspy
    import numpy as np

    worth = np.array(problem["worth"], dtype=np.float64)
    number, endless = len(worth), highspy.kHighsInf
    every = np.arange(number, dtype=np.int32)
    model = highspy.Highs()  # type: ignore[no-untyped-call]  # it publishes types for all but this
    model.silent()
    model.setOptionValue("threads", 1)
    model.setOptionValue("random_seed", 0)
    model.setOptionValue("mip_rel_gap", _GAP)
    model.setOptionValue("time_limit", float(problem["seconds"]))
    model.addVars(number, np.zeros(number), np.ones(number))
    model.changeColsCost(number, every, worth)
    model.changeColsIntegrality(number, every, np.array([highspy.HighsVarType.kInteger] * number))
    model.changeObjectiveSense(highspy.ObjSense.kMaximize)
    model.addRow(float(problem["count"]), float(problem["count"]), number, every, np.ones(number))
    for amounts, least, most in problem["rows"]:
        low, high = -endless if least is None else least, endless if most is None else most
        model.addRow(low, high, number, every, np.array(amounts, dtype=np.float64))
    for group in problem["apart"]:
        model.addRow(-endless, 1.0, len(group), np.array(group, dtype=np.int32), np.ones(len(group)))
    model.run()
    status, info = model.getModelStatus(), model.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return {"status": "infeasible"}
    chosen = [at for at, taken in enumerate(model.getSolution().col_value) if taken > 0.5]
    if len(chosen) != problem["count"] or info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return {"status": "none"}
    proved = status == highspy.HighsModelStatus.kOptimal
    return {"status": "optimal" if proved else "feasible", "chosen": chosen, "bound": info.mip_dual_bound}
