"""All acts beside the story. A route that writes is in one of them, or in the story."""

from tests.faults.acts import accounts, authoring, drill, exams, hall, lockdown, outcomes, paper, practice, retention

ACTS = (
    *accounts.ACTS,
    *authoring.ACTS,
    *paper.ACTS,
    *drill.ACTS,
    *exams.ACTS,
    *lockdown.ACTS,
    *outcomes.ACTS,
    *hall.ACTS,
    *practice.ACTS,
    *retention.ACTS,
)
REACHED = frozenset().union(*(act.routes for act in ACTS))
