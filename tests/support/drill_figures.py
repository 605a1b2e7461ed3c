"""The figures of a drill in which everything was well."""

from app.drill.rules import Figures, Front, Step

BORNE = Step(100, 100, 5_000, 0, 0, 300, 400, 2_000, 40, 0)
GOOD = Figures(
    candidates=100, saves=900, broken=(), wrongly_scored=0, errors=0, first_error="", refused=3, not_closed=0,
    sign_in_p99_us=400_000, start_p99_us=60_000, save_p99_us=9_000, hand_in_p99_us=30_000, closing_us=21_000_000,
    clock_offset_us=300, fsync_p99_us=4_000, disk_free_mb=50_000, connections_left=60, played={"away": 10},
    steps=(BORNE,), needed=7, front=Front("https://exam.example", True, True, 900, 0, 80, ()), changed=(),
)  # fmt: skip
