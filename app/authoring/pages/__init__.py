"""The routes of authoring: the bank, its lists, imports, pictures, the review desk."""

from app.authoring.pages import imports, items, lists, pictures, reviews
from app.authoring.pages.front import desk

__all__ = ["desk", "imports", "items", "lists", "pictures", "reviews"]
