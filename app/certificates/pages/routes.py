"""The desk that the routes of certificates stand on."""

from app.web.desk import Desk

desk = Desk("certificates")
