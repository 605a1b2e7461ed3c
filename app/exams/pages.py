"""The routes of exams."""

from app.web.desk import Desk

desk = Desk("exams")
