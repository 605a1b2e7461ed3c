"""最优固定卷: of a blueprint the one form that measures best at its cut score, found by a job, kept as a new draft."""
