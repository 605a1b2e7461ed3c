"""The routes of clearance."""

from app.clearance.pages import notices, offices, panel, recusals
from app.clearance.pages.routes import desk

__all__ = ["desk", "notices", "offices", "panel", "recusals"]
