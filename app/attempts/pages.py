"""The routes of attempts."""

from app.web.desk import Desk

desk = Desk("attempts")
