"""The desk of exams: its routes stand in the modules beside this one."""

from app.web.desk import Desk

desk = Desk("exams")
