"""Properties are tried on the same examples in every run: a failure here is a change of the code, never of luck."""

from hypothesis import settings

settings.register_profile("question_bank", derandomize=True, database=None, deadline=None, max_examples=100)
settings.load_profile("question_bank")
