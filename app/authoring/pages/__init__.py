"""The routes of authoring: the bank, imports, the review desk."""

from app.authoring.pages import imports, items, pictures, reviews
from app.authoring.pages.front import desk

__all__ = ["desk", "imports", "items", "pictures", "reviews"]
