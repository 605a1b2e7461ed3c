"""Times as pages say them."""

from datetime import UTC, datetime, timedelta

from app.web.templating import show_span

BEGIN = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 23:30 in China


def test_a_span_past_midnight_names_the_day_on_which_it_ends():
    assert show_span({"lang": "zh"}, BEGIN - timedelta(hours=2), BEGIN) == "2026年12月31日 21:30 – 23:30"
    assert show_span({"lang": "zh"}, BEGIN, BEGIN + timedelta(hours=2)) == "2026年12月31日 23:30 – 2027年1月1日 01:30"
    assert show_span({"lang": "en"}, BEGIN, BEGIN + timedelta(hours=2)) == "31 Dec 2026, 23:30 – 1 Jan 2027, 01:30"
