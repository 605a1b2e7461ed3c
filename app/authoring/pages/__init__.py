"""The routes of authoring: the bank, its lists, imports, pictures, the review desk."""

from app.authoring.pages import documents, imports, items, lists, pairs, pictures, reviews
from app.authoring.pages.front import desk

__all__ = ["desk", "documents", "imports", "items", "lists", "pairs", "pictures", "reviews"]
