"""The routes of people."""

from app.web.desk import Desk

desk = Desk("people")
