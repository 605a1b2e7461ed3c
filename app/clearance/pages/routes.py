"""The one desk of clearance, to which its pages add their routes."""

from app.web.desk import Desk

desk = Desk("clearance")
