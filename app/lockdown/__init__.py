"""Safe Exam Browser, as far as values decide: its settings, their Config Key, and the proofs that a browser shows.

Pure: it reads no database, no clock, no environment. What an exam asks for is in `app.exams`, who is let in in
`app.attempts.lockdown`.
"""
