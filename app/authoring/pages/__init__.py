"""The routes of authoring: the bank, its lists, imports, pictures, the review desk."""

from app.authoring.pages import (
    assigning,
    documents,
    exports,
    imports,
    items,
    lists,
    pairs,
    pictures,
    promises,
    reviews,
    threads,
    together,
    topics,
)
from app.authoring.pages.front import desk, hall

__all__ = [
    "assigning",
    "desk",
    "documents",
    "exports",
    "hall",
    "imports",
    "items",
    "lists",
    "pairs",
    "pictures",
    "promises",
    "reviews",
    "threads",
    "together",
    "topics",
]
