"""The routes of certificates: staff's lists and batches, the candidate's way, the public's check."""

from app.certificates.pages import batches, certificates, endings, public, way
from app.certificates.pages.routes import desk

__all__ = ["batches", "certificates", "desk", "endings", "public", "way"]
