"""The routes of authoring."""

from app.web.desk import Desk

desk = Desk("authoring")
