"""The routes of clearance."""

from app.web.desk import Desk

desk = Desk("clearance")
