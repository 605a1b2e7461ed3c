"""Measured costs as a file: what `python -m benchmarks costs` writes and `python -m benchmarks.scale` reads."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.scale.model import Cost, Costs, Request

KEPT = Path("var/costs.json")


def write_costs(costs: Costs, path: Path = KEPT) -> None:
    """As JSON, by request."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({request: asdict(cost) for request, cost in costs.items()}, indent=2) + "\n")


def read_costs(path: Path = KEPT) -> dict[Request, Cost]:
    """Of every request. Raises KeyError where one is missing, ValueError where the file is none of these."""
    told = json.loads(path.read_text())
    return {request: Cost(**told[request]) for request in Request}
