"""Use cases of certificates, by what is done: batches, issue, acts, public check, papers, the candidate's way."""
