"""The figures: every one with the label of its process, and none that a caller could multiply."""

from prometheus_client.parser import text_string_to_metric_families

from app.database import Database
from app.observability.metrics import Metrics


def samples(metrics: Metrics) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(metrics.render().decode())
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


def test_every_sample_carries_its_process() -> None:
    metrics = Metrics("web-1")
    metrics.count_request(method="GET", route="/exams", status=200, seconds=0.02)
    metrics.saves.labels("stored").inc()
    metrics.journal_batch.observe(12)
    found = samples(metrics)
    assert found
    assert {labels["process"] for _, labels, _ in found} == {"web-1"}
    assert (
        "chizheng_requests_total",
        {"method": "GET", "route": "/exams", "status": "200", "process": "web-1"},
        1.0,
    ) in found


def test_rendering_twice_gives_the_same() -> None:
    metrics = Metrics("web-1")
    metrics.saves.labels("stored").inc()
    assert metrics.render() == metrics.render()


def test_two_processes_of_one_machine_do_not_share_their_figures() -> None:
    one, two = Metrics("1"), Metrics("2")
    one.saves.labels("stored").inc()
    assert b"chizheng_saves_total{" in one.render()
    assert b"chizheng_saves_total{" not in two.render()


def test_a_callers_words_make_no_new_series() -> None:
    # P45
    metrics = Metrics("web-1")
    for n in range(50):
        metrics.count_request(method=f"X{n}", route=None, status=404, seconds=0)
    counted = [sample for sample in samples(metrics) if sample[0] == "chizheng_requests_total"]
    assert counted == [
        (
            "chizheng_requests_total",
            {"method": "OTHER", "route": "-", "status": "404", "process": "web-1"},
            50.0,
        )
    ]


def test_pool_and_log_are_read_at_the_moment_of_the_scrape(empty_database_url: str) -> None:
    database = Database(empty_database_url, pool_size=3)
    metrics = Metrics("web-1")
    metrics.watch_database(database)

    def pool() -> dict[str, float]:
        return {
            labels["state"]: value for name, labels, value in samples(metrics) if name == "chizheng_pool_connections"
        }

    with database.transaction(reading=True) as session:
        session.connection()
        assert pool() == {"in_use": 1, "idle": 0, "size": 3}
    assert pool() == {"in_use": 0, "idle": 1, "size": 3}
    if database.log is not None:
        database.log.pages, database.log.moved = 9, 7
    log = {labels["state"]: value for name, labels, value in samples(metrics) if name == "chizheng_write_ahead_pages"}
    assert log == ({"moved": 7, "waiting": 2} if database.dialect == "sqlite" else {})
    database.dispose()
