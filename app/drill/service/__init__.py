"""Drills: asked for by a person or at the command line, held by the worker, kept with what they found."""

from app.drill.service.asking import JOB, ask, cancel
from app.drill.service.holding import make_handler, tidy

__all__ = ["JOB", "ask", "cancel", "make_handler", "tidy"]
