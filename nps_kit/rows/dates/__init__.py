"""Dates written as text: their order is read off the whole column, never guessed from one row."""

from nps_kit.rows.dates.column import Dates as Dates
from nps_kit.rows.dates.patterns import NUMBERED as NUMBERED
from nps_kit.rows.dates.patterns import Order as Order
from nps_kit.rows.dates.reading import find_dates as find_dates
from nps_kit.rows.dates.reading import read_dates as read_dates
