"""The rule book: what an item is, how forms are drawn from a pool, and how responses are scored.

Pure: no web, no database, no clock, no ambient randomness, no environment. Imports point downwards only:

    assembly → form → blueprint → kinds → items → scoring → canonical, record → wording, errors
"""
