"""The reckoning of many machines: known cases by hand, and more of anything never bears less."""

from dataclasses import replace

import pytest

from benchmarks.scale.__main__ import DEPLOYMENTS, elasticities, table
from benchmarks.scale.costs import read_costs, write_costs
from benchmarks.scale.model import Cost, Crowd, Deployment, Phase, Request, bears, demand, simulate

FREE = dict.fromkeys(Request, Cost(0.0, 0.0, 0.0))
COSTS = {**FREE, Request.SAVE: Cost(1.0, 0.1), Request.LOOK: Cost(0.2, 0.0), Request.START: Cost(2.0, 1.0)}


def only(request, cost):
    return {**FREE, request: cost}


def test_everybody_asks_for_everything_once_and_goes_on_for_the_whole_hour():
    asked = dict.fromkeys(Request, 0.0)
    for _, _, requests in demand(Crowd(1_000)):
        for request, count in requests.items():
            asked[request] += count
    once = {Request.SIGN_IN, Request.PROMISE, Request.FORM, Request.START, Request.HAND_IN}
    assert {request: round(asked[request]) for request in once} == dict.fromkeys(once, 1_000)
    assert asked[Request.SAVE] == pytest.approx(1_000 * 3605 / 20)


def test_one_instance_bears_what_seven_tenths_of_a_core_do():
    # 0.7 × 1000 ms a second ÷ (1 ms a save ÷ 20 s) = 14,000
    most, what = bears(Deployment(1, 64), only(Request.SAVE, Cost(1.0, 0.0)), Crowd(1))
    assert most == pytest.approx(14_000, rel=0.011)
    assert what == ("instances", Phase.STEADY)


def test_a_storm_waits_for_as_long_as_the_work_takes_beyond_its_spread():
    # 10,000 × 2 ms on four cores are 5 s of work within 2 s
    day = simulate(Crowd(10_000), Deployment(4, 64), only(Request.START, Cost(2.0, 0.0)))
    assert day.waits[Phase.START] == pytest.approx(3.0, abs=0.1)
    assert day.gives_out() is None
    assert simulate(Crowd(20_000), Deployment(4, 64), only(Request.START, Cost(2.0, 0.0))).gives_out() == (
        "instances",
        Phase.START,
    )


def test_a_slow_commit_is_felt_by_the_journals():
    slow = Deployment(1, 64, commit_ms=1_000)  # 500 rows a second
    assert bears(slow, only(Request.SAVE, Cost(0.001, 0.0)), Crowd(1))[1] == ("journals", Phase.START)


def test_forms_from_elsewhere_do_not_pass_the_network():
    costs = only(Request.FORM, Cost(0.001, 0.0, 1_000.0))
    here = Deployment(1, 64, network_mb=10)
    assert bears(here, costs, Crowd(1))[1] == ("network", Phase.DOOR)
    assert simulate(Crowd(20_000), replace(here, forms_elsewhere=True), costs).gives_out() is None


@pytest.mark.parametrize(
    "more",
    [{"instances": 80}, {"database_cores": 64}, {"commit_ms": 1.0}, {"databases": 2}, {"network_mb": 2_000.0}],
    ids=lambda more: next(iter(more)),
)
def test_more_of_anything_never_bears_less(more):
    _, deployment, crowd = DEPLOYMENTS[2]
    assert bears(replace(deployment, **more), COSTS, crowd)[0] >= 0.99 * bears(deployment, COSTS, crowd)[0]


def test_the_tables_have_a_row_for_each_deployment_and_costs_come_back_as_they_were(tmp_path):
    write_costs(COSTS, tmp_path / "costs.json")
    costs = read_costs(tmp_path / "costs.json")
    assert costs == COSTS
    assert len(table(costs)) == 2 + len(DEPLOYMENTS)
    assert "| nothing changed | 1.00 |" in elasticities(costs)[2]
