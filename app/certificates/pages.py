"""The routes of certificates."""

from app.web.desk import Desk

desk = Desk("certificates")
