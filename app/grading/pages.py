"""The routes of grading."""

from app.web.desk import Desk

desk = Desk("grading")
