"""`python -m benchmarks.scale [--costs FILE]`: what each deployment of docs/scale.md bears, and what gives out first.

The costs are those that `python -m benchmarks costs` measured on this machine (var/costs.json).
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.scale.costs import KEPT, read_costs
from benchmarks.scale.model import Costs, Crowd, Deployment, Phase, bears, simulate

# Names and machines as docs/scale.md has them; a standby adds the way there and its disk to each commit.
DEPLOYMENTS: tuple[tuple[str, Deployment, Crowd], ...] = (
    ("county: 2 instances, database of 2 cores", Deployment(2, 2), Crowd(3_000)),
    ("city: 4 instances, 4 cores, standby", Deployment(4, 4, commit_ms=3), Crowd(10_000)),
    ("province: 40 instances, 32 cores, standby", Deployment(40, 32, commit_ms=3, network_mb=1_000), Crowd(100_000)),
    (
        "the same, forms from object storage",
        Deployment(40, 32, commit_ms=3, network_mb=1_000, forms_elsewhere=True),
        Crowd(100_000),
    ),
    (
        "country: 320 instances, 8 databases of 32 cores, forms from object storage",
        Deployment(320, 32, commit_ms=3, databases=8, network_mb=8_000, forms_elsewhere=True),
        Crowd(1_000_000),
    ),
)


def table(costs: Costs) -> list[str]:
    """The table of docs/scale.md, a row for each deployment."""
    lines = [
        "| deployment | meant for | bears | gives out first | start, s | save, s | bell, s |",
        "|---|--:|--:|---|--:|--:|--:|",
    ]
    for name, deployment, crowd in DEPLOYMENTS:
        most, (part, phase) = bears(deployment, costs, crowd)
        waits = simulate(crowd, deployment, costs).waits
        longest = " | ".join(f"{waits[each]:.2g}" for each in (Phase.START, Phase.STEADY, Phase.BELL))
        lines.append(f"| {name} | {crowd.candidates:,} | {most:,} | {part}, {phase} | {longest} |")
    return lines


def elasticities(costs: Costs) -> list[str]:
    """What doubling one thing does to what the province bears: where the next machine should stand."""
    _, deployment, crowd = DEPLOYMENTS[2]
    base, _ = bears(deployment, costs, crowd)
    changes = {
        "nothing changed": (deployment, crowd),
        "twice the instances": (replace(deployment, instances=2 * deployment.instances), crowd),
        "twice the cores of the database": (
            replace(deployment, database_cores=2 * deployment.database_cores),
            crowd,
        ),
        "both": (
            replace(deployment, instances=2 * deployment.instances, database_cores=2 * deployment.database_cores),
            crowd,
        ),
        "commits that take twice as long": (replace(deployment, commit_ms=2 * deployment.commit_ms), crowd),
        "a save every ten seconds": (deployment, replace(crowd, save_every_seconds=10)),
        "starts within half a second": (deployment, replace(crowd, start_seconds=0.5)),
    }
    lines = ["| the province, with | bears, as a share of before | gives out first |", "|---|--:|---|"]
    for name, (machines, people) in changes.items():
        most, (part, phase) = bears(machines, costs, people)
        lines.append(f"| {name} | {most / base:.2f} | {part}, {phase} |")
    return lines


def main() -> int:
    """Print the tables; 2 where nothing was measured yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--costs", type=Path, default=KEPT, help=f"measured costs, {KEPT} unless told")
    chosen = parser.parse_args()
    if not chosen.costs.exists():
        print(f"{chosen.costs} is not there: measure first, with `python -m benchmarks costs`", file=sys.stderr)
        return 2
    costs = read_costs(chosen.costs)
    print("\n".join([*table(costs), "", *elasticities(costs)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
